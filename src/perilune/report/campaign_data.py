"""A campaign as its figures read it: the document, one row a flight, what goes beside them."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from jaxtyping import Bool, Float

from perilune.campaign.statistics.columns import flags, numbers_if_any

MARGIN = "margin_"


@dataclass(frozen=True)
class Flights:
    """A campaign ready to draw: `campaign.json`, its rows, and `extras` (see `campaign_html`)."""

    document: Mapping
    table: pa.Table
    extras: Mapping

    def __getitem__(self, name: str) -> Float[np.ndarray, " flight"]:
        return numbers_if_any(self.table, name)


def has(flights: Flights, *names: str) -> bool:
    """Whether every one of these columns says something for some flight."""
    return all(np.isfinite(flights[name]).any() for name in names)


def varies(values: Float[np.ndarray, " flight"]) -> bool:
    """Whether values have a distribution worth drawing: more than two that differ."""
    return np.unique(values[np.isfinite(values)]).size > 2


def clean_of(table: pa.Table) -> Bool[np.ndarray, " flights"]:
    """Which flights were clean."""
    return flags(table, "clean")


def criteria_of(flights: Flights) -> list[str]:
    """The criteria that were judged, in the order of the rows' columns."""
    return [
        name.removeprefix(MARGIN) for name in flights.table.column_names if name.startswith(MARGIN)
    ]


def limit_of(flights: Flights, name: str) -> float | None:
    """The limit of a criterion, None where the campaign has no such limit."""
    return flights.extras.get("limits", {}).get(name)
