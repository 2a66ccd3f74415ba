"""The clock: tenths of a second, long strides in the coast and in a long wait for the burn."""

import jax.numpy as jnp
import pytest

from perilune.onboard.modes.modes import Mode
from perilune.onboard.schedule import BURN_LEAD_S, COAST_FRAME_S, SCHEDULE, seconds, tick_count


def tick_s(mode, to_burn_s):
    return float(seconds(tick_count(jnp.array(int(mode)), jnp.array(to_burn_s))))


@pytest.mark.parametrize("mode", list(Mode))
def test_near_the_burn_only_the_coast_is_flown_in_long_strides(mode):
    assert tick_s(mode, 0.0) == pytest.approx(2.5 if mode is Mode.COAST else 0.1)


@pytest.mark.parametrize("mode", list(Mode))
def test_far_from_the_burn_the_orbit_is_flown_in_long_strides_too(mode):
    waits = mode in {Mode.ORBIT, Mode.COAST}
    assert tick_s(mode, 1_000.0) == pytest.approx(2.5 if waits else 0.1)


def test_no_long_frame_reaches_past_the_start_of_the_burn():
    assert tick_s(Mode.ORBIT, BURN_LEAD_S) == pytest.approx(0.1)
    assert COAST_FRAME_S < BURN_LEAD_S


def test_the_clock_does_not_lose_time():
    assert float(seconds(jnp.array(36_000))) == pytest.approx(3_600.0, abs=1e-9)


def test_the_table_names_each_part_once():
    parts = [part for _, row in SCHEDULE for part in row]
    assert len(parts) == len(set(parts)) == 10
