"""The descent-orbit burn as it is planned: at which throttle, and how long."""

import math

import numpy as np

from perilune.design.orbit import Transfer
from perilune.mechanics.rocket import exhaust_speed_m_s, mass_after_kg
from perilune.mission.mission import Mission
from perilune.mission.propulsion import in_orbit_burn


def deorbit_throttle(mission: Mission) -> float:
    """Of full thrust: as the mission asks, and no less than the floor of the engines that burn."""
    engine = in_orbit_burn(mission)
    floor = engine.min_thrust_n / engine.max_thrust_n
    return max(mission.descent.deorbit_throttle_fraction, floor)


def deorbit_burn_s(mission: Mission, transfer: Transfer, start_mass_kg: float) -> float:
    """How long it lasts, s, by the rocket equation; zero where none is flown."""
    engine = in_orbit_burn(mission)
    thrust_n = deorbit_throttle(mission) * engine.max_thrust_n
    exhaust_m_s = exhaust_speed_m_s(engine.specific_impulse_s)
    gained_m_s = float(np.linalg.norm(transfer.deorbit_velocity_m_s))
    burnt_kg = start_mass_kg - mass_after_kg(start_mass_kg, gained_m_s, exhaust_m_s, xp=math)
    return burnt_kg * exhaust_m_s / thrust_n
