"""The altimeter's geometry against analytic plane and sphere, and against a dense march."""

from types import SimpleNamespace

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from perilune.data.maps import map_files
from perilune.design.build_terrain import build_terrain
from perilune.mechanics import map_tiles, projection, ray_march
from perilune.mechanics.constants import MOON_RADIUS_M as RADIUS_M
from perilune.truth.environment import terrain

COUNT = 1_000
LIMIT_DEG = 75.0
KEY = np.zeros(2, np.uint32)


def fan(seed, up, height_m):
    """Rays from random heights 10 m to 16 km above the ground, 0 to 75 degrees off the vertical."""
    random = np.random.default_rng(seed)
    above_m = 10.0 ** random.uniform(1.0, 4.2, COUNT)
    incidence = np.radians(random.uniform(0.0, LIMIT_DEG, COUNT))
    heading = random.uniform(0.0, 2.0 * np.pi, COUNT)
    side = np.cross(up, [0.6, 0.0, 0.8])
    side /= np.linalg.norm(side, axis=-1, keepdims=True)
    across = np.cos(heading)[:, None] * side + np.sin(heading)[:, None] * np.cross(up, side)
    direction = np.sin(incidence)[:, None] * across - np.cos(incidence)[:, None] * up
    origin = (RADIUS_M + height_m + above_m)[:, None] * up
    return jnp.asarray(origin), jnp.asarray(direction), above_m / np.cos(incidence)


def scattered_up():
    up = np.random.default_rng(9).normal(size=(COUNT, 3))
    return up / np.linalg.norm(up, axis=-1, keepdims=True)


def test_every_range_to_a_sphere_is_the_analytic_one_to_a_millimetre():
    level_m = 1_234.5
    origin, direction, _ = fan(1, scattered_up(), level_m)
    march = jax.jit(
        jax.vmap(
            lambda o, d: ray_march.march(
                lambda p: jnp.linalg.norm(p) - RADIUS_M - level_m, o, d, 200_000.0
            )
        )
    )
    range_m, hit = march(origin, direction)
    toward_m = -np.sum(origin * direction, axis=-1)
    excess_m2 = np.sum(origin * origin, axis=-1) - (RADIUS_M + level_m) ** 2
    exact_m = excess_m2 / (toward_m + np.sqrt(toward_m**2 - excess_m2))
    assert hit.all()
    np.testing.assert_allclose(range_m, exact_m, atol=1e-3, rtol=0.0)


@pytest.mark.parametrize("slope_deg", [0.0, 2.7, 12.0])
def test_every_range_to_a_plane_is_the_analytic_one_to_a_millimetre(slope_deg):
    up = np.tile([0.0, 0.0, 1.0], (COUNT, 1))
    origin, direction, _ = fan(2, up, 0.0)
    slope = np.radians(slope_deg)
    normal = np.array([np.sin(slope), 0.0, np.cos(slope)])
    offset_m = RADIUS_M * np.cos(slope)
    # The height at which the radius through a point meets the plane: offset / (normal . r/|r|).
    march = jax.jit(
        jax.vmap(
            lambda o, d: ray_march.march(
                lambda p: jnp.linalg.norm(p) * (1.0 - offset_m / jnp.dot(normal, p)),
                o,
                d,
                200_000.0,
            )
        )
    )
    range_m, hit = march(origin, direction)
    closing = -np.asarray(direction) @ normal
    exact_m = (np.asarray(origin) @ normal - offset_m) / closing
    within = (closing > np.cos(np.radians(85.0))) & (exact_m < 200_000.0)
    assert within.sum() > 0.9 * COUNT
    assert np.asarray(hit)[within].all()
    np.testing.assert_allclose(np.asarray(range_m)[within], exact_m[within], atol=1e-3, rtol=0.0)


@pytest.fixture(scope="module")
def rough(data_folder):
    """The ground on the way to Mons Mouton: rays half over the last 80 km, half over 600 km."""
    site = SimpleNamespace(
        is_stated=True,
        latitude_rad=np.radians(-84.7906),
        longitude_rad=np.radians(29.1957),
        height_m=5_305.0,
        slope_rad=np.radians(2.7),
        slope_aspect_rad=0.0,
    )
    names = ("im2_mons_mouton_64ppd.npz", "im2_approach_swath_64ppd.npz", "LDEM_4.IMG")
    sources = [map_files.open_source(data_folder / "terrain" / name) for name in names]
    ground, _ = build_terrain(site, np.pi, sources)
    random = np.random.default_rng(3)
    north_m = np.where(np.arange(COUNT) % 2, 80_000.0, 600_000.0) * random.uniform(size=COUNT)
    plane_m = np.stack([random.uniform(-5_000.0, 5_000.0, COUNT), north_m], axis=-1)
    up = projection.direction_from_plane(plane_m, RADIUS_M) @ np.asarray(ground.map.site_from_fixed)
    return ground, *fan(4, up, map_tiles.heights_on_host(ground.map, up))


def dense_ranges_m(clearances_m, origin, direction, reach_m, count=6_000):
    """The first ground on each ray by looking every 1/6000 of the reach, then halving."""

    def place(range_m):
        return clearances_m(origin + range_m[:, None] * direction) > 0.0

    def look(carry, step):
        last_m, found = carry
        range_m = reach_m * (step + 1.0) / count
        found = found | ~place(range_m)
        return (jnp.where(found, last_m, range_m), found), None

    def halve(carry, _):
        low_m, high_m = carry
        middle_m = 0.5 * (low_m + high_m)
        above = place(middle_m)
        return (jnp.where(above, middle_m, low_m), jnp.where(above, high_m, middle_m)), None

    start = jnp.zeros(COUNT), jnp.zeros(COUNT, bool)
    (low_m, found), _ = jax.lax.scan(look, start, jnp.arange(count, dtype=float))
    (low_m, _), _ = jax.lax.scan(halve, (low_m, low_m + reach_m / count), None, length=45)
    return low_m, found


def test_every_range_to_rough_ground_is_that_of_a_dense_march_to_a_decimetre(rough):
    ground, origin, direction, slant_m = rough
    reach_m = jnp.asarray(np.minimum(80_000.0, 3.0 * slant_m + 2_000.0))

    def clearance_m(position):
        return terrain.clearance_m(ground, position, KEY, 1.0)

    range_m, hit = jax.jit(jax.vmap(lambda o, d, reach: ray_march.march(clearance_m, o, d, reach)))(
        origin, direction, reach_m
    )
    dense_m, found = jax.jit(
        lambda o, d, reach: dense_ranges_m(jax.vmap(clearance_m), o, d, reach)
    )(origin, direction, reach_m)
    point = origin + dense_m[:, None] * direction
    normal = jax.vmap(lambda p: terrain.normal_fixed(ground, p, KEY, 1.0))(point)
    local_deg = np.degrees(np.arccos(-np.sum(np.asarray(normal) * np.asarray(direction), axis=-1)))
    found, hit = np.asarray(found), np.asarray(hit)
    assert not (hit & ~found).any()
    # What is missed is within five degrees of grazing on the local slope: an echo no altimeter has.
    assert hit[found & (local_deg < 85.0)].all()
    assert (found & ~hit).mean() < 5e-3
    both = found & hit
    np.testing.assert_allclose(
        np.asarray(range_m)[both], np.asarray(dense_m)[both], atol=0.1, rtol=0.0
    )
