"""A unit that says the same to the bit, again and again, is stuck."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from perilune.interfaces import RangeReading, VelocimeterReading
from perilune.interfaces.inbox import Message
from perilune.onboard.navigation.repeats import MOST_REPEATS, no_repeats, unstuck

STEP = jax.jit(unstuck)


def heard(ranges_m, valid=True):
    """Which of an altimeter's readings, one after the other, are still valid."""
    repeats, found = no_repeats(["altimeter"]), []
    for range_m in ranges_m:
        reading = RangeReading(jnp.asarray(range_m), jnp.array(1), jnp.array(valid))
        repeats, messages = STEP(repeats, {"altimeter": Message(reading, jnp.array(0.0))})
        found.append(bool(messages["altimeter"].reading.valid))
    return found


def test_a_unit_that_repeats_itself_to_the_bit_is_not_listened_to():
    often = int(MOST_REPEATS)
    assert heard([700.0] * (often + 4)) == [True] * often + [False] * 4


def test_the_last_bit_of_a_reading_is_enough_to_be_heard():
    moving = [700.0, np.nextafter(700.0, 800.0)] * 4
    assert heard(moving) == [True] * 8


def test_the_first_reading_that_differs_is_heard_again():
    assert heard([700.0] * 6 + [699.0])[-2:] == [False, True]


def test_readings_that_are_not_valid_neither_repeat_nor_clear():
    repeats = no_repeats(["altimeter"])
    for range_m, valid in [(700.0, True)] * 3 + [(0.0, False)] * 9 + [(700.0, True)]:
        reading = RangeReading(jnp.asarray(range_m), jnp.array(1), jnp.array(valid))
        repeats, messages = STEP(repeats, {"altimeter": Message(reading, jnp.array(0.0))})
    assert repeats["altimeter"].count == MOST_REPEATS
    assert not messages["altimeter"].reading.valid


@pytest.mark.parametrize("moves", ["closing_speed_m_s", "range_m"])
def test_one_number_of_a_reading_that_moves_shows_that_its_unit_lives(moves):
    repeats = no_repeats(["velocimeter"])
    for number in range(8):
        parts = {"closing_speed_m_s": jnp.ones(3), "range_m": jnp.ones(3)}
        parts[moves] = parts[moves].at[1].add(1e-9 * number)
        reading = VelocimeterReading(**parts, valid=jnp.ones(3, bool))
        repeats, messages = STEP(repeats, {"velocimeter": Message(reading, jnp.array(0.0))})
    assert jnp.all(messages["velocimeter"].reading.valid)


def test_a_healthy_laser_repeats_itself_as_seldom_as_is_said():
    """By chance with q/(2 sqrt(pi) sigma), the integral of the square of a normal density."""
    chance = 0.1 / (2.0 * np.sqrt(np.pi) * 0.5)
    assert 1.0 / chance == pytest.approx(18.0, rel=0.02)
    counted = np.round(np.random.default_rng(1).normal(0.0, 0.5, 200_000) / 0.1)
    assert np.mean(np.diff(counted) == 0.0) == pytest.approx(chance, rel=0.05)


def test_inertial_units_read_every_tick_and_are_not_compared():
    assert set(no_repeats(["imu", "star_tracker", "camera"])) == {"star_tracker", "camera"}
