"""The rule of the control gains: how fast a vehicle's loops may be, from what it is believed to be.

Sources: PD attitude loop with lags, Wie, *Space Vehicle Dynamics and Control* (2008), 7.2; the
engine's side force against the turn it makes, Greensite, NASA CR-826 (1967), *Attitude control
during launch*; margins as in docs/understand/guidance-and-control.md.
"""

import dataclasses
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple, Self

import numpy as np
from jaxtyping import Array, Float

from perilune.interfaces.clock import CLOCK_S, TICK_COUNT
from perilune.mechanics.constants import MOON_GM_M3_S2, MOON_RADIUS_M
from perilune.mission.lander import Lander
from perilune.mission.propulsion import engines_of, propulsion_of
from perilune.onboard.control.attitude import FREQUENCY_TIMES_TICK
from perilune.onboard.upload import VehicleBelief

TICK_S = CLOCK_S * TICK_COUNT
GRAVITY_M_S2 = MOON_GM_M3_S2 / MOON_RADIUS_M**2
FILLS = (0.0, 0.25, 0.5, 0.75, 1.0)
LANDING_FILL_FACTOR = 0.1
"""Propellant of a landing over the dry mass."""

DAMPING_FACTOR = 0.8
"""The damping ratio that the figures below are for; others are scaled for a lander's own."""
LAG_FACTOR = 0.25
"""Attitude bandwidth times actuator lag and tick: 45 deg of phase margin."""
FULL_TORQUE_RAD = 0.1
"""Attitude error at which the loop may ask for all the torque there is."""
DRIFT_FACTOR = 0.28
"""Gain on drift over attitude bandwidth: 9.1 dB of gain margin, lags and what is felt left out."""
POSITION_FACTOR = 0.25
"""Gain on position over that on drift."""
SINK_FACTOR = 0.2
"""Gain on the rate of descent times engine lag and half a tick: 60 deg of phase margin."""
FASTEST_SINK_PER_S = 0.8
"""More is not needed: from 3 m/s to 1 m/s it slows down over 8 m, within 0.3 of its weight."""
SLOWING_FACTOR = 0.3125
"""Slowing down by height over the gain on the rate of descent."""
DISTURBANCE_FACTOR = 12.0
"""Time constant of what is felt of the engines times attitude bandwidth."""


@dataclass(frozen=True, kw_only=True)
class Actuation:
    """What turns the vehicle about a body axis while its engines burn, at one mass in a hover."""

    axis: str  # "x" or "y"
    mass_kg: float
    by: str  # "gimbal", "throttles" or "nozzles"
    lag_s: float
    turn_limit_rad_s2: float  # the most it can do, both ways round
    side_frequency_rad_s: float
    """At which the side force that turns it is as large as the thrust's by the tilt: the root of
    T l/I for a gimbal at an arm l under the centre of mass; infinite where there is none."""


@dataclass(frozen=True, kw_only=True)
class ControlGains:
    """Gains by the rule, SI, and what limits the attitude's bandwidth."""

    vehicle_frequency_rad_s: float
    attitude_frequency_rad_s: float  # no more than the lander's file allows
    limited_by: str
    sink_gain_per_s: float
    slowing_per_s: float
    drift_gain_per_s: float
    position_gain_per_s: float
    disturbance_time_s: float  # of the filter on what thrust and torque are felt to be
    drift_factor: float = 1.0  # of the rule's gain on drift, for liquid that sways

    def slowed(self, drift_factor: float) -> Self:
        """With so much of the gain on drift; that on position meets no liquid and stays."""
        return dataclasses.replace(
            self,
            drift_gain_per_s=drift_factor * self.drift_gain_per_s,
            drift_factor=drift_factor * self.drift_factor,
        )


