import jax
import jax.numpy as jnp
import numpy as np
import pyproj
import pytest

from perilune.mechanics import projection
from perilune.mechanics.constants import MOON_RADIUS_M as RADIUS_M

SITE = np.radians([-84.7906, 29.1957])


@pytest.fixture(scope="module")
def scattered_m():
    return np.random.default_rng(5).uniform(-1.5e6, 1.5e6, (200, 2))


def test_a_plane_point_survives_the_way_there_and_back(scattered_m):
    direction = projection.direction_from_plane(scattered_m, RADIUS_M)
    np.testing.assert_allclose(np.linalg.norm(direction, axis=-1), 1.0, atol=1e-15)
    back_m = projection.plane_from_direction(jnp.asarray(direction) * 1.8e6, RADIUS_M)
    np.testing.assert_allclose(back_m, scattered_m, atol=1e-8)


def test_the_plane_is_the_oblique_stereographic_projection_of_proj(scattered_m):
    latitude, longitude = np.degrees(SITE)
    crs = pyproj.CRS.from_proj4(
        f"+proj=stere +lat_0={latitude} +lon_0={longitude} +k=1 +R={RADIUS_M} +units=m +no_defs"
    )
    to_map = pyproj.Transformer.from_crs(crs.geodetic_crs, crs, always_xy=True)
    site_from_fixed = projection.site_from_fixed_matrix(*SITE)
    fixed = projection.direction_from_plane(scattered_m, RADIUS_M) @ site_from_fixed
    lat_rad, lon_rad = projection.angles_from_direction(fixed)
    u_m, v_m = to_map.transform(np.degrees(lon_rad), np.degrees(lat_rad))
    np.testing.assert_allclose(np.stack([u_m, v_m], axis=-1), scattered_m, atol=1e-5)


def test_a_great_circle_through_the_site_is_a_straight_line_of_known_length():
    angle = np.linspace(-0.8, 0.8, 9)
    heading = np.radians(173.0)
    direction = np.stack(
        [np.sin(angle) * np.sin(heading), np.sin(angle) * np.cos(heading), np.cos(angle)], axis=-1
    )
    plane_m = projection.plane_from_direction(jnp.asarray(direction), RADIUS_M)
    along_m = 2.0 * RADIUS_M * np.tan(0.5 * angle)
    np.testing.assert_allclose(
        plane_m, along_m[:, None] * [np.sin(heading), np.cos(heading)], atol=1e-8
    )


def test_the_derivative_is_that_of_the_plane_point():
    position_m = jnp.array([3.1e5, -2.2e5, 1.69e6])

    def plane_m(position_m):
        return projection.plane_from_direction(position_m, RADIUS_M)

    np.testing.assert_allclose(
        projection.plane_gradients(position_m, RADIUS_M),
        jax.jacfwd(plane_m)(position_m),
        atol=1e-14,
    )


def test_the_antipode_gives_a_finite_point_far_away():
    plane_m = projection.plane_from_direction(jnp.array([1e-3, 0.0, -1.0]), RADIUS_M)
    assert np.isfinite(plane_m).all()
    assert plane_m[0] > 1e8


@pytest.mark.parametrize("latitude_deg", [-90.0, -84.79, 0.0, 18.56, 90.0])
def test_site_axes_are_east_north_up(latitude_deg):
    latitude, longitude = np.radians(latitude_deg), np.radians(29.2)
    axes = projection.site_from_fixed_matrix(latitude, longitude)
    np.testing.assert_allclose(axes @ axes.T, np.eye(3), atol=1e-15)
    assert np.linalg.det(axes) == pytest.approx(1.0)
    assert axes[0, 2] == 0.0
    assert axes[1, 2] == pytest.approx(np.cos(latitude))
    np.testing.assert_allclose(axes[2], projection.direction_from_angles(latitude, longitude))
