"""What a lander weighs when the flight starts, as truth and as the design have it."""

import math
from dataclasses import KW_ONLY, dataclass

from perilune.errors import InputError
from perilune.mechanics.rocket import mass_after_kg
from perilune.mission import Mission
from perilune.mission.consistency_checks import exhaust_speed_m_s
from perilune.mission.problems import as_of
from perilune.mission.sides import TRUTH
from perilune.mission.value_location import place


@dataclass(frozen=True)
class Loaded:
    """A mission as one side has it, and its masses at the flight's start."""

    mission: Mission
    _: KW_ONLY
    start_kg: float
    propellant_kg: float

    @property
    def kept_fraction(self) -> float:
        """Of the mass at separation, what the start has left."""
        return self.start_kg / self.mission.masses.separation_kg


def loaded(mission: Mission, side: str) -> Loaded:
    """By the rocket equation from separation, as "truth" or "belief" has it.

    Raises InputError where no propellant is left.
    """
    try:
        return _loaded(mission.in_truth if side == TRUTH else mission.as_believed)
    except InputError as error:
        raise InputError(as_of(mission, side, str(error))) from error


def _loaded(mission: Mission) -> Loaded:
    spent_m_s = mission.masses.corrections_m_s + mission.masses.insertion_m_s
    exhaust_m_s, whole_kg = exhaust_speed_m_s(mission), mission.masses.separation_kg
    start_kg = mass_after_kg(whole_kg, spent_m_s, exhaust_m_s, xp=math)
    mass = mission.lander.mass
    propellant_kg = start_kg - mass.dry_kg - mass.payload_kg - mass.cold_gas_kg
    if propellant_kg <= 0.0:
        raise InputError(
            f"{place(mission, 'masses.separation_kg')} must leave propellant for the descent, but "
            f"{start_kg:.0f} kg at the start leave {propellant_kg:.0f} kg; raise it, or lighten "
            "`lander.mass.dry` or `lander.mass.payload`."
        )
    return Loaded(mission, start_kg=start_kg, propellant_kg=propellant_kg)
