"""Knows how two hundred random touchdowns end, by steps of a millisecond, half and a quarter.

The lander is the catalog's at its mass of touchdown, on six simple legs over rock.
"""

import functools
from typing import NamedTuple

import jax.numpy as jnp
import numpy as np

from perilune.flight.lander_drop import Drop, DropEnd, DropLimits, drops_of, flown_drops
from perilune.truth.dynamics.contact import SUBSTEP_COUNT
from validation import drop_test

COUNT, SEED = 200, 7
GRAVITY_M_S2, TIP_RAD, SLIDE_M = 1.62, np.deg2rad(60.0), 2.3


class Case(NamedTuple):
    """The vehicle, its tanks, and what ends a touchdown."""

    vehicle: object
    tank_kg: object
    limits: DropLimits


@functools.cache
def case() -> Case:
    """The catalog's lander at its mass of touchdown."""
    vehicle = drop_test.lander()
    shares = jnp.append(vehicle.engines.draw_fraction[0, :-1], 0.0)
    limits = DropLimits(*map(jnp.asarray, (GRAVITY_M_S2, TIP_RAD, SLIDE_M)))
    return Case(vehicle, shares * (drop_test.TOUCHDOWN_KG - vehicle.mass.dry_kg), limits)


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


def endings(step_factor: int = 1, count: int = COUNT) -> np.ndarray:
    """How each ends, by `DropEnd`, in steps of a millisecond over `step_factor`."""
    here = case()
    steps = SUBSTEP_COUNT * step_factor
    found = flown_drops(here.vehicle, here.tank_kg, here.limits, drops(count), steps)
    return np.asarray(found.ending)


if __name__ == "__main__":
    once = endings()
    for factor in (2, 4):
        same = int(np.sum(endings(factor) == once))
        print(f"steps over {factor}: {same} of {COUNT} end alike")
    print({DropEnd(each).name: int(np.sum(once == each)) for each in np.unique(once)})
