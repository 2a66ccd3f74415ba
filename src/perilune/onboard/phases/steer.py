"""Which thrust acceleration is wanted now, in the site's axes, by the law of the phase."""

from importlib import import_module
from types import ModuleType

import jax
import jax.numpy as jnp

from perilune.onboard.guidance.situation import (
    SHORTEST_TIME_TO_GO_S,
    GuidanceCommand,
    Situation,
)
from perilune.onboard.guidance.view import View
from perilune.onboard.phases.progress import Progress, figures_of
from perilune.onboard.upload import Upload


def steer(
    upload: Upload, progress: Progress, view: View, tick_s: jax.Array, entered: jax.Array
) -> GuidanceCommand:
    """The command of the law of the phase; `entered` is true on the phase's first tick.

    Laws that no phase of the list uses are not compiled.
    """
    remaining_s = jnp.maximum(progress.time_to_go_s - tick_s, SHORTEST_TIME_TO_GO_S)
    figures = figures_of(upload, progress.phase)
    now = Situation(upload.plan, upload.chart, figures, view, entered, remaining_s)
    chosen = upload.phases.law[progress.phase]
    commands = [_law(name).command(now) for name in upload.phases.laws]
    picked = commands[0]
    for place, command in enumerate(commands[1:], 1):
        picked = jax.tree.map(
            lambda one, other, at=place: jnp.where(chosen == at, one, other), command, picked
        )
    return picked


def _law(name: str) -> ModuleType:
    """A law by its name in the mission's file: the module beside this one."""
    return import_module(f"perilune.onboard.guidance.{name}")
