import dataclasses

import jax.numpy as jnp
import pytest

from perilune.mechanics.rotation import (
    from_rotation_vector,
    multiply,
)
from perilune.onboard.guidance.view import moon_orientation
from tests.onboard.conftest import LATE_S


@pytest.fixture(scope="module")
def where(upload):
    return moon_orientation(upload.chart, LATE_S)


@pytest.fixture(scope="module")
def estimate(estimate_at):
    """On the approach, 9 km out over the rough ground below the plateau, leaning and moving."""
    placed = estimate_at([300.0, 9_000.0, 4_000.0], [3.0, -80.0, -30.0])
    lean = from_rotation_vector(jnp.array([0.2, -0.1, 0.3]))
    return dataclasses.replace(placed, inertial_from_body=multiply(lean, placed.inertial_from_body))
