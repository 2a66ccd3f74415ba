"""Knows how Odysseus' and Athena's touchdowns end where a stop stands in the pads' way.

Nova-C with 100 kg of propellant, level, on the catalog's soil, over the ground at eight azimuths
from downhill; a straight wall 0.3 m before its foremost pad. Odysseus' speeds and slope are those
reported. Of Athena only the planned descent rate is published, and that it skidded: it comes down
on level ground at assumed speeds.
"""

import dataclasses
from typing import NamedTuple

import jax.numpy as jnp
import numpy as np

from perilune import load_mission
from perilune.design.build_lander import build_vehicle
from perilune.design.numbers import numbers_of, to_arrays
from perilune.design.typed_arrays import as_arrays
from perilune.flight.drop_start import Wall, drops_of
from perilune.flight.lander_drop import DropEnd, DropLimits, flown_drops
from validation import drop_test
from validation.bodies import LUNAR_GRAVITY_M_S2

PROPELLANT_KG, GAP_M, TIP_RAD, SLIDE_M = 100.0, 0.3, np.deg2rad(60.0), 2.3
HEIGHTS_M = (0.1, 0.2, 0.3)
AZIMUTHS_RAD = np.deg2rad(45.0 * np.arange(8))


class Approach(NamedTuple):
    """One touchdown: speeds, slope, and the load that breaks a leg."""

    name: str
    down_m_s: float
    across_m_s: float
    slope_deg: float
    ultimate_n: float


APPROACHES = (
    *(Approach("Odysseus", 3.35, 0.65, 12.0, 1e3 * load) for load in (12.0, 6.0)),
    *(Approach("Athena", 1.0, across, 0.0, 12e3) for across in (1.0, 2.0, 3.0)),
)


def ends(approach: Approach, heights_m: tuple[float, ...]) -> np.ndarray:
    """How it ends, by `DropEnd`, by height and azimuth; without a wall where no height is given."""
    numbers = to_arrays(numbers_of(load_mission(drop_test.MISSION)))
    soil = as_arrays(load_mission(drop_test.MISSION).site.soil)
    vehicle = build_vehicle(numbers.lander, numbers.layout, numbers.errors, soil)
    points = vehicle.contact
    legs = dataclasses.replace(
        points.legs, ultimate_load_n=jnp.full(points.leg_count, approach.ultimate_n)
    )
    points = dataclasses.replace(points, legs=legs)
    vehicle = dataclasses.replace(vehicle, contact=points)
    shares = jnp.append(vehicle.engines.draw_fraction[0, :-1], 0.0)
    heights, azimuths = (
        each.ravel() for each in np.meshgrid(heights_m or (0.0,), AZIMUTHS_RAD, indexing="ij")
    )
    wall = Wall(height_m=jnp.asarray(heights), distance_m=jnp.asarray(GAP_M))
    drops = drops_of(
        len(azimuths),
        wall if heights_m else None,
        vertical_speed_m_s=approach.down_m_s,
        horizontal_speed_m_s=approach.across_m_s,
        slope_rad=np.deg2rad(approach.slope_deg),
        azimuth_rad=azimuths,
    )
    limits = DropLimits(*map(jnp.asarray, (LUNAR_GRAVITY_M_S2, TIP_RAD, SLIDE_M)))
    found = flown_drops(vehicle, shares * PROPELLANT_KG, limits, drops)
    return np.asarray(found.ending).reshape(-1, len(AZIMUTHS_RAD))


if __name__ == "__main__":
    for each in APPROACHES:
        print(each)
        rows = zip((None, *HEIGHTS_M), [*ends(each, ()), *ends(each, HEIGHTS_M)], strict=True)
        for height, row in rows:
            words = " ".join(DropEnd(int(one)).name.lower() for one in row)
            print(f"  {'no stop' if height is None else f'{height} m'}: {words}")
