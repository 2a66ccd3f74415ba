"""Values that are each in range but cannot all be true of one mission."""

import math
from collections.abc import Iterator

from perilune.interfaces.quantities import at_least, at_most
from perilune.interfaces.units import kind_of, labelled
from perilune.mechanics import rocket
from perilune.mechanics.constants import MOON_GM_M3_S2, MOON_RADIUS_M
from perilune.mission.command_units import commands_to_nobody, phases_of_nobody, pushes_of_nobody
from perilune.mission.dispersion_bounds import drawn_too_far
from perilune.mission.fault import ALWAYS_THERE, effects_of
from perilune.mission.fault_checks import faults_that_never_begin
from perilune.mission.lander import Lander, Tank
from perilune.mission.layout_checks import misfits
from perilune.mission.legs import Legs
from perilune.mission.mission import Mission
from perilune.mission.nozzle_checks import turning_troubles
from perilune.mission.orbit_checks import (
    fastest_m_s,
    no_single_start,
    orbits_that_lead_nowhere,
    turning_rad_s,
)
from perilune.mission.phase_checks import faults_of_phases
from perilune.mission.physics import impossibilities
from perilune.mission.propulsion import engines_of, in_braking, propulsion_of, total_words
from perilune.mission.sensor_checks import absent_units, ends_of_sensors
from perilune.mission.size_limits import out_of_size
from perilune.mission.value_location import key, place, shown, value

SURFACE_GRAVITY_M_S2 = MOON_GM_M3_S2 / MOON_RADIUS_M**2

SUPPORT_COUNT, SINK_FACTOR = 3, 0.1

# Each row: the smaller, the larger, by their paths in a Mission.
_IN_ORDER = (
    ("lander.engine.min_thrust_n", "lander.engine.max_thrust_n"),
    ("lander.legs.stroke_m", "lander.engine.bell_exit_height_m"),
    ("lander.legs.stroke_m", "lander.hull.bottom_height_m"),
    ("lander.hull.bottom_height_m", "lander.hull.top_height_m"),
    ("lander.engine.bell_exit_height_m", "lander.engine.pivot_height_m"),
    ("lander.hull.radius_m", "lander.legs.tread_radius_m"),
    ("lander.engine.bell_radius_m", "lander.legs.tread_radius_m"),
    ("lander.limits.vertical_speed_m_s", "lander.limits.crash_speed_m_s"),
    ("lander.limits.horizontal_speed_m_s", "lander.limits.crash_speed_m_s"),
    ("lander.limits.tilt_rad", "lander.limits.tip_over_tilt_rad"),
    ("site.height_m", "descent.ignition_altitude_m"),
    ("descent.low_gate_height_m", "descent.gate_height_m"),
    ("descent.final_height_m", "descent.low_gate_height_m"),
    ("descent.final_descent_rate_m_s", "descent.gate_descent_rate_m_s"),
)


def contradictions(mission: Mission) -> list[str]:
    """A sentence for each pair or group of values that cannot go together; [] where all can."""
    if first := [*out_of_size(mission), *no_single_start(mission)]:
        return first
    return [
        *_out_of_order(mission),
        *_masses(mission),
        *_tanks(mission),
        *misfits(mission),
        *_thrust(mission),
        *turning_troubles(mission),
        *_gate(mission),
        *faults_of_phases(mission),
        *orbits_that_lead_nowhere(mission),
        *_legs(mission),
        *_star_tracker(mission),
        *_faults(mission),
        *faults_that_never_begin(mission),
        *absent_units(mission),
        *commands_to_nobody(mission),
        *pushes_of_nobody(mission),
        *phases_of_nobody(mission),
        *(impossibilities(mission) or drawn_too_far(mission)),
    ]


def propellant_kg(mission: Mission) -> float:
    """Propellant at separation: what is neither dry mass, payload nor cold gas."""
    return mission.masses.separation_kg - landed_kg(mission)


def landed_kg(mission: Mission) -> float:
    """The least mass that can touch down: dry, with payload and cold gas, tanks empty."""
    mass = mission.lander.mass
    return mass.dry_kg + mass.payload_kg + mass.cold_gas_kg


def exhaust_speed_m_s(mission: Mission) -> float:
    """The main engine's effective exhaust speed."""
    return rocket.exhaust_speed_m_s(propulsion_of(mission.lander).specific_impulse_s)


def _in_order(lander: Lander) -> Iterator[tuple[str, str]]:
    """The rows of `_IN_ORDER`, those of the engine once for each engine."""
    for small, large in _IN_ORDER:
        if ".engine." not in small + large:
            yield small, large
            continue
        first = _first_stroke(lander.legs)[0] if small == "lander.legs.stroke_m" else small
        for label in engines_of(lander):
            engine = f".{label}."
            yield first.replace(".engine.", engine), large.replace(".engine.", engine)


