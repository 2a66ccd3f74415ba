import jax
import jax.numpy as jnp
import numpy as np
import pytest

from perilune.data.spice_kernels import kernels
from perilune.data.utc import epoch_from_utc
from perilune.design.build_sky import tabulate
from perilune.mechanics.constants import MOON_RADIUS_M
from perilune.mechanics.rotation import rotate, to_matrix
from perilune.mechanics.time import after, tdb_s
from perilune.truth.environment import ephemeris

EPOCH = epoch_from_utc("2025-03-06T15:00:00Z")
SPAN_S = 3 * 3_600.0


@pytest.fixture(scope="module")
def sky():
    return tabulate(EPOCH, SPAN_S)


@pytest.fixture
def spice():
    with kernels() as loaded:
        yield loaded


def test_three_hours_are_one_segment(sky):
    for table in (sky.earth, sky.sun, sky.pa_from_inertial):
        assert table.coefficients.shape[0] == 1


@pytest.mark.parametrize("t_s", [0.0, 123.0, 5_400.0, SPAN_S])
def test_bodies_stand_where_spice_has_them_to_a_centimetre(sky, spice, t_s):
    for body, ours in (("EARTH", ephemeris.earth_position_m), ("SUN", ephemeris.sun_position_m)):
        theirs_km, _ = spice.spkpos(body, tdb_s(EPOCH) + t_s, "J2000", "NONE", "MOON")
        assert np.linalg.norm(ours(sky, t_s) - 1e3 * theirs_km) < 0.01


@pytest.mark.parametrize("t_s", [0.0, 123.0, 5_400.0, SPAN_S])
def test_the_moon_is_turned_as_spice_turns_it_to_a_hundredth_of_a_millimetre(sky, spice, t_s):
    for frame, ours in (
        ("MOON_PA", ephemeris.pa_from_inertial),
        ("MOON_ME", ephemeris.fixed_from_inertial),
    ):
        theirs = spice.pxform("J2000", frame, tdb_s(EPOCH) + t_s)
        apart = np.linalg.norm(np.asarray(to_matrix(ours(sky, t_s))) - theirs, ord=2)
        assert MOON_RADIUS_M * apart < 1e-5


def test_the_spin_is_that_of_spice(sky, spice):
    for t_s in (0.0, 4_000.0, SPAN_S):
        state = spice.sxform("J2000", "MOON_PA", tdb_s(EPOCH) + t_s)
        _, theirs_rad_s = spice.xf2rav(state)
        ours_rad_s = ephemeris.spin_inertial_rad_s(sky, t_s)
        np.testing.assert_allclose(ours_rad_s, theirs_rad_s, rtol=0, atol=1e-14)


def test_the_ground_moves_with_the_spin(sky):
    site_pa_m = jnp.array([1.0e5, 1.2e5, -1.73e6])

    def place_m(t_s):
        return jnp.stack(
            rotate(ephemeris.pa_from_inertial(sky, t_s) * jnp.array([1.0, -1, -1, -1]), site_pa_m)
        )

    t_s = 3_000.0
    _, velocity_m_s = jax.jvp(place_m, (t_s,), (1.0,))
    turned_m_s = jnp.cross(ephemeris.spin_inertial_rad_s(sky, t_s), place_m(t_s))
    np.testing.assert_allclose(velocity_m_s, turned_m_s, rtol=0, atol=1e-9)


def test_mean_earth_and_principal_axes_lie_875_m_apart(sky):
    angle_rad = 2.0 * np.arccos(abs(float(sky.fixed_from_pa[0])))
    theirs_rad = np.radians(np.hypot(np.hypot(67.92, 78.56), 0.30) / 3_600.0)  # moon_080317.tf
    assert angle_rad == pytest.approx(theirs_rad, rel=1e-5)
    assert angle_rad * MOON_RADIUS_M == pytest.approx(875.0, abs=1.0)


def test_the_quaternion_never_jumps_over_a_month(sky):
    month = tabulate(EPOCH, 27.3 * 86_400.0)
    assert month.earth.coefficients.shape[0] > 100
    at = jax.jit(lambda t_s: ephemeris.pa_from_inertial(month, t_s))
    steps = np.array([at(t_s) for t_s in np.linspace(0.0, 27.3 * 86_400.0, 60)])
    assert np.all(np.sum(steps[1:] * steps[:-1], axis=1) > 0.9)
    np.testing.assert_allclose(at(100.0), ephemeris.pa_from_inertial(sky, 100.0), atol=1e-11)


def test_a_table_may_begin_before_its_epoch(sky):
    early = tabulate(after(EPOCH, 3_600.0), 7_200.0, start_s=-3_600.0)
    np.testing.assert_allclose(
        ephemeris.earth_position_m(early, -1_800.0),
        ephemeris.earth_position_m(sky, 1_800.0),
        rtol=0,
        atol=0.01,
    )
