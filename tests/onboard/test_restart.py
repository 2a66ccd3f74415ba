"""After its computer was down, the flight software moves its memory on in free fall."""

import dataclasses

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from perilune.mechanics.rotation import conjugate, multiply, to_rotation_vector
from perilune.onboard.memory import wake
from perilune.onboard.restart import restarted

DOWN_S = 2.0
RATE_RAD_S = np.array([0.01, -0.02, 0.005])


@pytest.fixture(scope="module")
def memory(athena_design):
    """Athena's first memory, turning."""

    woken = wake(athena_design.plan.upload)
    return dataclasses.replace(woken, rate_body_rad_s=jnp.asarray(RATE_RAD_S))


def test_place_and_speed_are_those_of_free_fall(memory):
    """Constant gravity over two seconds: to the change of gravity over 3 km, 4e-3 of 13 m/s."""
    before, after = memory.estimate, restarted(memory, jnp.array(DOWN_S)).estimate
    place_m, speed_m_s = map(np.asarray, (before.position_inertial_m, before.velocity_inertial_m_s))
    gm_m3_s2 = float(memory.held_gravity.gm_m3_s2)
    pull_m_s2 = -gm_m3_s2 * place_m / np.linalg.norm(place_m) ** 3
    fallen_m = DOWN_S * speed_m_s + 0.5 * DOWN_S**2 * pull_m_s2
    np.testing.assert_allclose(after.position_inertial_m - place_m, fallen_m, atol=5e-3)
    gained = np.asarray(after.velocity_inertial_m_s) - speed_m_s
    np.testing.assert_allclose(gained, DOWN_S * pull_m_s2, atol=5e-3)


def test_it_takes_itself_to_have_turned_on_as_before(memory):
    after = restarted(memory, jnp.array(DOWN_S))
    turned = multiply(
        conjugate(memory.estimate.inertial_from_body), after.estimate.inertial_from_body
    )
    np.testing.assert_allclose(to_rotation_vector(turned), DOWN_S * RATE_RAD_S, rtol=1e-9)


def test_the_filter_counts_the_time_and_nothing_else_changes(memory):
    after = restarted(memory, jnp.array(DOWN_S))
    assert float(after.cycle_s) == float(memory.cycle_s) + DOWN_S
    np.testing.assert_array_equal(after.estimate.covariance, memory.estimate.covariance)
    assert float(after.mass_kg) == float(memory.mass_kg)


def test_a_computer_that_was_not_down_keeps_its_memory_to_the_bit(memory):
    after = restarted(memory, jnp.array(0.0))
    for one, other in zip(jax.tree.leaves(after), jax.tree.leaves(memory), strict=True):
        np.testing.assert_array_equal(one, other)
