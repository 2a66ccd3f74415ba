"""Where a mission's lander has its centre of mass, from empty tanks to those of the first load."""

import functools

import numpy as np

from perilune.mechanics.mass_properties import MassModel, mass_properties
from perilune.mission.mission import Mission

FILLS = (0.0, 0.25, 0.5, 0.75, 1.0)


def dry_kg(mission: Mission) -> float:
    """The mass that the dry inertia belongs to."""
    return mission.lander.mass.dry_kg + mission.lander.mass.payload_kg


def centers_of_mass_m(mission: Mission) -> tuple[tuple[float, ...], ...]:
    """Centre of mass, m in the body frame, with each of `FILLS` of the first load in the tanks."""
    lander = mission.lander
    gas_kg = lander.mass.cold_gas_kg
    return _centers_m(
        (dry_kg(mission), gas_kg, mission.masses.separation_kg - dry_kg(mission) - gas_kg),
        lander.mass.dry_center_of_mass_m,
        tuple((*tank.off_axis_m, tank.bottom_height_m) for tank in lander.tanks),
        tuple((t.radius_m, t.density_kg_m3, t.propellant_fraction) for t in lander.tanks),
    )


@functools.lru_cache(maxsize=64)
def _centers_m(
    dry_gas_load_kg: tuple[float, float, float],
    dry_center_m: tuple[float, ...],
    floors_m: tuple[tuple[float, ...], ...],
    tanks: tuple[tuple[float, float, float], ...],
) -> tuple[tuple[float, ...], ...]:
    """The same of numbers: most of what a mission draws is none of them.

    `tanks` have a radius, m, a density, kg/m³, and a share of the load each.
    """
    dry, gas_kg, load_kg = dry_gas_load_kg
    radius_m, density_kg_m3, share = np.array(tanks).T
    model = MassModel(
        dry_kg=np.array(dry),
        dry_center_body_m=np.array(dry_center_m),
        dry_inertia_kg_m2=np.zeros((3, 3)),
        tank_floor_body_m=np.array(floors_m),
        tank_radius_m=radius_m,
        tank_density_kg_m3=density_kg_m3,
    )
    liquid_kg = np.outer(FILLS, max(load_kg, 0.0) * share)
    loads_kg = np.hstack([liquid_kg, np.full((len(FILLS), 1), gas_kg)])
    centers_m = mass_properties(model, loads_kg, xp=np).center_body_m
    return tuple(map(tuple, centers_m.tolist()))
