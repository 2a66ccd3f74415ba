"""What can turn the lander about each body axis, at ignition and at touchdown, and how fast."""

from dataclasses import dataclass

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Bool, Float

from perilune.design.build_lander import tank_loads_kg
from perilune.design.engine_axes import engine_authority_n_m
from perilune.design.nozzles_in_use import tables_of
from perilune.design.numbers import to_arrays
from perilune.design.phase_budget import Steps
from perilune.design.plan import Design
from perilune.interfaces.descent_phase import Phase
from perilune.mechanics.mass_properties import MassProperties, mass_properties
from perilune.mission.consistency_checks import landed_kg
from perilune.mission.propulsion import engines_of, name_of
from perilune.truth.actuators.engines import Engines


@dataclass(frozen=True, kw_only=True)
class Authority:
    """At one mass and throttle; torques that can be had both ways about x, y and z."""

    case: str
    mass_kg: float
    engines_n_m: Float[np.ndarray, "3"]  # by gimbals, and by throttles where there are several
    nozzles_n_m: Float[np.ndarray, "3"]
    inertia_kg_m2: Float[np.ndarray, "3"]
    off_line_m: Float[np.ndarray, "2"]  # centre of mass off the line of thrust, along x and y
    trimmed_m: Float[np.ndarray, "2"]  # as far off as the engines can hold it

    @property
    def engines_rad_s2(self) -> Float[np.ndarray, "3"]:
        """What the engines' torque gains in a second."""
        return self.engines_n_m / self.inertia_kg_m2

    @property
    def nozzles_rad_s2(self) -> Float[np.ndarray, "3"]:
        """What the nozzles' torque gains in a second."""
        return self.nozzles_n_m / self.inertia_kg_m2


def authorities(designed: Design, steps: Steps) -> tuple[Authority, Authority]:
    """At ignition and at touchdown, with the engines of the phase, at the throttle it has there."""
    powered = np.flatnonzero(steps.throttle_fraction > 0.0)
    first, last = int(powered[0]), int(powered[-1])
    return (
        _authority(designed, steps, first, "ignition"),
        _authority(designed, steps, last, "touchdown"),
    )


def _authority(designed: Design, steps: Steps, row: int, case: str) -> Authority:
    mass_kg = float(steps.falling.mass_kg[row])
    throttle = float(steps.throttle_fraction[row])
    plan, of = designed.plan, _properties(designed, steps, mass_kg)
    center_m = np.asarray(of.center_body_m)
    engines = _burning(plan.vehicle.engines, _used(steps, row))
    gimbals_n_m = engine_authority_n_m(engines, center_m, False, throttle)
    both_n_m = engine_authority_n_m(engines, center_m, True, throttle)
    most_n_m = np.abs(np.maximum(gimbals_n_m, both_n_m))
    force_n = throttle * np.asarray(engines.max_thrust_n)[:, None] * _axes(engines)
    arms_m = np.asarray(engines.position_body_m) - center_m
    torque_n_m = np.sum(np.cross(arms_m, force_n), axis=0)
    lift_n = float(np.sum(force_n[:, 2]))
    return Authority(
        case=case,
        mass_kg=mass_kg,
        engines_n_m=most_n_m,
        nozzles_n_m=tables_of(
            steps.mission.lander, _phase(steps, row), plan.vehicle.nozzles, center_m
        ).authority_n_m(),
        inertia_kg_m2=np.diag(np.asarray(of.inertia_kg_m2)),
        # A centre of mass off by +x turns the thrust about +y by -x F, one by +y about +x.
        off_line_m=np.array([torque_n_m[1], -torque_n_m[0]]) / lift_n,
        trimmed_m=most_n_m[[1, 0]] / lift_n,
    )


def _properties(designed: Design, steps: Steps, mass_kg: float) -> MassProperties:
    lander = to_arrays(designed.plan.numbers).lander
    loads_kg = tank_loads_kg(lander, jnp.asarray(mass_kg - landed_kg(steps.mission)))
    return mass_properties(designed.plan.vehicle.mass, loads_kg)


def _used(steps: Steps, row: int) -> Bool[np.ndarray, " E"]:
    """Which engines the phase of a row burns."""
    names = _phase(steps, row).engines
    return np.array(
        [not names or name_of(each) in names for each in engines_of(steps.mission.lander)]
    )


def _phase(steps: Steps, row: int) -> Phase:
    return steps.mission.descent.phases[int(np.asarray(steps.falling.progress.phase)[row])]


def _burning(engines: Engines, used: Bool[np.ndarray, " E"]) -> Engines:
    return jax.tree.map(lambda leaf: np.asarray(leaf)[used], engines)


def _axes(engines: Engines) -> Float[np.ndarray, "E 3"]:
    """The direction of each engine's force at no gimbal."""
    return np.asarray(engines.body_from_mount)[..., 2]
