"""State vectors in any frame become inertial ones, against SPICE's rotations alone."""

import math

import jax.numpy as jnp
import numpy as np
import pytest

from perilune.data.spice_kernels import kernels
from perilune.data.utc import epoch_from_utc
from perilune.design.build_sky import tabulate
from perilune.design.build_track_gravity import no_track_gravity
from perilune.design.orbit import Fields
from perilune.design.state_path import SPICE_FRAMES, Moving, StatePath, carried, inertial_state
from perilune.mechanics.constants import MOON_GM_M3_S2, MOON_RADIUS_M
from perilune.mechanics.ellipse import half_revolution_s, radii_of_state_m
from perilune.mechanics.gravity import GravityField
from perilune.mechanics.time import tdb_s
from perilune.mission.state_vector import State

EPOCH_UTC = "2025-03-06T16:22:19Z"
PLACE_M = np.array([1_300_000.0, -700_000.0, 1_100_000.0])
SPEED_M_S = np.array([-900.0, 300.0, 1_300.0])


def state_of(frame, place_m, speed_m_s):
    """As a mission's file gives it."""
    return State.model_validate(
        {
            "epoch_utc": EPOCH_UTC,
            "frame": frame,
            "position": [f"{each!r} m" for each in map(float, place_m)],
            "velocity": [f"{each!r} m/s" for each in map(float, speed_m_s)],
        }
    )


@pytest.mark.parametrize("frame", ["icrf", "moon_me", "moon_pa"])
def test_a_state_is_turned_as_places_before_and_after_it_are(frame):
    """A body that moves evenly in ICRF axes, as the turning axes see it: by central difference."""
    epoch = epoch_from_utc(EPOCH_UTC)

    def seen(after_s):
        with kernels() as spice:
            turn = spice.pxform("J2000", SPICE_FRAMES[frame], tdb_s(epoch) + after_s)
        return turn @ (PLACE_M + after_s * SPEED_M_S)

    speed = (seen(1.0) - seen(-1.0)) / 2.0
    state = state_of(frame, seen(0.0), speed)
    found = inertial_state(state, epoch)
    np.testing.assert_allclose(found.position_m, PLACE_M, atol=1e-3)
    np.testing.assert_allclose(found.velocity_m_s, SPEED_M_S, atol=1e-6)
    # The mission's own checks know the Moon's turn alone, without its libration.
    central = radii_of_state_m(MOON_GM_M3_S2, PLACE_M, SPEED_M_S)
    np.testing.assert_allclose(state.radii_m, central, atol=100.0)


def test_the_frames_of_the_moon_are_875_m_apart_at_the_surface():
    """Of DE421: turned by 67.92 and 78.56 arcsec (Williams et al. 2008, JPL IOM 335-20080314)."""
    one, other = (
        inertial_state(
            state_of(frame, (MOON_RADIUS_M, 0.0, 0.0), (0.0, 0.0, 0.0)), epoch_from_utc(EPOCH_UTC)
        ).position_m
        for frame in ("moon_me", "moon_pa")
    )
    expected_m = MOON_RADIUS_M * np.radians(np.hypot(67.92, 78.56) / 3600.0)
    assert np.linalg.norm(one - other) == pytest.approx(expected_m, abs=1.0)


def test_radii_of_a_state_are_those_of_its_ellipse():
    """At its apolune, by vis-viva; and at right angles to that, on the semi-latus rectum."""
    low_m, high_m = 1.75e6, 1.95e6
    slow_m_s = math.sqrt(2.0 * MOON_GM_M3_S2 * (1.0 / high_m - 1.0 / (high_m + low_m)))
    found = radii_of_state_m(
        MOON_GM_M3_S2, np.array([0.0, high_m, 0.0]), np.array([0.0, 0.0, slow_m_s])
    )
    assert found == pytest.approx((low_m, high_m), rel=1e-9)
    parameter_m = 2.0 * low_m * high_m / (low_m + high_m)
    level_m_s = math.sqrt(MOON_GM_M3_S2 / parameter_m)
    rise_m_s = level_m_s * (high_m - low_m) / (high_m + low_m)
    found = radii_of_state_m(
        MOON_GM_M3_S2, np.array([parameter_m, 0.0, 0.0]), np.array([rise_m_s, level_m_s, 0.0])
    )
    assert found == pytest.approx((low_m, high_m), rel=1e-9)
    away = radii_of_state_m(MOON_GM_M3_S2, np.array([2e6, 0.0, 0.0]), np.array([0.0, 2_500.0, 0.0]))
    assert away[1] == math.inf


@pytest.fixture(scope="module")
def bare_path():
    """A circular polar orbit of 100 km about a point mass, with the pulls of Earth and Sun."""
    epoch = epoch_from_utc(EPOCH_UTC)
    radius_m = MOON_RADIUS_M + 100e3
    point = jnp.zeros((3, 3)).at[0, 0].set(1.0)
    field = GravityField(
        gm_m3_s2=jnp.asarray(MOON_GM_M3_S2),
        radius_m=jnp.asarray(1_738_000.0),
        cosine=point,
        sine=jnp.zeros((3, 3)),
    )
    fields = Fields(field, no_track_gravity())
    speed_m_s = math.sqrt(MOON_GM_M3_S2 / radius_m)
    start = Moving(0.0, np.array([radius_m, 0.0, 0.0]), np.array([0.0, 0.0, speed_m_s]))
    return StatePath(
        epoch=epoch,
        state=start,
        sky=tabulate(epoch, 28_800.0, -14_400.0),
        fields=fields,
        landing_s=7_200.0,
        aim_fixed=np.array([0.0, 0.0, -1.0]),
        near_fields=fields,
        over=start,
    )


def test_a_circular_orbit_comes_round_in_its_period(bare_path):
    """Kepler's; the Earth's tide, some 1e-5 m/s2, moves it by tens of metres in a revolution."""
    radius_m = MOON_RADIUS_M + 100e3
    period_s = 2.0 * half_revolution_s(MOON_GM_M3_S2, radius_m, radius_m)
    for turns in (-1.0, 1.0):
        there = bare_path.at(turns * period_s)
        np.testing.assert_allclose(there.position_m, bare_path.state.position_m, atol=300.0)
    half = bare_path.at(0.5 * period_s)
    np.testing.assert_allclose(half.position_m, -bare_path.state.position_m, atol=300.0)


def test_carried_there_and_back_it_is_where_it_was(bare_path):
    there = bare_path.at(-10_000.0)
    back = carried(bare_path, bare_path.fields, there, 0.0)
    np.testing.assert_allclose(back.position_m, bare_path.state.position_m, atol=0.01)
    np.testing.assert_allclose(back.velocity_m_s, bare_path.state.velocity_m_s, atol=1e-5)
