"""What a finished plan shows to be impossible, and which number forbids it."""

import math

from perilune.design.upload import deorbit_burn_s
from perilune.errors import InputError
from perilune.mission.contradictions import landed_kg


def check_burn(mission, transfer, start_kg):
    """InputError where the descent-orbit burn would begin before the flight does."""
    burn_s = deorbit_burn_s(mission, transfer, start_kg)
    lead_s = mission.descent.lead_time_s
    if lead_s < 0.5 * burn_s:
        raise InputError(
            f"{mission.name}: `descent.lead_time` must be at least {0.5 * burn_s:.1f} s, half of "
            f"the {burn_s:.1f} s that the descent-orbit burn takes at the engine's floor, but is "
            f"{lead_s:g} s: the burn would begin before the flight."
        )


def check_descent(mission, rehearsal, ignition_kg):
    """InputError where guidance alone, knowing everything, does not bring the plan down."""
    crash_m_s = mission.lander.limits.crash_speed_m_s
    down_m_s, across_m_s = rehearsal.vertical_speed_m_s, rehearsal.horizontal_speed_m_s
    if not rehearsal.touched:
        raise InputError(
            f"{mission.name}: the planned descent does not reach the ground; make "
            "`descent.descent_rate` or `descent.final_descent_rate` faster."
        )
    if math.hypot(down_m_s, across_m_s) > crash_m_s:
        raise InputError(
            f"{mission.name}: steered without any error, the planned descent reaches the ground at "
            f"{down_m_s:.1f} m/s down and {across_m_s:.1f} m/s across, a crash "
            f"(`lander.limits.crash_speed` is {crash_m_s:g} m/s): between gate and ground there is "
            "no room to stop; give it a gate that is higher, nearer or slower "
            "(`descent.gate_height`, `descent.gate_range`, `descent.gate_descent_rate`, "
            "`descent.gate_forward_speed`), or more `lander.engine.max_thrust`."
        )
    burnt_kg, there_kg = ignition_kg - rehearsal.end_mass_kg, ignition_kg - landed_kg(mission)
    if burnt_kg > there_kg:
        raise InputError(
            f"{mission.name}: from ignition to touchdown the descent takes {burnt_kg:.0f} kg of "
            f"propellant, but {max(there_kg, 0.0):.0f} kg are left; raise `masses.separation`, "
            "lighten `lander.mass.dry` or `lander.mass.payload`, or shorten the descent."
        )
