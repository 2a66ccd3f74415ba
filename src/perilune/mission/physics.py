"""What no lander can be and no step of time can hold: laws of mechanics over several numbers."""

import functools
import math
from collections.abc import Iterator, Sequence

from perilune.interfaces.imu import ImuSpec
from perilune.interfaces.quantities import at_least, at_most
from perilune.interfaces.units import labelled
from perilune.mechanics.spring_damper import (
    CONTACT_STEP_S,
    largest_damping_n_s_per_m,
    largest_stiffness_n_per_m,
    mass_on_each_kg,
)
from perilune.mission.centers_of_mass import centers_of_mass_m, dry_kg
from perilune.mission.lander import Lander, Nozzle
from perilune.mission.mission import Mission
from perilune.mission.propulsion import (
    engines_of,
    nozzles_of,
    propulsion_of,
    thrusters_of,
    total_words,
)
from perilune.mission.value_location import place, shown

LEAST_GYRATION_FACTOR = 0.1
"""Least radius of gyration, in radii of the hull: a lander's mass is not all on one axis."""
LEAST_ARM_M = 0.05
SLOWEST_TURN_S = 120.0
"""In this time at most the nozzles must bring the lander to the fastest turn that is commanded."""
TOP_POINT_COUNT, LOW_POINT_COUNT, BELL_POINT_COUNT = 5, 3, 4
"""Where truth lets hull and bell touch: rings of points on the hull's ends and the bell's rim."""


def impossibilities(mission: Mission) -> list[str]:
    """A sentence for each law that the mission's numbers break; [] where none is broken."""
    body = [*_inertia(mission), *_within_the_hull(mission)]
    return body or [
        *_gimbal(mission),
        *_nozzles(mission),
        *_inertial_sensors(mission),
        *_contact(mission),
    ]


def _inertia(mission: Mission) -> Iterator[str]:
    path, mass_kg, hull = "lander.mass.dry_inertia_kg_m2", dry_kg(mission), mission.lander.hull
    moments = mission.lander.mass.dry_inertia_kg_m2
    largest, rest = max(moments), sum(moments) - max(moments)
    if largest > rest * (1.0 + 1e-9):
        yield (
            f"{place(mission, path)} must have no moment above the sum of the other two, as no "
            f"body has, but {largest:g} kg*m**2 is above {rest:g} kg*m**2."
        )
    least = mass_kg * (LEAST_GYRATION_FACTOR * hull.radius_m) ** 2
    most = mass_kg * _reach_m(mission) ** 2
    if min(moments) < least or largest > most:
        wrong = min(moments) if min(moments) < least else largest
        yield (
            f"{place(mission, path)} must lie between {at_least(least)} and {at_most(most)} "
            "kg*m**2, radii of gyration of a tenth of the hull's radius and of the furthest "
            f"corner, for {mass_kg:g} kg, but has {wrong:g} kg*m**2."
        )


def _reach_m(mission: Mission) -> float:
    """From the dry centre of mass to the furthest point of hull or pads."""
    lander, center_m = mission.lander, mission.lander.mass.dry_center_of_mass_m
    off_m = math.hypot(*center_m[:2])
    corners = [(lander.hull.radius_m, lander.hull.top_height_m), (lander.legs.tread_radius_m, 0.0)]
    return max(math.hypot(off_m + radius, height - center_m[2]) for radius, height in corners)


def _within_the_hull(mission: Mission) -> Iterator[str]:
    lander, hull = mission.lander, mission.lander.hull
    path = "lander.mass.dry_center_of_mass_m"
    x, y, z = lander.mass.dry_center_of_mass_m
    if math.hypot(x, y) > hull.radius_m or not hull.bottom_height_m <= z <= hull.top_height_m:
        yield (
            f"{place(mission, path)} must lie within the hull, {hull.radius_m:g} m about the axis "
            f"and {hull.bottom_height_m:g} m to {hull.top_height_m:g} m high, but is at "
            f"{x:g}, {y:g}, {z:g} m."
        )
    for index, tank in enumerate(lander.tanks):
        if tank.bottom_height_m < hull.bottom_height_m:
            yield (
                f"{place(mission, f'lander.tanks.{index}.bottom_height_m')} must be within the "
                f"hull, which begins at {hull.bottom_height_m:g} m, but is "
                f"{tank.bottom_height_m:g} m."
            )
    width_m = max(hull.radius_m, lander.legs.tread_radius_m)
    mounted = {
        f"lander.{label}.mount_m": each.mount_m
        for label, each in lander.sensors.items()
        if hasattr(each, "mount_m")
    }
    for path, _, nozzle in nozzles_of(lander):
        mounted[f"{path}.position_m"] = nozzle.position_m
    for where, (x, y, z) in mounted.items():
        if math.hypot(x, y) > width_m or not 0.0 <= z <= hull.top_height_m:
            yield (
                f"{place(mission, where)} must be on the lander, up to {width_m:g} m from its axis "
                f"and {hull.top_height_m:g} m high, but is at {x:g}, {y:g}, {z:g} m."
            )