def control_gains(lander: Lander, vehicle: VehicleBelief) -> ControlGains:
    """The gains of a lander, one set for the whole flight, of the mass that allows the least.

    Attitude: no faster than actuator lag and tick allow; than the gimbal's side force allows, which
    first pushes the wrong way; and than the torque that there is. The others follow as fractions.
    """
    damping = lander.control.damping_factor
    every = [
        limit
        for mass_kg in hover_masses_kg(lander, vehicle)
        for each in actuations(lander, vehicle, mass_kg)
        for limit in _limits(each, damping)
    ]
    frequency, limited_by, limiting = min(every, key=lambda limit: limit[0])
    allowed = min(frequency, lander.control.attitude_frequency_rad_s)
    drift = DRIFT_FACTOR * min(damping / DAMPING_FACTOR, DAMPING_FACTOR / damping) * allowed
    sink = min(FASTEST_SINK_PER_S, SINK_FACTOR / (throttle_lag_s(lander) + 0.5 * TICK_S))
    return ControlGains(
        vehicle_frequency_rad_s=frequency,
        attitude_frequency_rad_s=allowed,
        limited_by=(
            f"{limited_by} at {limiting.mass_kg:.0f} kg"
            if frequency <= allowed
            else "`lander.control.attitude_frequency`"
        ),
        sink_gain_per_s=sink,
        slowing_per_s=SLOWING_FACTOR * sink,
        drift_gain_per_s=drift,
        position_gain_per_s=POSITION_FACTOR * drift,
        disturbance_time_s=DISTURBANCE_FACTOR / allowed,
    )


def _limits(each: Actuation, damping_factor: float) -> Iterator[tuple[float, str, Actuation]]:
    """(bandwidth, why, of what) for each limit of an axis."""
    lag = LAG_FACTOR * min(1.0, DAMPING_FACTOR / damping_factor)
    yield lag / (each.lag_s + TICK_S), f"the lag of its {each.by}", each
    yield FREQUENCY_TIMES_TICK / TICK_S, "the flight software's tick", each
    yield each.side_frequency_rad_s, "the side force of its gimbal", each
    yield math.sqrt(each.turn_limit_rad_s2 / FULL_TORQUE_RAD), f"the torque of its {each.by}", each


def hover_masses_kg(
    lander: Lander, vehicle: VehicleBelief, fills: Sequence[float] = FILLS
) -> list[float]:
    """Masses between that of a landing (fill 0) and that of full tanks (1), rising."""
    empty_kg, full_kg = float(vehicle.empty_mass_kg), float(vehicle.full_mass_kg)
    dry_kg = lander.mass.dry_kg + lander.mass.payload_kg
    low_kg = min(empty_kg + LANDING_FILL_FACTOR * dry_kg, full_kg)
    return [low_kg + fill * (full_kg - low_kg) for fill in fills]


def engine_lag_s(lander: Lander) -> float:
    """Time constant of the slowest engine, rising or falling."""
    engines = engines_of(lander).values()
    return max(engine.lag_s * max(1.0, engine.lag_down_factor) for engine in engines)


def throttle_lag_s(lander: Lander) -> float:
    """Of the thrust that is ordered: the slowest engine's, its pulses counted.

    What changes of a pulse is its end, which comes up to a tick after the order, half a tick later
    than the middle of a thrust that is held (Van de Sype et al., IEEE APEC 2004: the delay of
    trailing-edge modulation sampled once a period is the share of the period).
    """
    return max(
        engine.lag_s * max(1.0, engine.lag_down_factor)
        + (0.0 if engine.pulsing is None else 0.5 * TICK_S)
        for engine in engines_of(lander).values()
    )


def actuations(lander: Lander, vehicle: VehicleBelief, mass_kg: float) -> list[Actuation]:
    """About x and y, in a hover at this mass; roll asks for little and has no side force."""
    together = propulsion_of(lander)
    thrust_n = np.clip(mass_kg * GRAVITY_M_S2, together.min_thrust_n, together.max_thrust_n)
    levers = _levers(vehicle, mass_kg, float(thrust_n))
    return [_about(axis, lander, vehicle, levers) for axis in range(2)]


@dataclass(frozen=True, kw_only=True)
class _Levers:
    """Of E engines in a hover: what each newton of thrust and each radian of gimbal makes."""

    mass_kg: float
    inertia_kg_m2: Float[np.ndarray, "3 3"]
    thrust_n: Float[np.ndarray, " E"]
    of_thrust_m: Float[np.ndarray, "E 3"]
    gimbal_force_n: Float[np.ndarray, "2*E 3"]  # body axes, for each radian; 0 without a gimbal
    gimbal_torque_n_m: Float[np.ndarray, "2*E 3"]


class _Authority(NamedTuple):
    """What turns the lander about an axis, and with how much torque at most."""

    torque_n_m: float
    lag_s: float
    by: str
    side_frequency_rad_s: float


