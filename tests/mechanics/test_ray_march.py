import jax
import jax.numpy as jnp
import numpy as np
import pytest

from perilune.mechanics import ray_march
from perilune.mechanics.constants import MOON_RADIUS_M as RADIUS_M


def ridge_m(position, crest_m=66_000.0, height_m=2_000.0, half_width_m=3_000.0):
    """Clearance over a sphere with one smooth ridge across the x axis."""
    along_m = RADIUS_M * jnp.arctan2(position[0], position[2])
    hill_m = height_m * jnp.exp(-(((along_m - crest_m) / half_width_m) ** 2))
    return jnp.linalg.norm(position) - RADIUS_M - hill_m


def level_m(position):
    return jnp.linalg.norm(position) - RADIUS_M


def _down(incidence_deg):
    angle = np.radians(incidence_deg)
    return jnp.array([np.sin(angle), 0.0, -np.cos(angle)])


HIGH = jnp.array([0.0, 0.0, RADIUS_M + 15_000.0])


def test_a_ridge_before_the_plain_is_what_the_ray_meets():
    range_m, hit = ray_march.march(ridge_m, HIGH, _down(77.0), 200_000.0)
    beyond_m, _ = ray_march.march(level_m, HIGH, _down(77.0), 200_000.0)
    assert hit
    assert range_m < beyond_m - 1_000.0
    assert abs(ridge_m(HIGH + range_m * _down(77.0))) < 1e-6


def test_ground_beyond_reach_is_no_hit_and_gives_the_reach():
    range_m, hit = ray_march.march(level_m, HIGH, _down(0.0), 14_999.0)
    assert not hit
    assert range_m == 14_999.0
    assert ray_march.march(level_m, HIGH, _down(0.0), 15_001.0)[1]


@pytest.mark.parametrize("incidence_deg", [95.0, 120.0, 180.0])
def test_a_ray_that_leaves_the_moon_meets_nothing(incidence_deg):
    range_m, hit = ray_march.march(level_m, HIGH, _down(incidence_deg), 100_000.0)
    assert not hit
    assert range_m == 100_000.0


def test_from_under_the_ground_the_range_is_zero():
    range_m, hit = ray_march.march(level_m, jnp.array([0.0, 0.0, RADIUS_M - 3.0]), _down(10.0), 1e5)
    assert hit
    assert range_m == 0.0


def rolling_m(position):
    """Clearance over a sphere with waves 50 m high and 6 km long."""
    wave_m = 50.0 * jnp.sin(position[0] / 1_000.0)
    return jnp.linalg.norm(position) - RADIUS_M - wave_m


def test_no_ray_hangs_a_rounding_error_above_the_ground():
    """Close in, the steps shrink below the last bit of the range; seven rays in 10,000 hung."""
    random = np.random.default_rng(0)
    up = random.normal(size=(30_000, 3))
    up /= np.linalg.norm(up, axis=-1, keepdims=True)
    above_m = 10.0 ** random.uniform(1.0, 3.0, (30_000, 1))
    origin, down = jnp.asarray((RADIUS_M + 50.0 + above_m) * up), jnp.asarray(-up)
    march = jax.jit(jax.vmap(lambda o, d: ray_march.march(rolling_m, o, d, 5_000.0)))
    range_m, hit = march(origin, down)
    assert hit.all()
    np.testing.assert_allclose(
        jax.vmap(rolling_m)(origin + range_m[:, None] * down), 0.0, atol=1e-5
    )


@pytest.mark.parametrize(("steps", "most"), [(4, 4), (24, 12)])
def test_the_ground_is_asked_no_oftener_than_said_and_no_more_once_it_is_found(steps, most):
    asked = []

    def counted_m(position):
        jax.debug.callback(lambda: asked.append(1))
        return level_m(position)

    ray_march.march(counted_m, HIGH, _down(40.0), 1e5, steps)
    jax.effects_barrier()
    assert 4 <= len(asked) <= most