def _first_stroke(legs: Legs) -> tuple[str, float]:
    """Path and length of the legs' first stage: in a later one the bell may reach the ground."""
    if legs.early_stages:
        return "lander.legs.early_stages.0.to_m", legs.early_stages[0].to_m
    return "lander.legs.stroke_m", legs.stroke_m


def _out_of_order(mission: Mission) -> Iterator[str]:
    for small, large in (*_in_order(mission.lander), *ends_of_sensors(mission.lander)):
        low, high = value(mission, small), value(mission, large)
        if low is None or low < high:
            continue
        if small.endswith("min_thrust_n"):
            yield from _above_full(mission, small, large)
        else:
            yield (
                f"{place(mission, small)} must be below `{key(large)}`, which is "
                f"{shown(mission, large)}, but is {shown(mission, small)}."
            )


def _above_full(mission: Mission, small: str, large: str) -> Iterator[str]:
    """The floor of an engine that cannot be throttled is its full thrust, of no engine more."""
    if value(mission, small) > value(mission, large):
        yield (
            f"{place(mission, small)} must be at most `{key(large)}`, which is "
            f"{shown(mission, large)}, but is {shown(mission, small)}."
        )


def _masses(mission: Mission) -> Iterator[str]:
    left_kg = propellant_kg(mission)
    if left_kg <= 0.0:
        yield (
            f"{place(mission, 'masses.separation_kg')} must exceed dry mass, payload and cold gas "
            f"together, {landed_kg(mission):.6g} kg, but is {mission.masses.separation_kg:.6g} kg."
        )
        return
    able_m_s = exhaust_speed_m_s(mission) * math.log(
        mission.masses.separation_kg / landed_kg(mission)
    )
    spent_m_s = mission.masses.corrections_m_s + mission.masses.insertion_m_s
    needed_m_s = spent_m_s + fastest_m_s(mission)
    if able_m_s < needed_m_s:
        yield (
            f"{place(mission, 'masses.separation_kg')} leaves propellant for {able_m_s:.0f} m/s, "
            f"but corrections, insertion and stopping from orbit take at least {needed_m_s:.0f} "
            f"m/s; give it more mass, less payload or a better engine."
        )


def _tanks(mission: Mission) -> Iterator[str]:
    tanks = sorted(enumerate(mission.lander.tanks), key=lambda tank: tank[1].bottom_height_m)
    total = sum(tank.propellant_fraction for _, tank in tanks)
    if abs(total - 1.0) > 1e-6:
        yield (
            f"{place(mission, 'lander.tanks.0.propellant_fraction')} and those of the other tanks "
            f"must add up to 1, but make {total:.6g}."
        )
    for index, tank in tanks:
        ceiling_m, above = _ceiling(mission.lander, tank)
        load_kg = max(propellant_kg(mission), 0.0) * tank.propellant_fraction
        level_m = tank.bottom_height_m + load_kg / (tank.density_kg_m3 * math.pi * tank.radius_m**2)
        if level_m > ceiling_m:
            yield (
                f"{place(mission, f'lander.tanks.{index}.radius_m')} is too small for the load at "
                f"separation: {load_kg:.0f} kg of {tank.name} would stand {level_m:.2f} m high, "
                f"but {above} is at {ceiling_m:.2f} m; widen the tank or lower it."
            )
        if math.hypot(*tank.off_axis_m) + tank.radius_m > mission.lander.hull.radius_m:
            yield (
                f"{place(mission, f'lander.tanks.{index}.radius_m')} must leave the tank inside "
                f"the hull, whose radius is {shown(mission, 'lander.hull.radius_m')}, but is "
                f"{shown(mission, f'lander.tanks.{index}.radius_m')} at "
                f"{math.hypot(*tank.off_axis_m):.3g} m from the axis; make it narrower or move it "
                "inwards (`off_axis`)."
            )


def _ceiling(lander: Lander, tank: Tank) -> tuple[float, str]:
    """How high a tank may be filled and what is there: the next tank over it or the hull's top."""
    over = [(lander.hull.top_height_m, "the top of the hull")]
    for other in lander.tanks:
        apart_m = math.dist(tank.off_axis_m, other.off_axis_m)
        higher = other is not tank and other.bottom_height_m >= tank.bottom_height_m
        if higher and apart_m < tank.radius_m + other.radius_m:
            over.append((other.bottom_height_m, f"the {other.name} above"))
    return min(over)


