"""Which thrust acceleration is wanted now, in the site's axes, by the law of the phase."""

import dataclasses
from functools import partial
from importlib import import_module
from types import ModuleType

import jax
import jax.numpy as jnp
from jaxtyping import Array, Bool, Float

from perilune.mechanics.batching import if_any_lane
from perilune.mechanics.rocket import exhaust_speed_m_s
from perilune.onboard.guidance.situation import (
    SHORTEST_TIME_TO_GO_S,
    GuidanceCommand,
    Situation,
)
from perilune.onboard.guidance.view import View
from perilune.onboard.phases.in_use import vehicle_of
from perilune.onboard.phases.progress import Progress, figures_of, from_target
from perilune.onboard.upload import Upload


def steer(
    upload: Upload,
    progress: Progress,
    view: View,
    most_m_s2: Float[Array, ""],
    tick_s: Float[Array, ""],
    entered: Bool[Array, ""],
) -> GuidanceCommand:
    """The command of the law of the phase; `entered` is true on the phase's first tick.

    `most_m_s2` is the acceleration that full thrust gives.

    Laws that no phase of the list uses are not compiled, and one that no flight of a batch is at
    is skipped.
    """
    remaining_s = jnp.maximum(progress.time_to_go_s - tick_s, SHORTEST_TIME_TO_GO_S)
    figures = figures_of(upload, progress.phase)
    vehicle = vehicle_of(upload, progress.phase)
    now = Situation(
        plan=upload.plan,
        chart=upload.chart,
        gains=upload.descent_gains,
        figures=figures,
        view=from_target(upload, progress.phase, view),
        most_m_s2=most_m_s2,
        exhaust_m_s=exhaust_speed_m_s(vehicle.specific_impulse_s),
        entered=entered,
        remaining_s=remaining_s,
    )
    chosen = upload.phases.law[progress.phase]
    first, *others = upload.phases.laws
    picked = _command(first, now)
    for place, name in enumerate(others, 1):
        picked = if_any_lane(chosen == place, partial(_command, name, now), picked)
    return _with_set_throttle(picked, figures)


def _with_set_throttle(
    picked: GuidanceCommand, figures: dict[str, Float[Array, "..."]]
) -> GuidanceCommand:
    """The throttle that the phase sets, whatever its law asks for, where any phase sets one."""
    if "throttle_fraction" not in figures:
        return picked
    own = figures["throttle_fraction"]
    return dataclasses.replace(picked, throttle=jnp.where(jnp.isnan(own), picked.throttle, own))


def _command(law: str, now: Situation, _: GuidanceCommand | None = None) -> GuidanceCommand:
    """Of a law, as arrays, so that all laws answer alike; nothing depends on another's."""
    return jax.tree.map(lambda each: jnp.array(each, float), _law(law).command(now))


def _law(name: str) -> ModuleType:
    """A law by its name in the mission's file: the module beside this one."""
    return import_module(f"perilune.onboard.guidance.{name}")
