"""Throttles that engines cannot hold: guidance crosses the band at its thresholds and stays out."""

import dataclasses

import jax.numpy as jnp
import numpy as np
import pytest

from perilune.onboard.control.throttle import past_band, throttle_limits
from perilune.onboard.upload import ThrottleBandBelief

BAND = ThrottleBandBelief(*map(jnp.asarray, (0.66, 0.63, 0.57)))


@pytest.fixture(scope="module")
def banded(upload):
    return dataclasses.replace(upload.vehicle, throttle_band=BAND)


def ordered(vehicle, asked, before=0.3):
    """What is ordered of a row of throttles asked for, one after the other."""
    orders = []
    for each in asked:
        before = float(past_band(vehicle, jnp.asarray(each), jnp.array([before])))
        orders.append(before)
    return orders


def test_it_goes_to_full_above_one_threshold_and_back_below_the_other(banded):
    """Up and down through the band: hysteresis, as the pad load of Apollo 11 has it."""
    asked = [0.50, 0.60, 0.62, 0.64, 0.60, 0.58, 0.56, 0.60, 0.64]
    expected = [0.50, 0.60, 0.62, 1.00, 1.00, 1.00, 0.56, 0.60, 1.00]
    assert ordered(banded, asked) == pytest.approx(expected)


def test_nothing_between_ceiling_and_full_is_ever_ordered(banded):
    asked = 0.65 + 0.5 * np.sin(np.linspace(0.0, 30.0, 500))
    orders = np.array(ordered(banded, asked))
    assert not np.any((orders > 0.66) & (orders < 1.0))
    assert np.any(orders >= 1.0)
    assert np.any(orders < 0.3)


def test_an_engine_without_a_band_gets_what_is_asked_for(upload):
    assert ordered(upload.vehicle, [0.7, 0.9, 1.3]) == [0.7, 0.9, 1.3]


def test_engines_that_share_the_thrust_stay_on_its_side_of_the_band(banded):
    for asked, low, high in ((0.5, None, 0.66), (1.0, 1.0, 1.0)):
        least, most = (float(each[0]) for each in throttle_limits(banded, jnp.asarray(asked)))
        assert most == pytest.approx(high)
        assert least == pytest.approx(low or float(banded.min_thrust_n / banded.max_thrust_n))
