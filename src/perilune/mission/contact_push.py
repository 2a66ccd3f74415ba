"""Nozzles that stay open when a lander has touched down: what a mission says of them."""

from typing import Annotated

from pydantic import Field

from perilune.interfaces.table import Table, Why


class ContactPush(Table):
    """Nozzles that open when the first footpad switch closes, as all else goes off: to hold the
    lander down, or to push it over."""

    nozzles: Annotated[tuple[str, ...], Field(min_length=1, max_length=32)]
    """By their paths in the lander's file: `thrusters.nozzles.3`, or `thrusters` for all."""
    duration_s: Annotated[
        float, Field(gt=0.0, le=10.0), Why("no lander is followed for longer on the ground")
    ]
    """How long they stay open."""