def _gimbal(mission: Mission) -> Iterator[str]:
    """An engine on its gimbal pushes from below the centre of mass, and can swing to point at it.

    Of several engines, or of one that is fixed, nothing is asked here: throttles and nozzles turn.
    """
    engines = engines_of(mission.lander)
    (label, engine), *others = engines.items()
    if others or engine.gimbal_limit_rad == 0.0:
        return
    centers = centers_of_mass_m(mission)
    lowest_m = min(center[2] for center in centers)
    if lowest_m - engine.pivot_height_m < LEAST_ARM_M:
        yield (
            f"{place(mission, f'lander.{label}.pivot_height_m')} must be at least {LEAST_ARM_M} m "
            f"below the centre of mass, whose lowest height is {lowest_m:.2f} m, or the gimbal "
            f"cannot hold the lander, but is {shown(mission, f'lander.{label}.pivot_height_m')}."
        )
        return
    lean_rad = max(
        math.atan2(math.hypot(x, y), z - engine.pivot_height_m) for x, y, z in centers
    ) + math.hypot(*mission.errors.engine.pointing_rad)
    if lean_rad >= engine.gimbal_limit_rad:
        yield (
            f"{place(mission, f'lander.{label}.gimbal_limit_rad')} must exceed "
            f"{at_least(math.degrees(lean_rad))} deg, which the thrust needs to pass through the "
            f"centre of mass, but is {shown(mission, f'lander.{label}.gimbal_limit_rad')}."
        )


def _nozzles(mission: Mission) -> Iterator[str]:
    """Strong enough to reach the fastest turn in two minutes, fine enough not to pass it at once.

    About x and y this holds for the coast; with the engine on, its gimbal turns about these.
    """
    lander = mission.lander
    limit_rad_s = lander.control.rate_limit_rad_s
    groups = thrusters_of(lander)
    least, most = [(0.0, "")], [(math.inf, "")]
    for axis, name in enumerate("xyz"):
        torques = [g.thrust_n * _arm_m(n, lander, axis) for _, g, n in nozzles_of(lander)]
        reach_nm = min(sum(t for t in torques if t > 0.0), -sum(t for t in torques if t < 0.0))
        if reach_nm > 1e-6:
            factor = limit_rad_s * lander.mass.dry_inertia_kg_m2[axis] / reach_nm
            least.append((factor / SLOWEST_TURN_S, name))
            most.append((factor / max(group.min_pulse_s for group in groups.values()), name))
    (least_factor, slow), (most_factor, fast) = max(least), min(most)
    label, group = next(iter(groups.items()))
    path = f"lander.{label}.thrust_n"
    if least_factor > 1.0:
        yield (
            f"{place(mission, path)} must be at least {at_least(least_factor * group.thrust_n)} N "
            f"to reach `lander.control.rate_limit` about {slow} within {SLOWEST_TURN_S:.0f} s, "
            f"but is {shown(mission, path)}."
        )
    if most_factor < 1.0:
        yield (
            f"{place(mission, path)} must be at most {at_most(most_factor * group.thrust_n)} N, or "
            f"one shortest pulse turns the lander about {fast} faster than "
            f"`lander.control.rate_limit`, but is {shown(mission, path)}."
        )


def _arm_m(nozzle: Nozzle, lander: Lander, axis: int) -> float:
    """Torque about an axis of the body through the dry centre of mass, for each newton."""
    at = [p - c for p, c in zip(nozzle.position_m, lander.mass.dry_center_of_mass_m, strict=True)]
    force, (j, k) = nozzle.direction, ((1, 2), (2, 0), (0, 1))[axis]
    return at[j] * force[k] - at[k] * force[j]


def _inertial_sensors(mission: Mission) -> Iterator[str]:
    for label, imu in labelled("imu", mission.lander.imu).items():
        yield from _saturated(mission, label, imu)


