"""Random programs of loops and branches against JAX, and that broken compilers are found by them.

`python -m tests.native.random_programs 1000` tries more of them.
"""

from dataclasses import replace

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from perilune.native import control
from perilune.native.emission import Emitter
from perilune.native.passes import contraction
from perilune.native.program import Equation, Value
from perilune.native.storage import Buffer
from tests.native.random_programs import compare

SEEDS = {"a copy left out": 2, "a sign turned": 7, "a wrong mask": 3}
"""Programs that find a compiler which is broken in one way or another."""


@settings(max_examples=12)
@example(SEEDS["a copy left out"])
@example(SEEDS["a sign turned"])
@example(SEEDS["a wrong mask"])
@given(st.integers(0, 2**31))
def test_a_random_program_gives_what_jax_gives_to_the_bit(seed):
    compare(seed, depth=2)


def _always_given_up(to, equation, number):
    """The memory of any input, whoever reads it afterwards."""
    term = equation.inputs[number]
    form = to.forms.get(term) if isinstance(term, Value) else None
    return form if isinstance(form, Buffer) and form.is_whole and to.is_ours(form) else None


def _without_sign(sum_, factors, _place, term):
    return [Equation("fma", [*factors, term], sum_.outputs)]


def _in_all_lanes(leave):
    return lambda to, results, leaving: leave(to, results, replace(leaving, mask=None))


def test_a_compiler_that_leaves_out_a_copy_is_found(monkeypatch):
    monkeypatch.setattr(Emitter, "given_up", _always_given_up)
    with pytest.raises(AssertionError):
        compare(SEEDS["a copy left out"], depth=2)


def test_a_compiler_that_turns_a_sign_is_found(monkeypatch):
    monkeypatch.setattr(contraction, "_fused", _without_sign)
    with pytest.raises(AssertionError):
        compare(SEEDS["a sign turned"], depth=2)


def test_a_compiler_that_ignores_the_mask_of_a_loop_is_found(monkeypatch):
    monkeypatch.setattr(control, "leave", _in_all_lanes(control.leave))
    with pytest.raises(AssertionError):
        compare(SEEDS["a wrong mask"], depth=2)
