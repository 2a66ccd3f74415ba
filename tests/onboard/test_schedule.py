"""The clock: tenths of a second, long strides in the coast only."""

import jax.numpy as jnp
import pytest

from perilune.onboard.modes.modes import Mode
from perilune.onboard.schedule import SCHEDULE, seconds, tick_count


@pytest.mark.parametrize("mode", list(Mode))
def test_only_the_coast_is_flown_in_long_strides(mode):
    tick_s = float(seconds(tick_count(jnp.array(int(mode)))))
    assert tick_s == pytest.approx(2.5 if mode is Mode.COAST else 0.1)


def test_the_clock_does_not_lose_time():
    assert float(seconds(jnp.array(36_000))) == pytest.approx(3_600.0, abs=1e-9)


def test_the_table_names_each_part_once():
    parts = [part for _, row in SCHEDULE for part in row]
    assert len(parts) == len(set(parts)) == 10
