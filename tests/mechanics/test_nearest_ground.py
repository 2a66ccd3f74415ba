"""The nearest ground in a cone: a closed form over planes, a dense search over rough ground."""

import functools
import math

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from perilune.design.build_surface import build_surface
from perilune.mechanics.nearest_ground import Cone, Level, Pattern, nearest_ground, toward_in_cone
from perilune.mission.surface_statistics import SurfaceStatistics
from perilune.onboard.navigation.radar_altimeter import PATTERN as ONBOARD
from perilune.truth.environment.surface import relief_m
from perilune.truth.sensors.radar_altimeter import PATTERN as TRUTH

FAR_M = 1e9
"""Of the ground from the centre: so far that a sphere is level."""
DENSE = Pattern(
    ring_fractions=tuple(np.linspace(0.04, 1.0, 25)), ray_count=tuple(6 * k for k in range(1, 26))
)
PATTERNS = pytest.mark.parametrize("pattern", [TRUTH, ONBOARD], ids=["truth", "onboard"])


def beam(cant_rad, azimuth_rad=0.0):
    lean = math.sin(cant_rad)
    across = [lean * math.cos(azimuth_rad), lean * math.sin(azimuth_rad)]
    return jnp.array([*across, -math.cos(cant_rad)])


def over_plane(height_m, normal, axis, half_angle_rad, pattern):
    """The nearest ground in a cone so high over a plane below it; the level is known to a metre."""
    apex = jnp.array([0.0, 0.0, FAR_M + height_m])

    def clearance(place):
        sideways = place[0] * normal[0] + place[1] * normal[1]
        return place[2] - FAR_M + sideways / normal[2]

    level = Level(apex + jnp.array([0.3, 0.0, 0.0]), jnp.array(height_m + 1.0))
    return nearest_ground(clearance, Cone(apex, axis, half_angle_rad), level, pattern)


@PATTERNS
@pytest.mark.parametrize("slope_deg", [0.0, 5.0, 12.0, 25.0])
@pytest.mark.parametrize("cant_deg", [0.0, 6.0, 45.0])
@pytest.mark.parametrize("azimuth_deg", [0.0, 100.0, 190.0])
def test_over_a_plane_it_is_the_perpendicular_or_the_edge_nearest_to_it(
    pattern, slope_deg, cant_deg, azimuth_deg
):
    """The distance is h cos(slope); off the perpendicular by an angle it is over its cosine."""
    height_m, half, slope = 800.0, math.radians(10.0), math.radians(slope_deg)
    normal = np.array([math.sin(slope), 0.0, math.cos(slope)])
    axis = beam(math.radians(cant_deg), math.radians(azimuth_deg))
    found = over_plane(height_m, normal, axis, half, pattern)
    apart = math.acos(min(1.0, float(-jnp.sum(axis * normal))))
    distance_m = height_m * math.cos(slope) / math.cos(max(apart - half, 0.0))
    assert float(found.range_m) == pytest.approx(distance_m, rel=1e-6)
    np.testing.assert_allclose(found.normal, normal, atol=1e-4)
    assert bool(found.at_edge) is (apart > half)
    outward = float(-jnp.sum(found.direction * normal))
    assert math.acos(min(1.0, outward)) == pytest.approx(max(apart - half, 0.0), abs=2e-3)


def test_rays_that_look_above_the_horizon_find_nothing():
    level = np.array([0.0, 0.0, 1.0])
    up = over_plane(100.0, level, -beam(0.1), 0.2, TRUTH)
    assert math.isinf(float(up.range_m))
    half_up = over_plane(100.0, level, beam(0.5 * math.pi), 0.2, TRUTH)
    assert float(half_up.range_m) == pytest.approx(100.0 / math.sin(0.2), rel=1e-6)


@PATTERNS
def test_it_sees_a_hill_in_the_beam_and_none_beside_it(pattern):
    """A hill 40 m wide and 8 m high, on the edge of the beam and twice as far out."""

    def ground(middle_m):
        def clearance(place):
            away = (place[0] - middle_m) ** 2 + place[1] ** 2
            return place[2] - FAR_M - 8.0 * jnp.exp(-away / 40.0**2)

        return clearance

    apex = jnp.array([0.0, 0.0, FAR_M + 200.0])
    cone, level = Cone(apex, beam(0.0), 0.2), Level(apex, jnp.array(200.0))
    beside, inside = (
        nearest_ground(ground(middle_m), cone, level, pattern).range_m for middle_m in (160.0, 0.0)
    )
    assert float(beside) == pytest.approx(200.0, abs=0.3)
    assert float(inside) == pytest.approx(192.0, abs=0.3)


@functools.cache
def found_over_relief(height_m, cant_deg):
    """By pattern, ranges over 200 grounds of a mare with all that a map of 200 m pixels lacks."""
    surface = build_surface(SurfaceStatistics(), jnp.array(500.0))
    detail_m = jnp.sqrt(2.0 * 1.0 * height_m)

    def one(key, place_m):
        def clearance(place):
            return place[2] - FAR_M - relief_m(surface, key, place[:2], detail_m)

        apex = jnp.array([0.0, 0.0, FAR_M + height_m]) + jnp.append(place_m, 0.0)
        cone = Cone(apex, beam(math.radians(cant_deg)), math.radians(10.0))
        level = Level(apex, jnp.array(height_m))
        return [nearest_ground(clearance, cone, level, each).range_m for each in (DENSE, TRUTH)]

    random = np.random.default_rng(5)
    keys = random.integers(0, 2**32, (200, 2), dtype=np.uint32)
    places = random.uniform(-1e4, 1e4, (200, 2))
    return jax.jit(jax.vmap(one))(jnp.asarray(keys), jnp.asarray(places))


@pytest.mark.parametrize("cant_deg", [0.0, 40.0])
@pytest.mark.parametrize("height_m", [50.0, 500.0, 5_000.0])
def test_truths_few_rays_find_the_nearest_of_rough_ground_to_a_part_of_its_noise(
    height_m, cant_deg
):
    """Against 1,951 rays; the noise of the catalog's radar is 1 m and 0.2 % of the range."""
    dense_m, few_m = (np.asarray(each) for each in found_over_relief(height_m, cant_deg))
    late_m = few_m - dense_m
    noise_m = math.hypot(1.0, 0.002 * float(np.mean(dense_m)))
    assert np.sqrt(np.mean(late_m**2)) < noise_m
    assert -0.2 * noise_m < np.mean(late_m) < 0.8 * noise_m


def test_a_direction_is_held_into_the_cone():
    cone = Cone(jnp.zeros(3), beam(0.0), 0.3)
    np.testing.assert_allclose(toward_in_cone(cone, beam(0.2, 1.0)), beam(0.2, 1.0), atol=1e-12)
    np.testing.assert_allclose(toward_in_cone(cone, beam(0.7, 1.0)), beam(0.3, 1.0), atol=1e-12)
