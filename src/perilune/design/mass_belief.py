"""How sure the flight software is of its mass, where gauges of the propellant are to correct it."""

import math
from collections.abc import Sequence

from perilune.design.belief import drawn_variance, mean_square
from perilune.design.typed_arrays import of_numbers
from perilune.interfaces.units import kind_of
from perilune.mission.distributions import Row
from perilune.mission.mission import Mission
from perilune.onboard.upload import MassBelief

GAUGE = "propellant_gauge"
LEAST_FRACTION = 0.002
"""Of mass and exhaust speed, one sigma: what nobody draws is still not known better."""
EMPTY = ("lander.mass.dry", "lander.mass.payload", "lander.mass.cold_gas")


def mass_belief(mission: Mission, rows: Sequence[Row], start_kg: float) -> MassBelief | None:
    """As start and specific impulse are drawn; None for a lander without a gauge."""
    if not any(kind_of(label) == GAUGE for label in mission.lander.sensors):
        return None
    drawn = math.sqrt(drawn_variance(rows, "masses.separation"))
    share = max(drawn / mission.masses.separation_kg, LEAST_FRACTION)
    return of_numbers(
        MassBelief, start_mass_kg=share * start_kg, exhaust_fraction=exhaust_fraction(rows)
    )


def exhaust_fraction(rows: Sequence[Row]) -> float:
    """One sigma of the exhaust speed, as a share of it: of the engine that is drawn widest."""
    engines = [
        math.sqrt(mean_square(row)) / row.leaf.value
        for row in rows
        if row.path.startswith("lander.engine") and row.path.endswith("specific_impulse")
    ]
    return max([LEAST_FRACTION, *engines])


def empty_mass_kg(rows: Sequence[Row]) -> float:
    """One sigma of the mass with empty tanks, as it is drawn."""
    return math.sqrt(sum(drawn_variance(rows, path) for path in EMPTY))
