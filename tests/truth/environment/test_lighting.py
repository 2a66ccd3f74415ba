"""The light on the ground: discs in the sky of a place, and the table along an approach."""

import math

import jax.numpy as jnp
import numpy as np
import pytest

from perilune.data.utc import epoch_from_utc
from perilune.design.build_sky import tabulate
from perilune.mechanics.constants import EARTH_RADIUS_M, MOON_RADIUS_M, SUN_RADIUS_M
from perilune.mechanics.projection import direction_from_angles
from perilune.mechanics.rotation import rotate
from perilune.mechanics.terrain_map import map_height_m
from perilune.truth.environment import illumination, lighting
from perilune.truth.environment.ephemeris import (
    earth_position_m,
    fixed_from_inertial,
    sun_position_m,
)
from perilune.truth.environment.horizon import distances_m
from perilune.truth.environment.surface import relief_m

PLACE_RAD = np.radians([-84.7906, 29.1957])
UP = jnp.asarray(direction_from_angles(*PLACE_RAD))
ALONG_M = jnp.asarray(distances_m(500.0, 0.05, 100_000.0))


@pytest.fixture(scope="module")
def sky():
    return tabulate(epoch_from_utc("2025-03-06T17:28:50Z"), 60.0)


def fixed_m(sky, position_m):
    return rotate(fixed_from_inertial(sky, 0.0), position_m(sky, 0.0))


@pytest.mark.parametrize(
    ("position_m", "asked"),
    [
        (sun_position_m, illumination.sun_elevation_azimuth_rad),
        (earth_position_m, illumination.earth_elevation_azimuth_rad),
    ],
)
def test_sun_and_earth_stand_where_they_do_over_a_sphere(sky, position_m, asked):
    flat = lambda *_: jnp.array(0.0)  # noqa: E731
    seen = lighting.seen_from(flat, UP, fixed_m(sky, position_m), EARTH_RADIUS_M, ALONG_M)
    elevation_rad, azimuth_rad = asked(sky, 0.0, *PLACE_RAD)
    assert float(seen.elevation_rad) == pytest.approx(float(elevation_rad), abs=1e-12)
    assert float(seen.azimuth_rad) == pytest.approx(float(azimuth_rad), abs=1e-12)


def test_a_ridge_as_high_as_the_sun_hides_half_of_it_and_a_higher_one_all(sky):
    """A wall round the place 10 km off, with its crest at the Sun's centre, moved by its disc."""
    sun_m = fixed_m(sky, sun_position_m)
    sun_rad = float(lighting.seen_from(lambda *_: jnp.array(0.0), UP, sun_m, 1.0, ALONG_M)[0])
    disc_rad = SUN_RADIUS_M / float(jnp.linalg.norm(sun_m))
    shares = []
    for off in (-1.0, 0.0, 1.0):
        arc, angle = 10_000.0 / MOON_RADIUS_M, sun_rad + off * disc_rad
        # The law of sines in the triangle of eye, crest and the Moon's centre.
        crest_m = MOON_RADIUS_M * math.cos(angle) / math.cos(angle + arc)
        wall = lambda _, away, high=crest_m: jnp.where(away == 1e4, high - MOON_RADIUS_M, 0.0)  # noqa: E731
        shares.append(float(lighting.sunlit_fraction(wall, UP, sun_m, ALONG_M)))
    assert shares == pytest.approx([1.0, 0.5, 0.0], abs=1e-5)


def test_the_ground_that_hides_the_sun_is_that_of_the_map_and_the_relief_below_it(athena_design):
    terrain = athena_design.plan.world.terrain
    key, away_m = jnp.zeros(2, jnp.uint32), jnp.array(2_000.0)
    found = lighting.ground_heights(terrain, key, 5.0)(UP, away_m)
    to_site = terrain.map.site_from_fixed
    assert float(jnp.linalg.norm((to_site @ UP)[:2])) < 1e-6  # the middle of the site's plane
    relief = relief_m(terrain.surface, key, jnp.zeros(2), jnp.array(0.02 * 2_000.0))
    fine = relief_m(terrain.surface, key, jnp.zeros(2), jnp.array(5.0))
    assert float(relief) != float(fine)
    assert float(found) == pytest.approx(float(map_height_m(terrain.map, UP) + relief), abs=1e-3)
    near = lighting.ground_heights(terrain, key, 5.0)(UP, jnp.array(0.0))
    assert float(near) == pytest.approx(float(map_height_m(terrain.map, UP) + fine), abs=1e-3)


def test_the_light_below_a_vehicle_is_the_suns_height_there_and_the_tables_share():
    table = lighting.GroundLight(jnp.array([0.0, 1e5]), jnp.array([0.2, 0.6]))
    aim, sun = jnp.array([0.0, 0.0, MOON_RADIUS_M]), 1.5e11 * jnp.array([0.0, 0.6, 0.8])
    arc = 50e3 / MOON_RADIUS_M
    here = 1.8e6 * jnp.array([0.0, math.sin(arc), math.cos(arc)])
    found = lighting.lighting_below(table, sun, here, aim)
    assert float(found.lit_fraction) == pytest.approx(0.4)
    assert float(found.sun_elevation_rad) == pytest.approx(math.asin(0.8) + arc)
