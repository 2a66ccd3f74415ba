"""Orders within limits against SciPy's bounded least squares (BVLS, Stark and Parker 1995)."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy.optimize import lsq_linear

from perilune.onboard.control.boxed import SLACK, boxed_least_squares

ANGLE = np.radians(22.5 + 45.0 * np.arange(8))
FULL = np.append(1100.0, np.full(8, 200.0)) / 2700.0
ARMS = np.stack([np.append(0.0, np.sin(ANGLE)), np.append(0.0, -np.cos(ANGLE))])
ROWS = FULL * np.vstack([np.ones(9), 10.0 * ARMS, np.zeros(9)])
LOW, HIGH = np.append(1.0, np.full(8, 0.2)), np.ones(9)
"""A fixed engine amid eight that are modulated: lift, and weighted torques about x, y and z."""
found_by = jax.jit(boxed_least_squares)


def cost(x, wanted, preferred):
    return np.sum((ROWS @ x - wanted) ** 2) + SLACK * np.sum((x - preferred) ** 2)


def best(wanted, preferred):
    """By SciPy; of the one that is fixed, limits a hair apart."""
    rows = np.vstack([ROWS, np.sqrt(SLACK) * np.eye(9)])
    target = np.append(wanted, np.sqrt(SLACK) * preferred)
    limits = (LOW, np.maximum(HIGH, LOW + 1e-12))
    return lsq_linear(rows, target, limits, method="bvls", tol=1e-15).x


@pytest.mark.parametrize(
    ("turning", "off"), [(0.0, 1e-9), (0.05, 1e-9), (0.2, 1e-3)], ids=["level", "some", "more"]
)
def test_orders_are_the_best_within_limits(turning, off):
    """Where torques can be had exactly; beyond, Newton's steps end within a part in a thousand."""
    rng = np.random.default_rng(20250302)
    for _ in range(50):
        thrust = rng.uniform(0.6, 1.0)
        wanted = np.append(thrust, turning * rng.uniform(-1.0, 1.0, 3) * [1.0, 1.0, 0.0])
        preferred = np.full(9, thrust)
        x = np.asarray(found_by(*map(jnp.asarray, (ROWS, wanted, LOW, HIGH, preferred))))
        assert np.all((x >= LOW - 1e-15) & (x <= HIGH + 1e-15))
        exact = cost(best(wanted, preferred), wanted, preferred)
        assert cost(x, wanted, preferred) <= exact + off


def test_a_thrust_out_of_reach_is_the_nearest_limit():
    for wanted, expected in ((1.5, HIGH), (0.1, LOW)):
        made = jnp.array([wanted, 0.0, 0.0, 0.0])
        limits = map(jnp.asarray, (LOW, HIGH, np.full(9, wanted)))
        np.testing.assert_allclose(found_by(jnp.asarray(ROWS), made, *limits), expected, atol=1e-12)
