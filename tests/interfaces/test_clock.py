"""The clock counts tenths of a second; its ticks are long only where nothing is about to happen."""

import jax.numpy as jnp
import pytest

from perilune.interfaces.clock import COAST_FRAME_S, FRAME_S, seconds, tick_count


def tick_s(calm_until_s, start_s):
    return float(seconds(tick_count(jnp.array(calm_until_s), jnp.array(start_s))))


@pytest.mark.parametrize(
    ("calm_until_s", "expected_s"), [(-jnp.inf, 0.1), (99.9, 0.1), (100.1, 2.5), (jnp.inf, 2.5)]
)
def test_ticks_are_long_up_to_the_time_that_telemetry_names(calm_until_s, expected_s):
    assert tick_s(calm_until_s, 100.0) == pytest.approx(expected_s)


def test_a_frame_is_six_ticks():
    assert pytest.approx(6 * 0.1) == FRAME_S
    assert pytest.approx(6 * 2.5) == COAST_FRAME_S


def test_the_clock_does_not_lose_time():
    assert float(seconds(jnp.array(36_000))) == pytest.approx(3_600.0, abs=1e-9)
