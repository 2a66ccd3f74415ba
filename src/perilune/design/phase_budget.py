"""What each phase of the planned descent asks of the engines, and what propellant is left."""

import math
from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float

from perilune.design.deorbit_burn import deorbit_throttle
from perilune.design.plan import Design
from perilune.design.rehearsal import STEP_S, Falling, steps_of
from perilune.interfaces.descent_phase import Phase
from perilune.mechanics.constants import MOON_RADIUS_M
from perilune.mechanics.rocket import exhaust_speed_m_s
from perilune.mission.consistency_checks import SURFACE_GRAVITY_M_S2, landed_kg
from perilune.mission.mission import Mission
from perilune.mission.orbit_checks import radii_m
from perilune.mission.phase_events import burn_of
from perilune.mission.propulsion import Propulsion, propulsion_of

TRANSIENT_S = 1.0
FULL = 0.999
"""Share of full thrust from which it counts as all of it."""


@dataclass(frozen=True, kw_only=True)
class PhaseNeed:
    """A powered phase as it is rehearsed; throttles are shares of the thrust of its engines."""

    name: str
    lasts_s: float
    from_height_m: float  # of the pads over the ground
    start_kg: float
    end_kg: float
    least_throttle_fraction: float
    most_throttle_fraction: float
    held_throttle_fraction: float  # exceeded for a second at most, as where a phase takes over
    full_s: float  # how long all of the thrust is asked for
    floor_fraction: float
    start_thrust_to_weight_factor: float  # full thrust over the weight on the Moon
    end_thrust_to_weight_factor: float
    gained_m_s: float  # by the rocket equation


@dataclass(frozen=True, kw_only=True)
class Propellant:
    """From the flight's start on."""

    start_kg: float
    burn_kg: float  # the descent-orbit burn
    descent_kg: float
    left_kg: float
    left_m_s: float  # what the rest could still gain
    needed_m_s: float


@dataclass(frozen=True, kw_only=True)
class Steps:
    """The rehearsed descent row by row, and which phase each row is in."""

    falling: Falling
    mission: Mission
    since_ignition_s: Float[np.ndarray, " n"]
    throttle_fraction: Float[np.ndarray, " n"]

    def is_in(self, index: int) -> Bool[np.ndarray, " n"]:
        """The rows of a phase."""
        return np.asarray(self.falling.progress.phase) == index


def rehearsed_steps(mission: Mission, designed: Design) -> Steps:
    """The planned descent flown by guidance alone once more, each step of it kept."""
    falling = steps_of(designed.plan, designed.ignition, designed.rehearsal.touchdown_s)
    masses_kg = np.concatenate([[designed.ignition.mass_kg], falling.mass_kg])
    phase = np.asarray(falling.progress.phase)
    throttle = np.zeros(len(phase))
    for index, each in enumerate(mission.descent.phases):
        engines, rows = propulsion_of(mission.lander, each.engines), phase == index
        thrust_n = -np.diff(masses_kg)[rows] / STEP_S * _exhaust_m_s(engines)
        throttle[rows] = thrust_n / engines.max_thrust_n
    since_s = np.asarray(falling.time_s) - designed.ignition.time_s
    return Steps(
        falling=falling, mission=mission, since_ignition_s=since_s, throttle_fraction=throttle
    )


def phase_needs(steps: Steps) -> tuple[PhaseNeed, ...]:
    """Of each phase from ignition on in which engines burn, in their order."""
    phases = steps.mission.descent.phases
    return tuple(
        _need(steps, index, phase)
        for index, phase in enumerate(phases)
        if phase.engine and steps.is_in(index).any()
    )


def _need(steps: Steps, index: int, phase: Phase) -> PhaseNeed:
    rows = steps.is_in(index)
    engines = propulsion_of(steps.mission.lander, phase.engines)
    mass_kg = np.asarray(steps.falling.mass_kg)[rows]
    throttle = steps.throttle_fraction[rows]
    weight_n = mass_kg * SURFACE_GRAVITY_M_S2
    return PhaseNeed(
        name=phase.name,
        lasts_s=STEP_S * float(rows.sum()),
        from_height_m=float(np.asarray(steps.falling.height_m)[rows][0]),
        start_kg=float(mass_kg[0]),
        end_kg=float(mass_kg[-1]),
        least_throttle_fraction=float(throttle.min()),
        most_throttle_fraction=float(throttle.max()),
        held_throttle_fraction=_held(throttle),
        full_s=STEP_S * float((throttle >= FULL).sum()),
        floor_fraction=engines.min_thrust_n / engines.max_thrust_n,
        start_thrust_to_weight_factor=engines.max_thrust_n / weight_n[0],
        end_thrust_to_weight_factor=engines.max_thrust_n / weight_n[-1],
        gained_m_s=_exhaust_m_s(engines) * math.log(mass_kg[0] / mass_kg[-1]),
    )


def _held(throttle: Float[np.ndarray, " n"]) -> float:
    """Of throttles step by step the highest but for the highest second of them."""
    skipped = min(round(TRANSIENT_S / STEP_S), len(throttle) - 1)
    return float(np.sort(throttle)[-1 - skipped])


def burn_need(mission: Mission, designed: Design) -> PhaseNeed | None:
    """The descent-orbit burn at its one throttle; None where the flight has none."""
    index = burn_of(mission.descent.phases)
    if index is None:
        return None
    phase = mission.descent.phases[index]
    engines = propulsion_of(mission.lander, phase.engines)
    start_kg, end_kg = float(designed.plan.upload.vehicle.start_mass_kg), designed.ignition.mass_kg
    throttle = deorbit_throttle(mission)
    flow_kg_s = throttle * engines.max_thrust_n / _exhaust_m_s(engines)
    return PhaseNeed(
        name=phase.name,
        lasts_s=(start_kg - end_kg) / flow_kg_s,
        from_height_m=radii_m(mission)[1] - MOON_RADIUS_M,
        start_kg=start_kg,
        end_kg=end_kg,
        least_throttle_fraction=throttle,
        most_throttle_fraction=throttle,
        held_throttle_fraction=throttle,
        full_s=0.0,
        floor_fraction=engines.min_thrust_n / engines.max_thrust_n,
        start_thrust_to_weight_factor=engines.max_thrust_n / start_kg / SURFACE_GRAVITY_M_S2,
        end_thrust_to_weight_factor=engines.max_thrust_n / end_kg / SURFACE_GRAVITY_M_S2,
        gained_m_s=_exhaust_m_s(engines) * math.log(start_kg / end_kg),
    )


def propellant_of(mission: Mission, designed: Design) -> Propellant:
    """What there is at the start, what the plan takes of it, and what is left at touchdown."""
    start_kg = float(designed.plan.upload.vehicle.start_mass_kg)
    empty_kg, end_kg = landed_kg(mission), designed.rehearsal.end_mass_kg
    exhaust_m_s = _exhaust_m_s(propulsion_of(mission.lander))
    return Propellant(
        start_kg=start_kg - empty_kg,
        burn_kg=start_kg - designed.ignition.mass_kg,
        descent_kg=designed.ignition.mass_kg - end_kg,
        left_kg=end_kg - empty_kg,
        left_m_s=exhaust_m_s * math.log(end_kg / empty_kg),
        needed_m_s=exhaust_m_s * math.log(start_kg / end_kg),
    )


def _exhaust_m_s(engines: Propulsion) -> float:
    return float(exhaust_speed_m_s(engines.specific_impulse_s))
