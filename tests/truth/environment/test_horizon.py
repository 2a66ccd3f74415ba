"""The horizon against closed forms and against a dense march of measured ground."""

import math

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from perilune.mechanics.constants import MOON_RADIUS_M, SUN_RADIUS_M
from perilune.mechanics.map_tiles import heights_on_host
from perilune.mechanics.projection import angles_from_direction, direction_from_angles
from perilune.mechanics.terrain_map import map_height_m
from perilune.truth.environment import horizon

SOMEWHERE = direction_from_angles(np.radians(-37.0), np.radians(12.0))


def eye(height_m):
    return jnp.asarray((MOON_RADIUS_M + height_m) * SOMEWHERE)


def arc_m(direction):
    """Distance along the sphere from below the eye."""
    return MOON_RADIUS_M * jnp.arccos(jnp.clip(direction @ SOMEWHERE, -1.0, 1.0))


@pytest.mark.parametrize("height_m", [10.0, 1_000.0, 30_000.0])
def test_over_a_sphere_the_horizon_dips_by_the_angle_of_the_tangent(height_m):
    reach_m = horizon.reach_m(height_m, 0.0, 0.0)
    along_m = horizon.distances_m(reach_m / 400.0, 0.01, reach_m)
    found = horizon.horizon_rad(lambda *_: jnp.array(0.0), eye(height_m), 1.0, along_m)
    dip_rad = -math.acos(MOON_RADIUS_M / (MOON_RADIUS_M + height_m))
    assert float(found) == pytest.approx(dip_rad, rel=1e-4)


@pytest.mark.parametrize("away_m", [3_000.0, 60_000.0])
def test_a_wall_stands_as_high_as_its_crest_is_seen_over_the_curved_moon(away_m):
    """A wall round the eye: crest and eye are points of a plane with the Moon's centre."""
    wall_m, eye_m = 2_000.0, 100.0
    ground = lambda direction, _: jnp.where(arc_m(direction) > away_m - 1.0, wall_m, 0.0)  # noqa: E731
    along_m = horizon.distances_m(10.0, 10.0 / away_m, 1.2 * away_m)
    found = horizon.horizon_rad(ground, eye(eye_m), 4.0, along_m)
    arc = away_m / MOON_RADIUS_M
    crest = (MOON_RADIUS_M + wall_m) * np.array([math.sin(arc), math.cos(arc)])
    rise = crest - np.array([0.0, MOON_RADIUS_M + eye_m])
    assert float(found) == pytest.approx(math.atan2(rise[1], rise[0]), abs=1e-4)


def test_from_the_middle_of_a_crater_the_rim_is_the_horizon_every_way():
    radius_m, depth_m = 1_500.0, 400.0
    bowl = lambda direction, _: depth_m * jnp.minimum(arc_m(direction) / radius_m, 1.0) ** 2  # noqa: E731
    along_m = horizon.distances_m(5.0, 5.0 / radius_m, 10_000.0)
    every_way = jnp.linspace(0.0, 6.0, 9)
    found = jax.vmap(lambda azimuth: horizon.horizon_rad(bowl, eye(0.0), azimuth, along_m))
    arc = radius_m / MOON_RADIUS_M
    rim_m = (MOON_RADIUS_M + depth_m) * np.array([math.sin(arc), math.cos(arc)])
    seen_rad = math.atan2(rim_m[1] - MOON_RADIUS_M, rim_m[0])
    np.testing.assert_allclose(found(every_way), seen_rad, rtol=1e-5)


def test_a_hill_is_seen_towards_its_own_azimuth_alone():
    azimuth = math.radians(250.0)
    hill = direction_from_angles(np.radians(-37.4), np.radians(12.0 - 1.2))
    near = lambda direction, _: jnp.where(direction @ hill > math.cos(2e-3), 3_000.0, 0.0)  # noqa: E731
    along_m = horizon.distances_m(200.0, 0.005, 60_000.0)
    toward = hill - (hill @ SOMEWHERE) * SOMEWHERE
    north = np.array([0.0, 0.0, 1.0]) - SOMEWHERE[2] * SOMEWHERE
    azimuth = math.atan2(toward @ np.cross(north, SOMEWHERE), toward @ north)
    there, away = (
        horizon.horizon_rad(near, eye(0.0), azimuth + turn, along_m) for turn in (0.0, 0.5)
    )
    assert float(there) > 0.05
    assert float(away) < 0.0


def test_at_a_pole_the_horizon_is_a_number():
    pole = jnp.array([0.0, 0.0, -MOON_RADIUS_M])
    found = horizon.horizon_rad(lambda *_: jnp.array(0.0), pole, 0.3, np.array([1e3, 2e3]))
    assert np.isfinite(float(found))


