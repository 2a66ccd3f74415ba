"""Operations of native programs whose counts are known by hand: what each of eight lanes works."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from benchmarks.executed import executed, operations
from perilune.native.lane_program import LANES, trace, translated


def counted(function, shared, by_lane, times=1):
    """Operations of `times` calls of a function's program."""
    traced = trace(function, shared, jax.tree.map(lambda each: each[0], by_lane))
    calls = [(*shared, *by_lane)] * times
    return executed(translated(traced), calls)


def lanes(*shape):
    return np.linspace(0.1, 0.9, LANES * int(np.prod(shape))).reshape(LANES, *shape)


def test_an_operation_is_one_in_each_lane_and_in_each_call():
    assert counted(lambda x, y: (x + 1.0) / y, (), (lanes(10), lanes(10))) == LANES * 20
    assert counted(jnp.sqrt, (), (lanes(3),), times=5) == 5 * LANES * 3


def test_a_product_and_a_sum_are_two_when_they_are_one_instruction():
    assert counted(lambda x, y: x * y + 2.0, (), (lanes(7), lanes(7))) == LANES * 14


def test_a_product_of_matrices_is_a_product_and_two_for_each_term_more():
    product = counted(lambda a, b: a @ b, (), (lanes(3, 4), lanes(4, 5)))
    assert product == LANES * 3 * 5 * (1 + 2 * 3)


def test_what_is_the_same_in_all_lanes_is_worked_once():
    assert counted(lambda s, x: x + jnp.sqrt(s), (np.float64(3.0),), (lanes(2),)) == 1 + 2 * LANES


def test_comparing_choosing_moving_and_whole_numbers_count_nothing():
    def moved(x):
        whole = jnp.round(x).astype(jnp.int64) + 3
        return jnp.where(x > 0.5, -x, jnp.maximum(x, 0.2))[::-1], whole, jnp.abs(x)

    assert counted(moved, (), (lanes(6),)) == 0


def nested(pieces, x):
    """`pieces` pieces (known only when it runs) of 5 turns; 2 x 100 operations in each turn, and
    100 more in those turns of which the count is odd."""

    def turn(now, index):
        moved = (now + 1.5) * 0.5
        return jax.lax.cond(index % 2 == 1, lambda y: y - 0.25, lambda y: y, moved), None

    def piece(state):
        now, done = state
        return jax.lax.scan(turn, now, jnp.arange(5))[0], done + 1

    return jax.lax.while_loop(lambda state: state[1] < pieces, piece, (x, jnp.array(0)))[0]


@pytest.mark.parametrize("pieces", [1, 7])
def test_loops_count_as_often_as_they_turn_and_branches_as_often_as_they_are_taken(pieces):
    found = counted(nested, (np.int64(pieces),), (lanes(100),))
    assert found == LANES * pieces * (5 * 200 + 2 * 100)


def test_a_loop_turns_for_all_lanes_until_the_last_has_ended():
    def halved(x):
        return jax.lax.while_loop(lambda y: y > 1.0, lambda y: y * 0.5, x)

    x = np.array([1.0, 2.0, 4.0, 1.0, 1.0, 1.0, 32.0, 1.0])  # five halvings at most
    assert counted(halved, (), (x,)) == LANES * 5


def test_a_sine_is_what_it_is_written_out_in():
    one = counted(jnp.sin, (), (lanes(),))
    assert one % LANES == 0
    assert 20 * LANES < one < 66 * LANES  # 33 operations, some of them fused
    assert counted(jnp.sin, (), (lanes(10),)) == 10 * one


@pytest.mark.parametrize(
    ("line", "count"),
    [
        ("  %v1 = fadd <8 x double> %v2, %v3", 8),
        ("  %v1 = fdiv double %v2, 0x4000000000000000", 1),
        ("  %v1 = fmul <16 x float> %v2, splat (float 0x4000000000000000)", 16),
        ("  %v1 = call <8 x double> @llvm.fma.v8f64(<8 x double> %a, <8 x double> %b)", 16),
        ("  %v1 = call double @llvm.sqrt.f64(double %v2)", 1),
        ("  %v1 = call <8 x double> @llvm.fabs.v8f64(<8 x double> %v2)", 0),
        ("  %v1 = fcmp olt <8 x double> %v2, %v3", 0),
        ("  %v1 = fneg <8 x double> %v2", 0),
        ("  %v1 = mul i64 %v2, 8", 0),
        ("  %v1 = sitofp <8 x i64> %v2 to <8 x double>", 0),
        ("  store <8 x double> %v1, ptr %v2, align 64", 0),
    ],
)
def test_an_instruction_counts_by_its_kind_and_its_lanes(line, count):
    assert operations(line) == count
