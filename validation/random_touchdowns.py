"""Knows how two hundred random touchdowns end, by steps of a millisecond, half and a quarter.

Nova-C at its mass of touchdown on its six simple legs, over rock and over the soil of a site; and
the lunar module on its gear of TN D-6850, with secondary struts, over soil.
"""

import functools
from typing import NamedTuple

import jax.numpy as jnp
import numpy as np

from perilune import load_mission
from perilune.design.build_lander import build_vehicle
from perilune.design.numbers import numbers_of, to_arrays
from perilune.design.typed_arrays import as_arrays
from perilune.flight.drop_start import Drop, drops_of
from perilune.flight.lander_drop import DropEnd, DropLimits, DropResult, flown_drops
from perilune.truth.dynamics.contact import SUBSTEP_COUNT
from validation import drop_test, lunar_module

COUNT, SEED = 200, 7
GRAVITY_M_S2, TIP_RAD = 1.62, np.deg2rad(60.0)
ROCK, SOIL, GEAR = "Nova-C on rock", "Nova-C on soil", "lunar module's gear on soil"
GEAR_ON_ROCK = "lunar module's gear on rock"


class Case(NamedTuple):
    """The vehicle, its tanks, and what ends a touchdown."""

    vehicle: object
    tank_kg: object
    limits: DropLimits


@functools.cache
def case(name: str = ROCK) -> Case:
    """A lander at its mass of touchdown; one that moves by more than its tread radius has slid."""
    if name in {GEAR, GEAR_ON_ROCK}:
        soil = lunar_module.SOIL if name == GEAR else None
        reach_m = 167.0 * lunar_module.INCH_M
        return Case(lunar_module.lunar_module(soil=soil), jnp.zeros(2), _limits(reach_m))
    numbers = to_arrays(numbers_of(load_mission(drop_test.MISSION)))
    soil = as_arrays(load_mission(drop_test.MISSION).site.soil) if name == SOIL else None
    vehicle = build_vehicle(numbers.lander, numbers.layout, numbers.errors, soil)
    shares = jnp.append(vehicle.engines.draw_fraction[0, :-1], 0.0)
    return Case(vehicle, shares * (drop_test.TOUCHDOWN_KG - vehicle.mass.dry_kg), _limits(2.3))


def _limits(slide_m: float) -> DropLimits:
    return DropLimits(*map(jnp.asarray, (GRAVITY_M_S2, TIP_RAD, slide_m)))


def drops(count: int = COUNT) -> Drop:
    """Up to 3.5 m/s down, 2.5 m/s across, 15 degrees of slope, any way, leaning by 6 degrees."""
    rng = np.random.default_rng(SEED)
    turn = np.deg2rad(6.0) * rng.uniform(-1.0, 1.0, (COUNT, 3)) * [1.0, 1.0, 0.0]
    every = {
        "vertical_speed_m_s": rng.uniform(0.3, 3.5, COUNT),
        "horizontal_speed_m_s": rng.uniform(0.0, 2.5, COUNT),
        "slope_rad": np.deg2rad(rng.uniform(0.0, 15.0, COUNT)),
        "azimuth_rad": rng.uniform(0.0, 2.0 * np.pi, COUNT),
        "heading_rad": rng.uniform(0.0, 2.0 * np.pi, COUNT),
        "lean_rad": turn,
        "rate_body_rad_s": np.deg2rad(2.0) * rng.uniform(-1.0, 1.0, (COUNT, 3)),
    }
    return drops_of(count, **{name: each[:count] for name, each in every.items()})


def flown(name: str = ROCK, step_factor: int = 1, count: int = COUNT) -> DropResult:
    """Each touchdown, in steps of a millisecond over `step_factor`."""
    here = case(name)
    steps = SUBSTEP_COUNT * step_factor
    return flown_drops(here.vehicle, here.tank_kg, here.limits, drops(count), steps)


def endings(name: str = ROCK, step_factor: int = 1, count: int = COUNT) -> np.ndarray:
    """How each ends, by `DropEnd`."""
    return np.asarray(flown(name, step_factor, count).ending)


if __name__ == "__main__":
    for each in (ROCK, SOIL, GEAR):
        once = endings(each)
        print(each, {DropEnd(end).name: int(np.sum(once == end)) for end in np.unique(once)})
        for factor in (2, 4):
            same = int(np.sum(endings(each, factor) == once))
            print(f"  steps over {factor}: {same} of {COUNT} end alike")
