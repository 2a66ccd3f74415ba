import dataclasses

import jax.numpy as jnp
import numpy as np
import pytest

from perilune.truth.sensors.altimeter import Altimeter, measure
from validation.bodies import numbers

# Over level ground at z = 0, looking straight down, without noise.
BEAMS = np.array([[np.sin(1.2), 0.0, -np.cos(1.2)], [0.0, 0.0, -1.0]])
INSTRUMENT = Altimeter(*numbers(BEAMS, np.zeros(3), 0.5, 0.0, 2.0, 2e4, 1.1, 0.0, 1e-9, 0.0, 0.0))
UP = jnp.array([0.0, 0.0, 1.0])


def read(height_m, **errors):
    """The range from a height; the sphere's centre is so far below that the ground is level."""
    instrument = dataclasses.replace(INSTRUMENT, **{k: jnp.asarray(v) for k, v in errors.items()})
    ground = (lambda place: place[2] - 1e9, lambda _: UP)
    mount_m = jnp.array([0.0, 0.0, 1e9 + height_m])
    return measure(instrument, ground, mount_m, (jnp.array(1), -UP), (0.0, 1.0))


@pytest.mark.parametrize("height_m", [10.0, 1_000.0, 15_000.0])
def test_without_errors_it_reads_the_height(height_m):
    assert float(read(height_m).range_m) == pytest.approx(height_m, abs=1e-5)


@pytest.mark.parametrize("height_m", [10.0, 1_000.0, 15_000.0])
def test_a_bias_adds_and_a_scale_error_grows_with_range(height_m):
    found_m = float(read(height_m, bias_m=0.3, scale_fraction=-2e-4).range_m)
    assert found_m == pytest.approx(height_m * (1.0 - 2e-4) + 0.3, abs=1e-5)


def test_what_it_can_reach_is_judged_by_the_true_range():
    assert bool(read(1.9, bias_m=5.0).valid) is False
    assert bool(read(2.1, bias_m=-5.0).valid) is True
