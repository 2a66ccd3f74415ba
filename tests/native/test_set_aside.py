"""What a loop changes in place while its old value is still to be read is copied away first."""

import jax.numpy as jnp
import numpy as np
import pytest
from jax import lax

from perilune.mechanics.batching import unless_no_lane
from perilune.native import control
from tests.native.against_jax import LANES, assert_alike

SIZE = 30
"""More numbers than are kept in registers."""
ROWS = np.arange(LANES * SIZE, dtype=np.float64).reshape(LANES, SIZE)
STEPS = 5


def held(now):
    """Two turns of an inner loop, kept where a lane goes on: as a flight that has ended is."""
    moved, _ = lax.scan(lambda each, _: (each[::-1] + 1.0, None), now, None, 2)
    goes_on = now[0] < 100.0
    return unless_no_lane(~goes_on, lambda each: jnp.where(goes_on, each, now), moved)


def chosen(now):
    """The same with a choice by number, and one more reader of the old value."""
    moved, _ = lax.scan(lambda each, _: (each[::-1] + 1.0, None), now, None, 2)
    return jnp.where(now[0] < 100.0, moved, now) + 0.0 * now[3]


def swapped(now):
    """Two that change places: neither may lie where the other is still read."""
    one, other = now[: SIZE // 2].repeat(2), now[SIZE // 2 :].repeat(2)

    def both(pair, _):
        moved, _ = lax.scan(lambda each, _: (each + 1.0, None), pair[0], None, 2)
        return (pair[1] - pair[0], moved), None

    pair, _ = lax.scan(both, (one, other), None, 3)
    return pair[0] + pair[1]


def repeated(step):
    return lambda row: lax.scan(lambda now, _: (step(now), None), row, None, STEPS)[0]


@pytest.mark.parametrize("step", [held, chosen, swapped])
def test_the_old_value_is_read_as_it_was(step):
    assert_alike(repeated(step), (), (ROWS,))


def without_a_copy(to, equation, number, output):
    """The memory that is wanted, whatever is read from it later."""
    slot, form = to.slots.get(output), to.forms.get(equation.inputs[number])
    return form if slot is not None and slot.buffer is not None else None


def test_it_is_set_aside_in_a_flight_s_loop(monkeypatch):
    found, set_aside = [], control.set_aside

    def counted(*given):
        found.append(set_aside(*given))
        return found[-1]

    monkeypatch.setattr(control, "set_aside", counted)
    assert_alike(repeated(held), (), (ROWS,))
    assert any(each is not None for each in found)


def test_a_compiler_that_sets_nothing_aside_is_found(monkeypatch):
    monkeypatch.setattr(control, "set_aside", without_a_copy)
    with pytest.raises(AssertionError):
        assert_alike(repeated(held), (), (ROWS,))