def _thrust(mission: Mission) -> Iterator[str]:
    weight_n = landed_kg(mission) * SURFACE_GRAVITY_M_S2
    names = mission.descent.last_engines
    full_n = propulsion_of(mission.lander, names).max_thrust_n
    if full_n <= weight_n:
        where, value_ = total_words(mission, "max_thrust_n", names)
        yield (
            f"{where} must exceed the weight of the empty lander on the Moon, "
            f"{at_least(weight_n)} N, but is {value_}."
        )
        return
    braking_n = in_braking(mission).max_thrust_n
    if mission.descent.peak_thrust_fraction * braking_n <= weight_n:
        least = weight_n / braking_n
        yield (
            f"{place(mission, 'descent.peak_thrust_fraction')} must be above {at_least(least)}, "
            "the share of full thrust that carries the empty lander, but is "
            f"{shown(mission, 'descent.peak_thrust_fraction')}."
        )
    legs = mission.lander.legs
    if legs.crush_force_n * legs.count <= weight_n:
        yield (
            f"{place(mission, 'lander.legs.crush_force_n')} of all legs together must exceed the "
            f"weight of the empty lander on the Moon, {at_least(weight_n)} N, but is "
            f"{legs.crush_force_n * legs.count:.0f} N."
        )


def _gate(mission: Mission) -> Iterator[str]:
    """The gate is below ignition, and the last part of the descent no faster than the one above."""
    descent = mission.descent
    room_m = descent.ignition_altitude_m - (mission.site.height_m or 0.0)
    if mission.site.height_m is not None and descent.gate_height_m >= room_m > 0.0:
        yield (
            f"{place(mission, 'descent.gate_height_m')} must be below the altitude of ignition, "
            f"{at_most(room_m, 6)} m over the site, but is "
            f"{shown(mission, 'descent.gate_height_m')}."
        )
    if descent.final_descent_rate_m_s > descent.descent_rate_m_s:
        yield (
            f"{place(mission, 'descent.final_descent_rate_m_s')} must be at most "
            f"`descent.descent_rate`, {shown(mission, 'descent.descent_rate_m_s')}, but is "
            f"{shown(mission, 'descent.final_descent_rate_m_s')}."
        )


def _legs(mission: Mission) -> Iterator[str]:
    """Springs of the legs that hold hull and bell off the ground."""
    legs, engines = mission.lander.legs, engines_of(mission.lander).values()
    weight_n = landed_kg(mission) * SURFACE_GRAVITY_M_S2
    bell_m = min(engine.bell_exit_height_m for engine in engines) - _first_stroke(legs)[1]
    room_m = min(bell_m, mission.lander.hull.bottom_height_m - legs.stroke_m)
    least = weight_n / (legs.count * max(room_m, 1e-3))
    if legs.stiffness_n_per_m < least:
        yield (
            f"{place(mission, 'lander.legs.stiffness_n_per_m')} must be at least "
            f"{at_least(least)} N/m, or the empty lander sinks onto its bell, but is "
            f"{shown(mission, 'lander.legs.stiffness_n_per_m')}."
        )
    hull = mission.lander.hull
    least = weight_n / (SUPPORT_COUNT * SINK_FACTOR * hull.radius_m)
    if hull.stiffness_n_per_m < least:
        yield (
            f"{place(mission, 'lander.hull.stiffness_n_per_m')} must be at least "
            f"{at_least(least)} N/m, or the empty lander on its hull sinks by more than a tenth of "
            f"the hull's radius, but is {shown(mission, 'lander.hull.stiffness_n_per_m')}."
        )


def _star_tracker(mission: Mission) -> Iterator[str]:
    """It sees stars while the lander turns with its orbit."""
    turning = turning_rad_s(mission)
    for label in labelled("star_tracker", mission.lander.star_tracker):
        path = f"lander.{label}.rate_limit_rad_s"
        if value(mission, path) > turning:
            continue
        yield (
            f"{place(mission, path)} must be above {at_least(math.degrees(turning))} "
            f"deg/s, at which the lander turns with its orbit, but is {shown(mission, path)}."
        )


def _faults(mission: Mission) -> Iterator[str]:
    """Faults of instruments that the lander does not have, and of nothing else."""
    for name, fault in mission.faults.items():
        hit = [label for label, table in fault.signals.items() if effects_of(table)]
        if fault.with_velocimeter and "altimeter" in hit:
            hit.append("velocimeter")
        fitted = {*ALWAYS_THERE, *mission.lander.sensors, *map(kind_of, mission.lander.sensors)}
        if hit and not fitted.intersection(hit):
            yield (
                f"{mission.origins.get(f'faults.{name}.name', mission.name)}: the fault `{name}` "
                "must change an instrument that the lander has, but changes only what is not "
                f"fitted ({' and '.join(hit)}); leave the fault out, or fit the instrument."
            )