@pytest.mark.parametrize(("step_m", "growth", "reach_m"), [(10.0, 0.01, 3e5), (10.0, 0.5, 15.0)])
def test_a_march_looks_evenly_then_by_shares_of_the_way_as_far_as_asked(step_m, growth, reach_m):
    along_m = horizon.distances_m(step_m, growth, reach_m)
    steps = np.diff(along_m, prepend=0.0)
    assert steps.max() <= max(step_m, growth * along_m[-1]) + 1e-6
    assert (steps >= step_m - 1e-9).all()
    assert along_m[-1] >= reach_m
    assert along_m[-2] < reach_m


def test_no_ground_beyond_the_reach_can_be_the_horizon():
    """A wall of the greatest height just past it stands below ground that lies lowest."""
    eye_m, low_m, high_m = 500.0, -4_000.0, 6_000.0
    reach_m = horizon.reach_m(eye_m, low_m, high_m)
    angles = []
    for wall_m, part in ((high_m, 1.001), (high_m, 0.999)):
        arc = part * reach_m / MOON_RADIUS_M
        crest = (MOON_RADIUS_M + wall_m) * np.array([math.sin(arc), math.cos(arc)])
        rise = crest - np.array([0.0, MOON_RADIUS_M + eye_m])
        angles.append(math.atan2(rise[1], rise[0]))
    dip = -math.acos((MOON_RADIUS_M + low_m) / (MOON_RADIUS_M + eye_m))
    assert angles[0] < dip < angles[1]


def test_the_share_of_a_disc_is_that_of_its_points_above_the_line():
    axis = np.linspace(-1.0, 1.0, 2_001)
    x, y = np.meshgrid(axis, axis)
    inside = np.hypot(x, y) <= 1.0
    for height in (-1.2, -0.7, 0.0, 0.3, 1.1):
        counted = np.mean(y[inside] > -height)
        share = horizon.share_above(0.1 + 0.005 * height, 0.1, 0.005)
        assert float(share) == pytest.approx(counted, abs=1e-3)


def test_half_of_a_disc_on_the_horizon_is_above_it_and_the_sun_is_as_wide_as_it_is():
    assert float(horizon.share_above(0.02, 0.02, 0.005)) == pytest.approx(0.5)
    seen = horizon.angular_radius_rad(1.495978707e11, SUN_RADIUS_M)
    assert math.degrees(float(seen)) == pytest.approx(959.63 / 3600.0, abs=2e-4)  # IAU 1976


@pytest.mark.parametrize("azimuth_deg", [0.0, 77.0, 200.0, 301.0])
def test_over_measured_ground_it_is_that_of_a_dense_march_within_a_tenth_of_a_degree(
    measured_ground, polar_site, azimuth_deg
):
    """The march of the test knows the sphere by latitude and longitude, 25 m apart."""
    ground = measured_ground[0].map
    up = direction_from_angles(polar_site.latitude_rad, polar_site.longitude_rad)
    eye_m = float(heights_on_host(ground, up)) + 2.0
    along_m = horizon.distances_m(0.5 * measured_ground[1].resolution_m, 0.005, 260_000.0)
    found = jax.jit(horizon.horizon_rad, static_argnums=0)(
        lambda direction, _: map_height_m(ground, direction),
        jnp.asarray((MOON_RADIUS_M + eye_m) * up),
        math.radians(azimuth_deg),
        along_m,
    )
    dense_rad = _dense_horizon_rad(ground, up, eye_m, math.radians(azimuth_deg))
    assert math.degrees(abs(float(found) - dense_rad)) < 0.1


def _dense_horizon_rad(ground, up, eye_m, azimuth_rad):
    """Along a great circle by the sines of its triangle; elevations by coordinates of a plane."""
    latitude, longitude = angles_from_direction(up)
    arc = np.arange(25.0, 260_000.0, 25.0) / MOON_RADIUS_M
    sine = np.sin(latitude) * np.cos(arc) + np.cos(latitude) * np.sin(arc) * np.cos(azimuth_rad)
    turn = np.arctan2(
        np.sin(azimuth_rad) * np.sin(arc) * np.cos(latitude),
        np.cos(arc) - np.sin(latitude) * sine,
    )
    places = direction_from_angles(np.arcsin(sine), longitude + turn)
    points_m = (MOON_RADIUS_M + heights_on_host(ground, places))[:, None] * places
    rise_m = points_m - (MOON_RADIUS_M + eye_m) * up
    high_m = rise_m @ up
    return float(np.max(np.arctan2(high_m, np.linalg.norm(rise_m - high_m[:, None] * up, axis=1))))