def _saturated(mission: Mission, label: str, imu: ImuSpec) -> Iterator[str]:
    lander = mission.lander
    turn, gyro = "lander.control.rate_limit_rad_s", f"lander.{label}.gyro_limit_rad_s"
    if lander.control.rate_limit_rad_s >= imu.gyro_limit_rad_s:
        yield (
            f"{place(mission, turn)} must be below what saturates the gyros, "
            f"{shown(mission, gyro)}, but is {shown(mission, turn)}."
        )
    full_n = propulsion_of(lander).max_thrust_n
    push_m_s2 = full_n / (dry_kg(mission) + lander.mass.cold_gas_kg)
    if push_m_s2 >= imu.accelerometer_limit_m_s2:
        most_n = full_n * imu.accelerometer_limit_m_s2 / push_m_s2
        where, value_ = total_words(mission, "max_thrust_n")
        yield (
            f"{where} must be below {at_most(most_n)} N, "
            f"or it saturates the accelerometers of the empty lander, but is {value_}."
        )


def _contact(mission: Mission) -> Iterator[str]:
    """Springs and dampers that a step of contact holds, by the mass that moves with each point."""
    lander = mission.lander
    for part, rings in (("legs", [_pads(lander)]), ("hull", _hull_rings(lander))):
        springs = getattr(lander, part)
        mass_kg = min(_mass_on_each_kg(mission, ring) for ring in rings)
        stiffest = largest_stiffness_n_per_m(CONTACT_STEP_S, mass_kg)
        path = f"lander.{part}.stiffness_n_per_m"
        if springs.stiffness_n_per_m > stiffest:
            yield (
                f"{place(mission, path)} must be at most {at_most(stiffest)} N/m, the stiffest "
                f"spring that steps of {1e3 * CONTACT_STEP_S:g} ms resolve under the {mass_kg:.3g} "
                f"kg that move with a point, but is {shown(mission, path)}."
            )
            continue
        most = largest_damping_n_s_per_m(CONTACT_STEP_S, mass_kg, springs.stiffness_n_per_m)
        path = f"lander.{part}.damping_n_s_per_m"
        if springs.damping_n_s_per_m > most:
            yield (
                f"{place(mission, path)} must be at most {at_most(most)} N*s/m, above which steps "
                f"of {1e3 * CONTACT_STEP_S:g} ms throw the {mass_kg:.3g} kg that move with a point "
                f"further at each step, but is {shown(mission, path)}."
            )


def _mass_on_each_kg(mission: Mission, points_m: Sequence[Sequence[float]]) -> float:
    lander = mission.lander
    center_m = lander.mass.dry_center_of_mass_m
    arms = (tuple(at - c for at, c in zip(point, center_m, strict=True)) for point in points_m)
    mass_kg = dry_kg(mission) + lander.mass.cold_gas_kg
    return _least_mass_kg(tuple(arms), mass_kg, lander.mass.dry_inertia_kg_m2)


_least_mass_kg = functools.lru_cache(maxsize=256)(mass_on_each_kg)
"""Most of what a mission draws changes none of its arguments."""


def _pads(lander: Lander) -> list[list[float]]:
    legs = lander.legs
    if legs.pads:
        return [list(pad.position_m) for pad in legs.pads]
    return _ring(legs.count, legs.tread_radius_m, 0.0, legs.first_azimuth_rad)


def _hull_rings(lander: Lander) -> list[list[list[float]]]:
    """The points of the hull that touch together: on top, below with the bell's, each part."""
    hull = lander.hull
    low = _ring(LOW_POINT_COUNT, hull.radius_m, hull.bottom_height_m)
    for engine in engines_of(lander).values():
        x_m, y_m = engine.off_axis_m
        rim = _ring(BELL_POINT_COUNT, engine.bell_radius_m, engine.bell_exit_height_m)
        low += [[x + x_m, y + y_m, z] for x, y, z in rim]
    parts = [[list(part.position_m)] for part in lander.parts]
    return [_ring(TOP_POINT_COUNT, hull.radius_m, hull.top_height_m), low, *parts]


def _ring(
    count: int, radius_m: float, height_m: float, first_rad: float = 0.0
) -> list[list[float]]:
    turns = [first_rad + 2.0 * math.pi * index / count for index in range(count)]
    return [[radius_m * math.cos(a), radius_m * math.sin(a), height_m] for a in turns]
