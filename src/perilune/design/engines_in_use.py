"""Which engines and sensors each phase uses, as the upload states it."""

from collections.abc import Iterable, Sequence

import jax
import numpy as np
from jaxtyping import Array, Bool, Float

from perilune.design.engine_axes import engine_axes
from perilune.design.typed_arrays import of_numbers
from perilune.interfaces.descent_phase import LANDED, Phase
from perilune.interfaces.sensor import Rate
from perilune.interfaces.sensor_kinds import sensor_of
from perilune.interfaces.units import kind_of
from perilune.mission.lander import Lander
from perilune.mission.propulsion import engines_of, name_of, propulsion_of
from perilune.onboard.phase_table import EnginesInUse
from perilune.truth.actuators.engines import Engines, least_thrust_n


def engines_in_use(
    lander: Lander,
    phases: Sequence[Phase],
    engines: Engines,
    center_body_m: Float[Array, "3"],
    nozzle_torque_n_m: Float[np.ndarray, "p 3"],
) -> EnginesInUse | None:
    """Row by row of the phases, and of being landed; None where all burn in every one.

    `center_body_m` is the empty vehicle's centre of mass, `nozzle_torque_n_m` what those nozzles
    have about it that turn the lander in the phase; where these differ, the axes of engines do too.
    """
    if not any(phase.engines or phase.nozzles for phase in phases):
        return None
    rows = [
        _row(lander, phase.engines, engines, center_body_m, torque_n_m)
        for phase, torque_n_m in zip((*phases, LANDED), nozzle_torque_n_m, strict=True)
    ]
    return jax.tree.map(lambda *each: np.stack(each), *rows)


def _row(
    lander: Lander,
    names: Sequence[str],
    engines: Engines,
    center_body_m: Float[Array, "3"],
    nozzle_torque_n_m: Float[np.ndarray, "3"],
) -> EnginesInUse:
    some, every = propulsion_of(lander, names), propulsion_of(lander)
    used = np.array([name_of(label) in names or not names for label in engines_of(lander)])
    full_n, least_n = np.asarray(engines.max_thrust_n), np.asarray(least_thrust_n(engines))
    burning = jax.tree.map(lambda leaf: np.asarray(leaf)[used], engines)
    turned, throttled = engine_axes(burning, center_body_m, nozzle_torque_n_m)
    floor = least_n / full_n / (some.min_thrust_n / some.max_thrust_n)
    return of_numbers(
        EnginesInUse,
        max_thrust_factor=some.max_thrust_n / every.max_thrust_n,
        min_thrust_factor=some.min_thrust_n / every.min_thrust_n,
        specific_impulse_factor=some.specific_impulse_s / every.specific_impulse_s,
        engine_fraction=np.where(used, full_n / some.max_thrust_n, 0.0),
        engine_floor_factor=np.where(used, floor, 0.0),
        engine_axis_factor=turned,
        throttle_axis_factor=throttled,
    )


def sensors_in_use(
    labels: Iterable[str], phases: Sequence[Phase]
) -> dict[str, Bool[np.ndarray, " p"]] | None:
    """Of each unit but the inertial ones: whether each phase listens; None where all always do."""
    if not any(phase.sensors for phase in phases):
        return None
    rows = (*phases, LANDED)
    return {
        label: np.array([_is_heard(label, row.sensors) for row in rows])
        for label in labels
        if sensor_of(label).rate is not Rate.TICK
    }


def _is_heard(label: str, named: Sequence[str]) -> bool:
    return not named or label in named or kind_of(label) in named
