"""What a finished plan shows to be impossible, and which number makes it so."""

import math

from perilune.design.deorbit_burn import deorbit_burn_s, deorbit_throttle
from perilune.design.orbit import Transfer
from perilune.design.rehearsal import Rehearsal
from perilune.errors import InputError
from perilune.interfaces.quantities import at_least, at_most
from perilune.mission.consistency_checks import SURFACE_GRAVITY_M_S2, landed_kg
from perilune.mission.mission import Mission
from perilune.mission.propulsion import propulsion_of, total_words
from perilune.mission.value_location import place

LONGEST_BURN_FRACTION = 0.1
"""Of the coast: the orbit is found for a burn that takes no time."""
OFF_TARGET_M = 5.0
"""From the target of the last phase, up to which a rehearsed descent has no note of it."""
MOST_LATE_S = 3.0
"""A nominal flight meets `landing_utc` to 5 s, and a rehearsal leaves out up to 1.3 s of it."""


def check_burn(mission: Mission, transfer: Transfer, start_kg: float) -> None:
    """InputError where the descent-orbit burn would begin before the flight does, or be long."""
    if not math.isfinite(transfer.deorbit_time_s):
        return
    burn_s = deorbit_burn_s(mission, transfer, start_kg)
    lead_s = transfer.deorbit_time_s
    coast_s = transfer.ignition_time_s - transfer.deorbit_time_s
    if burn_s > LONGEST_BURN_FRACTION * coast_s:
        flown = deorbit_throttle(mission)
        least = flown * burn_s / coast_s / LONGEST_BURN_FRACTION
        raise InputError(
            f"{place(mission, 'descent.deorbit_throttle_fraction')} must be at least "
            f"{at_least(least, 3)}, so that the descent-orbit burn ends within "
            f"{LONGEST_BURN_FRACTION * coast_s:.0f} s, a tenth of the coast, but it takes "
            f"{burn_s:.4g} s at {flown:.3g} of full thrust."
        )
    if lead_s < 0.5 * burn_s:
        raise InputError(
            f"{place(mission, 'descent.lead_time_s')} must be at least "
            f"{at_least(0.5 * burn_s, 3)} s, half of the {burn_s:.1f} s that the descent-orbit "
            f"burn takes, but is {lead_s:g} s: the burn would begin before the flight."
        )


def check_descent(mission: Mission, rehearsal: Rehearsal, ignition_kg: float) -> None:
    """InputError where guidance alone, knowing everything, does not bring the plan down."""
    crash_m_s = mission.lander.limits.crash_speed_m_s
    down_m_s, across_m_s = rehearsal.vertical_speed_m_s, rehearsal.horizontal_speed_m_s
    if rehearsal.lowest_mass_kg >= landed_kg(mission):
        _check_floor(mission, rehearsal)
    elif not rehearsal.touched:
        _check_propellant(mission, rehearsal, ignition_kg)
    if not rehearsal.touched:
        raise InputError(
            "The planned descent does not reach the ground, though it is steered without any "
            "error; make `descent.descent_rate`, `descent.final_descent_rate` or the turns "
            "(`lander.control.rate_limit`, `lander.control.attitude_frequency`) faster."
        )
    if math.hypot(down_m_s, across_m_s) > crash_m_s:
        raise InputError(
            f"Steered without any error, the planned descent reaches the ground at "
            f"{down_m_s:.1f} m/s down and {across_m_s:.1f} m/s across, a crash "
            f"(`lander.limits.crash_speed` is {crash_m_s:g} m/s): {_why_fast(rehearsal)}, or more "
            "`lander.engine.max_thrust`."
        )
    _check_propellant(mission, rehearsal, ignition_kg)


def _check_propellant(mission: Mission, rehearsal: Rehearsal, ignition_kg: float) -> None:
    """InputError where the descent takes more than there is, to the ground or before it."""
    burnt_kg, there_kg = ignition_kg - rehearsal.end_mass_kg, ignition_kg - landed_kg(mission)
    if burnt_kg <= there_kg:
        return
    ground = "touchdown" if rehearsal.touched else "where it is given up"
    raise InputError(
        f"From ignition to {ground} the descent takes {burnt_kg:.0f} kg of propellant, but "
        f"{max(there_kg, 0.0):.0f} kg are left; raise `masses.separation`, lighten "
        "`lander.mass.dry` or `lander.mass.payload`, or shorten the descent."
    )


def _why_fast(rehearsal: Rehearsal) -> str:
    """What a descent lacks that reaches the ground in a crash, and the cure."""
    if math.isnan(rehearsal.gate_s):
        return (
            "it is still braking there and has not reached the gate; give it a lower "
            "`descent.peak_thrust_fraction`, a faster turn (`lander.control.rate_limit`, "
            "`lander.control.attitude_frequency`), a higher `descent.ignition_altitude`"
        )
    return (
        "between gate and ground there is no room to stop; give it a gate that is higher, nearer "
        "or slower (`descent.gate_height`, `descent.gate_range`, `descent.gate_descent_rate`, "
        "`descent.gate_forward_speed`)"
    )


def _check_floor(mission: Mission, rehearsal: Rehearsal) -> None:
    """InputError where the engines of the last phase hold no thrust below the lander's weight."""
    names, mass_kg = mission.descent.last_engines, rehearsal.lowest_mass_kg
    weight_n = mass_kg * SURFACE_GRAVITY_M_S2
    least_n = propulsion_of(mission.lander, names).min_thrust_n
    if least_n >= weight_n:
        raise InputError(
            f"{total_words(mission, 'min_thrust_n', names)[0]} must be below the weight of the "
            f"lander where it is lowest, {at_most(weight_n)} N at {mass_kg:.0f} kg, or it rises "
            f"where it should descend, but is {least_n:g} N; less is held by engines that pulse "
            "(`pulsing`) or by fewer engines in the last phase."
        )


def check_landing_time(mission: Mission, late_s: float) -> None:
    """InputError where laying the plan out again and again has not met the landing time."""
    if abs(late_s) <= MOST_LATE_S:
        return
    raise InputError(
        f"{place(mission, 'landing_utc')} must be met to 5 s by the planned descent, but every "
        f"plan tried touches down {abs(late_s):.1f} s {'late' if late_s > 0.0 else 'early'}; move "
        "it by some seconds, or change `descent.gate_height` or `descent.gate_descent_rate`."
    )


def shortfalls(mission: Mission, rehearsal: Rehearsal) -> tuple[str, ...]:
    """A note on each limit that the planned descent breaks even when steered without any error."""
    limits = mission.lander.limits
    rows = (
        ("vertical_speed", "down", rehearsal.vertical_speed_m_s, limits.vertical_speed_m_s),
        ("horizontal_speed", "across", rehearsal.horizontal_speed_m_s, limits.horizontal_speed_m_s),
    )
    fast = tuple(
        f"Steered without any error, the planned descent touches down at {speed_m_s:.1f} m/s "
        f"{way}, over `lander.limits.{name}` ({limit_m_s:g} m/s): not even a nominal flight is "
        "clean; give it a gate that is higher, nearer or slower."
        for name, way, speed_m_s, limit_m_s in rows
        if speed_m_s > limit_m_s
    )
    if rehearsal.off_target_m <= OFF_TARGET_M:
        return fast
    return (
        *fast,
        f"Steered without any error, the planned descent touches down {rehearsal.off_target_m:.0f} "
        "m from the target of its last phase: the approach must end nearer to it, or the vertical "
        "descent begin higher.",
    )