def _levers(vehicle: VehicleBelief, mass_kg: float, thrust_n: float) -> _Levers:
    empty_kg, full_kg = float(vehicle.empty_mass_kg), float(vehicle.full_mass_kg)
    filled = (mass_kg - empty_kg) / (full_kg - empty_kg)

    def between(empty: Float[Array, "..."], full: Float[Array, "..."]) -> Float[np.ndarray, "..."]:
        return np.asarray(empty) + filled * (np.asarray(full) - np.asarray(empty))

    center_m = between(vehicle.empty_center_body_m, vehicle.full_center_body_m)
    arms_m = np.asarray(vehicle.engine_position_body_m) - center_m
    x, y, z = np.moveaxis(np.asarray(vehicle.engine_from_mount), -1, 0)
    each_n = np.asarray(vehicle.engine_fraction) * thrust_n
    swung_n = np.where(np.asarray(vehicle.gimbal_limit_rad) > 0.0, each_n, 0.0)
    force_n = swung_n[:, None, None] * np.stack([-y, x], axis=1)
    torque_nm = np.cross(arms_m[:, None], force_n)
    return _Levers(
        mass_kg=mass_kg,
        inertia_kg_m2=between(vehicle.empty_inertia_kg_m2, vehicle.full_inertia_kg_m2),
        thrust_n=each_n,
        of_thrust_m=np.cross(arms_m, z),
        gimbal_force_n=force_n.reshape(-1, 3),
        gimbal_torque_n_m=torque_nm.reshape(-1, 3),
    )


def _about(axis: int, lander: Lander, vehicle: VehicleBelief, levers: _Levers) -> Actuation:
    inertia_kg_m2 = levers.inertia_kg_m2[axis, axis]
    has = _authority(axis, lander, vehicle, levers)
    return Actuation(
        axis="xy"[axis],
        mass_kg=levers.mass_kg,
        by=has.by,
        lag_s=has.lag_s,
        turn_limit_rad_s2=has.torque_n_m / inertia_kg_m2,
        side_frequency_rad_s=has.side_frequency_rad_s,
    )


def _authority(axis: int, lander: Lander, vehicle: VehicleBelief, levers: _Levers) -> _Authority:
    if not vehicle.engine_axis_factor[axis]:
        most = 1.0 / np.max(np.asarray(vehicle.nozzle_per_axis)[[axis, axis + 3]], axis=-1)
        return _Authority(float(np.min(most)), 0.0, "nozzles", math.inf)
    if vehicle.throttle_axis_factor[axis]:
        full_n = np.asarray(vehicle.engine_fraction) * float(vehicle.max_thrust_n)
        floor = np.asarray(vehicle.engine_floor_factor) * float(
            vehicle.min_thrust_n / vehicle.max_thrust_n
        )
        room_n = np.minimum(full_n - levers.thrust_n, levers.thrust_n - floor * full_n)
        most_nm = np.sum(np.abs(levers.of_thrust_m[:, axis]) * np.maximum(room_n, 0.0))
        return _Authority(float(most_nm), throttle_lag_s(lander), "throttles", math.inf)
    wanted = np.eye(3)[axis]
    angles_rad = np.linalg.pinv(levers.gimbal_torque_n_m.T) @ wanted
    limits_rad = np.repeat(np.asarray(vehicle.gimbal_limit_rad), 2)
    most_nm = 1.0 / np.max(np.abs(angles_rad) / np.maximum(limits_rad, 1e-9))
    return _Authority(
        float(most_nm),
        gimbal_lag_s(lander),
        "gimbal",
        _side_frequency_rad_s(axis, levers, angles_rad),
    )


def gimbal_lag_s(lander: Lander) -> float:
    """Time constant of the slowest gimbal; 0 where there is none."""
    engines = engines_of(lander).values()
    return max(
        (engine.gimbal_lag_s for engine in engines if engine.gimbal_limit_rad > 0.0), default=0.0
    )


def _side_frequency_rad_s(
    axis: int, levers: _Levers, angles_rad: Float[np.ndarray, " gimbals"]
) -> float:
    """A turn about +x leans the thrust to -y, one about +y to +x; the gimbal first pushes back."""
    side_n = angles_rad @ levers.gimbal_force_n  # for each N m
    against = side_n[1] if axis == 0 else -side_n[0]
    each_nm = levers.inertia_kg_m2[axis, axis] / float(np.sum(levers.thrust_n))
    square_s2 = float(against) * each_nm
    return square_s2**-0.5 if square_s2 > 0.0 else math.inf
