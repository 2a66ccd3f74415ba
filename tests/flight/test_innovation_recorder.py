"""Squares of innovations over their variances, summed unit by unit of what was used."""

from types import SimpleNamespace

import jax.numpy as jnp
import numpy as np

from perilune.flight.innovation_recorder import innovations_now, nothing_compared
from perilune.interfaces.telemetry import UpdateResult

FACTOR = 4.0


def plan_with(*labels):
    known = SimpleNamespace(gate_factor=jnp.array(FACTOR))
    return SimpleNamespace(
        upload=SimpleNamespace(sensors=dict.fromkeys(labels, None), filter=known)
    )


def result(sigmas, used, sigma=0.5):
    """Innovations of so many sigmas."""
    innovation = sigma * jnp.asarray(sigmas)
    gate = jnp.full(len(sigmas), FACTOR * sigma)
    return UpdateResult(innovation, gate, jnp.asarray(used), innovation)


def said(cycle, frame):
    return SimpleNamespace(cycle_results=cycle, frame_results=frame)


def test_what_was_used_is_summed_over_its_own_variance_by_unit():
    plan = plan_with("velocimeter", "altimeter", "imu", "star_tracker")
    first = said(
        {"altimeter": result([2.0], [True]), "velocimeter": result([1.0, 9.0, -3.0], [1, 0, 1])},
        {"star_tracker": result([0.0] * 3, [False] * 3, sigma=0.0)},
    )
    once = innovations_now(plan, nothing_compared(plan), first)
    np.testing.assert_allclose(once, [[4.0, 1.0], [0.0, 0.0], [10.0, 2.0]])
    np.testing.assert_allclose(innovations_now(plan, once, first), 2.0 * np.asarray(once))


def test_software_that_compares_nothing_leaves_nothing():
    plan = plan_with("altimeter")
    np.testing.assert_array_equal(
        innovations_now(plan, nothing_compared(plan), said({}, {})), [[0.0, 0.0]]
    )
    bare = plan_with("imu")
    assert innovations_now(bare, nothing_compared(bare), said({}, {})).shape == (0, 2)
