"""What the filter is told of the pull that its field leaves out."""

import math

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy.special import exp1

from perilune.data.gravity.gravity_files import read_gravity
from perilune.design.gravity_belief import (
    LAST_DEGREE,
    POWER_LAW,
    gravity_walk_m_s_per_sqrt_s,
    omitted_pull_m_s2,
)
from perilune.design.map_belief import knots_m
from perilune.design.track import PlannedTrack
from perilune.mechanics.constants import MOON_GM_M3_S2 as GM_M3_S2
from perilune.mechanics.constants import MOON_RADIUS_M as RADIUS_M
from perilune.mechanics.gravity import GravityField, harmonics_m_s2


def test_the_pull_left_out_is_the_power_laws_integral():
    """Of many degrees: size^2 = (4/3) g^2 K^2 E1(2 (N + 1/2) ln(r / R)), to first order in 1/N."""
    height_m = np.array([15_000.0, 30_000.0])
    size_m_s2, length_m = omitted_pull_m_s2(GM_M3_S2, 150, RADIUS_M + height_m)
    fade = 2.0 * np.log1p(height_m / RADIUS_M)
    pull_m_s2 = GM_M3_S2 / (RADIUS_M + height_m) ** 2
    whole = exp1(150.5 * fade) - exp1((LAST_DEGREE + 0.5) * fade)
    expected = pull_m_s2 * POWER_LAW * np.sqrt(4.0 / 3.0 * whole)
    np.testing.assert_allclose(size_m_s2, expected, rtol=0.02)
    # Waves of degree 151 and up turn by a radian in r sqrt(2) / 151 at the most.
    assert np.all(length_m < math.sqrt(2.0) * (RADIUS_M + height_m) / 151.0)
    assert np.all(length_m > 0.3 * (RADIUS_M + height_m) / 151.0)


def test_the_power_law_is_that_of_the_moons_measured_field(data_folder):
    """Degrees 41 to 150 at 400 places all around, 20 km up: within a third of the law."""
    field = read_gravity(data_folder / "gravity/grgm660prim_150.sha")
    beyond = jnp.arange(151)[:, None] > 40
    above = GravityField(
        field.gm_m3_s2,
        field.radius_m,
        jnp.where(beyond, field.cosine, 0.0),
        jnp.where(beyond, field.sine, 0.0),
    )
    towards = np.random.default_rng(3).normal(size=(400, 3))
    radius_m = RADIUS_M + 20_000.0
    places_m = radius_m * towards / np.linalg.norm(towards, axis=1)[:, None]
    pulls = jax.jit(lambda at: jax.lax.map(lambda m: harmonics_m_s2(above, m), at, batch_size=50))
    found_m_s2 = math.sqrt(np.mean(np.asarray(pulls(jnp.asarray(places_m))) ** 2))
    sizes = [omitted_pull_m_s2(GM_M3_S2, n, np.array([radius_m]))[0][0] for n in (40, 150)]
    assert found_m_s2 == pytest.approx(math.sqrt(sizes[0] ** 2 - sizes[1] ** 2), rel=0.33)


def straight_down(height_m, time_s, count=2_001):
    """A fall at a steady speed above the north pole."""
    times_s = np.linspace(0.0, time_s, count)
    up_m = RADIUS_M + height_m * (1.0 - times_s / time_s)
    east_m = 1e5 * (1.0 - times_s / time_s)
    places_m = np.stack([east_m, np.zeros(count), up_m], axis=-1)
    return PlannedTrack(times_s, places_m, places_m[-1:] * np.ones((4, 1)))


def test_a_steady_pull_counts_with_its_whole_effect():
    """A pull s over the time T gains s T; the variance of the walk adds up to its square."""
    track, steady_m_s2 = straight_down(1.0, 400.0), 3e-6
    walk = gravity_walk_m_s_per_sqrt_s(GM_M3_S2, LAST_DEGREE, track, steady_m_s2)
    along_m = np.linspace(0.0, 1e5, 20_001)
    squares = np.interp(along_m, knots_m(), walk) ** 2
    gained = math.sqrt(np.mean(squares) * 400.0)
    assert gained == pytest.approx(steady_m_s2 * 400.0, rel=0.01)


def test_lower_and_slower_more_is_left_out():
    track = straight_down(100_000.0, 3_000.0)
    walk = gravity_walk_m_s_per_sqrt_s(GM_M3_S2, 150, track, 0.0)
    near, far = (np.interp(range_m, knots_m(), walk) for range_m in (20_000.0, 80_000.0))
    assert near > 10.0 * far > 0.0


def test_a_field_carried_further_leaves_out_less():
    sizes = [omitted_pull_m_s2(GM_M3_S2, n, np.array([RADIUS_M]))[0][0] for n in (50, 150, 600)]
    assert sizes == sorted(sizes, reverse=True)


def test_the_filter_is_told_one_walk_for_each_range(athena_design):
    told = athena_design.plan.upload.filter
    assert told.gravity_walk_m_s_per_sqrt_s.shape == told.map_mismatch_range_m.shape
    assert np.all(np.asarray(told.gravity_walk_m_s_per_sqrt_s) > 0.0)
