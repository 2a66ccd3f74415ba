import jax
import jax.numpy as jnp
import numpy as np
import pytest

from perilune.data.default_gravity import default_field
from perilune.data.spice_kernels import kernels
from perilune.data.utc import epoch_from_utc
from perilune.design.build_sky import tabulate
from perilune.mechanics.gravity import GravityField, harmonics_m_s2, point_mass_m_s2, truncate
from perilune.mechanics.integration import rk4
from perilune.mechanics.projection import direction_from_angles
from perilune.mechanics.rotation import rotate_back
from perilune.mechanics.time import tdb_s
from perilune.truth.environment.ephemeris import fixed_from_inertial
from perilune.truth.environment.gravitation import (
    acceleration_m_s2,
    left_out_inertial_m_s2,
    perturbation_m_s2,
)

EPOCH = epoch_from_utc("2025-03-06T15:00:00Z")


@pytest.fixture(scope="module")
def sky():
    return tabulate(EPOCH, 10_800.0)


@pytest.fixture(scope="module")
def above_the_site_m(sky):
    up = direction_from_angles(*np.radians([-84.7906, 29.1957]))
    return rotate_back(fixed_from_inertial(sky, 9_000.0), 1_752_400.0 * up)


def test_the_whole_is_the_point_mass_and_the_perturbation(sky, above_the_site_m):
    field = default_field()
    whole_m_s2 = acceleration_m_s2(field, sky, 9_000.0, above_the_site_m)
    rest_m_s2 = perturbation_m_s2(field, sky, 9_000.0, above_the_site_m)
    np.testing.assert_allclose(
        whole_m_s2 - rest_m_s2, point_mass_m_s2(field.gm_m3_s2, above_the_site_m), atol=1e-15
    )
    assert 1e-5 < float(jnp.linalg.norm(rest_m_s2)) < 5e-3


def test_without_harmonics_what_is_left_are_earth_and_sun_where_spice_has_them(
    sky, above_the_site_m
):
    tides_m_s2 = perturbation_m_s2(truncate(default_field(), 0), sky, 9_000.0, above_the_site_m)
    theirs_m_s2 = np.zeros(3, dtype=np.longdouble)
    with kernels() as spice:
        for body, gm_km3_s2 in (("EARTH", 398_600.435507), ("SUN", 132_712_440_041.279419)):
            at_km, _ = spice.spkpos(body, tdb_s(EPOCH) + 9_000.0, "J2000", "NONE", "MOON")
            body_m = 1e3 * np.array(at_km, dtype=np.longdouble)
            away_m = body_m - np.asarray(above_the_site_m)
            for sign, vector in ((1, away_m), (-1, body_m)):
                theirs_m_s2 += sign * 1e9 * gm_km3_s2 * vector / np.sqrt(vector @ vector) ** 3
    np.testing.assert_allclose(tides_m_s2, theirs_m_s2.astype(float), rtol=0, atol=1e-14)


def test_energy_in_the_moons_own_field_is_kept_along_a_revolution():
    """The field is cut to C20, round about its axis, so that the inertial energy itself is kept."""
    field = default_field()
    zonal = GravityField(
        field.gm_m3_s2,
        field.radius_m,
        jnp.zeros((9, 9)).at[2, 0].set(field.cosine[2, 0]),
        jnp.zeros((9, 9)),
    )

    def derivative(state, _):
        r_m, v_m_s = state
        return v_m_s, point_mass_m_s2(zonal.gm_m3_s2, r_m) + harmonics_m_s2(zonal, r_m)

    def energy(state):
        r_m, v_m_s = state
        r = jnp.linalg.norm(r_m)
        c20, sine = zonal.cosine[2, 0], r_m[2] / r
        shape = jnp.sqrt(5.0) * c20 * (zonal.radius_m / r) ** 2 * (1.5 * sine**2 - 0.5)
        return 0.5 * v_m_s @ v_m_s - zonal.gm_m3_s2 / r * (1.0 + shape)

    start = (jnp.array([1_837_400.0, 0.0, 0.0]), jnp.array([0.0, 300.0, 1_605.0]))
    fly = jax.jit(
        lambda s: jax.lax.scan(lambda x, _: (rk4(derivative, x, 0.0, 5.0), None), s, None, 1_400)[0]
    )
    np.testing.assert_allclose(energy(fly(start)), energy(start), rtol=2e-11)


def test_what_is_left_out_points_along_across_and_up_at_every_place_of_the_orbit():
    """On an orbit in the x-y plane: up is the radius, along the motion, across is z."""
    normal = jnp.array([0.0, 0.0, 1.0])
    for angle in (0.0, 1.0, 4.0):
        up = np.array([np.cos(angle), np.sin(angle), 0.0])
        along = np.array([-np.sin(angle), np.cos(angle), 0.0])
        for axis, expected in enumerate((along, np.asarray(normal), up)):
            local = jnp.zeros(3).at[axis].set(1.5e-5)
            found = left_out_inertial_m_s2(local, normal, jnp.asarray(1.8e6 * up))
            np.testing.assert_allclose(found, 1.5e-5 * expected, atol=1e-20)
