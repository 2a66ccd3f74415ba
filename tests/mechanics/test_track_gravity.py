"""The table along a track against the sum it stands for."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from perilune.design.build_track_gravity import no_track_gravity, track_gravity
from perilune.mechanics.gravity import GravityField, harmonics_m_s2, truncate
from perilune.mechanics.track_gravity import track_gravity_m_s2

LOW, HIGH = 8, 60


@pytest.fixture(scope="module")
def field():
    """Terms to degree 60 drawn by Kaula's rule for the Moon, 1.2e-4 / n^2 (a synthetic field)."""
    rng = np.random.default_rng(7)
    degree = np.arange(HIGH + 1)[:, None]
    sigma = 1.2e-4 / np.maximum(degree, 1) ** 2 / np.sqrt(2 * degree + 1) * (degree > 1)
    cosine, sine = np.tril(rng.normal(size=(2, HIGH + 1, HIGH + 1)) * sigma)
    cosine[0, 0], sine[:, 0] = 1.0, 0.0
    return GravityField(
        jnp.array(4.9028e12), jnp.array(1.738e6), jnp.asarray(cosine), jnp.asarray(sine)
    )


@pytest.fixture(scope="module")
def track():
    """Places from 100 km down to 15 km over 200 degrees, across a pole, in a plane that turns."""
    angle = np.radians(np.linspace(-15.0, 185.0, 400))
    radius_m = 1_737_400.0 + np.interp(angle, [0.0, np.pi], [100e3, 15e3])
    turn = 0.01 * angle
    flat = np.stack([np.cos(angle) * np.cos(turn), np.cos(angle) * np.sin(turn), -np.sin(angle)])
    return (radius_m * flat).T


@pytest.fixture(scope="module")
def table(field, track):
    return track_gravity(field, LOW, track)


@pytest.fixture(scope="module")
def both(field, table):
    """places → what the table gives, and the sum of the degrees above the low ones."""
    low = truncate(field, LOW)

    def one(place):
        above = harmonics_m_s2(field, place) - harmonics_m_s2(low, place)
        return track_gravity_m_s2(table, place), above

    return jax.jit(jax.vmap(one))


def beside(track, away_m, count=200):
    """Places between those of the track, moved by a distance in a random direction."""
    rng = np.random.default_rng(3)
    at, share = rng.integers(0, len(track) - 1, count), rng.random(count)[:, None]
    places = (1.0 - share) * track[at] + share * track[at + 1]
    aside = rng.normal(size=(count, 3))
    return jnp.asarray(places + away_m * aside / np.linalg.norm(aside, axis=1)[:, None])


def rms(vectors):
    return float(np.sqrt(np.mean(np.sum(np.square(vectors), axis=-1))))


# Lagrange's cubic leaves 3/128 (k h)^4 of a wave, the missing second derivative (k d)^2 / 2; the
# waves that matter here have k = 60 / 1738 km, rows are h = 6 km apart, d is the distance away.
@pytest.mark.parametrize(("away_m", "share"), [(0.0, 1e-4), (1e3, 1e-3), (5e3, 2e-2)])
def test_near_the_track_it_is_the_sum_of_the_degrees_left_out(both, track, away_m, share):
    ours, theirs = both(beside(track, away_m))
    assert rms(theirs) > 1e-5
    assert rms(ours - theirs) < share * rms(theirs)


def test_far_from_the_track_it_fades_to_nothing(both, track):
    place = beside(track, 0.0)
    up = place / jnp.linalg.norm(place, axis=1)[:, None]
    far, _ = both(place + 61e3 * up)
    np.testing.assert_array_equal(far, 0.0)
    between, _ = both(place + 40e3 * up)
    assert rms(between) > 0.0


def test_before_its_first_row_and_past_its_last_it_goes_on_from_the_end(both, track):
    first, last = track[0] - 1e-3 * (track[1] - track[0]), track[-1] + (track[-1] - track[-2]) / 50
    ours, theirs = both(jnp.asarray(np.stack([first, last])))
    np.testing.assert_allclose(ours, theirs, atol=2e-6)


def test_a_field_without_higher_degrees_adds_nothing(field, track):
    for table in (no_track_gravity(), track_gravity(truncate(field, LOW), LOW, track)):
        place = jnp.asarray(track[7])
        np.testing.assert_array_equal(track_gravity_m_s2(table, place), 0.0)
        np.testing.assert_array_equal(table.row_values, 0.0)


def test_tables_of_any_degree_have_one_shape(table):
    """So that a mission's degree compiles nothing."""
    shapes = [
        [leaf.shape for leaf in jax.tree.leaves(each)] for each in (table, no_track_gravity())
    ]
    assert shapes[0] == shapes[1]
