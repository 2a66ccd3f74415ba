"""Operations and time, counted in compiled programs whose counts are known by hand."""

import jax
import jax.numpy as jnp
import pytest

from benchmarks import hlo, inside
from benchmarks.own_process import in_own_process
from benchmarks.profile import leave_loops_as_they_are
from benchmarks.traced import Traced, executions, traced


def compiled(function, *arguments):
    """(made, what XLA prints of it), with strict promotion as in every test."""
    made = jax.jit(function).lower(*arguments).compile()
    return made, hlo.read(made.as_text())


def counted(function, *arguments):
    """Operations of one call, from a trace of it."""
    made, program = compiled(function, *arguments)
    seen = traced(lambda: jax.block_until_ready(made(*arguments)))
    return inside.counted(program, seen.counts)


def test_elementwise_work_is_one_operation_an_element():
    x = jnp.ones(1000)
    assert counted(lambda x, y: x * y + 2.0, x, x)[:2] == (2000, 0)


def test_a_product_of_matrices_is_two_operations_a_term():
    left, right = jnp.ones((30, 40)), jnp.ones((40, 50))
    assert counted(lambda a, b: a @ b, left, right)[0] == 2 * 30 * 40 * 50


def test_a_sum_is_one_operation_fewer_than_its_terms():
    # down the columns, as a long single sum is compiled in two stages with padding between
    assert counted(lambda x: jnp.sum(x, axis=0), jnp.ones((10, 64)))[0] == 9 * 64


def test_comparing_selecting_copying_and_whole_numbers_count_nothing():
    x, n = jnp.arange(8.0), jnp.arange(8)
    found = counted(lambda x, n: (jnp.where(x > 3.0, x, -x), n + n, x[::-1].astype(int)), x, n)
    assert found[:2] == (0, 0)


def test_a_sine_is_one_operation_and_told_apart():
    assert counted(lambda x: jnp.sin(x) * 3.0, jnp.ones(100))[:2] == (200, 100)


def nested(x, pieces):
    """`pieces` pieces (known only when it runs) of 5 turns; 3 x 100 operations in each turn, and
    200 more in those turns of which the count is odd."""

    def turn(now, index):
        moved = now * 1.5 - now * now
        return jax.lax.cond(index % 2 == 1, lambda y: y * 0.5 + 1.0, lambda y: y, moved), None

    def piece(state):
        now, done = state
        return jax.lax.scan(turn, now, jnp.arange(5))[0], done + 1

    return jax.lax.while_loop(lambda state: state[1] < pieces, piece, (x, jnp.array(0)))[0]


def counted_by_itself(pieces):
    """Operations of `nested`, in a process whose loops are no functions, as the bench profiles."""
    leave_loops_as_they_are()
    return counted(nested, jnp.linspace(0.0, 1.0, 100), jnp.array(pieces))[0]


@pytest.mark.parametrize("pieces", [1, 7])
def test_loops_count_as_often_as_they_turn_and_branches_as_often_as_they_are_taken(pieces):
    assert in_own_process(counted_by_itself, pieces) == pieces * (5 * 300 + 2 * 200)


def test_a_loop_whose_turns_nobody_tells_is_an_error_and_not_a_guess():
    made, program = compiled(nested, jnp.ones(100), jnp.array(3))
    del made
    with pytest.raises(ValueError, match="is told nowhere"):
        executions(program, {})


def test_time_is_shared_among_the_modules_that_asked_for_it_and_adds_up():
    from perilune.mechanics.rotation import normalize, rotate

    quaternion, vectors = normalize(jnp.ones(4)), jnp.ones((3, 100))
    _, program = compiled(jax.vmap(rotate, in_axes=(None, 1)), quaternion, vectors)
    workers = [each for each in program.computations[program.entry].values() if each.called]
    seen = Traced({each.name: 10 for each in workers}, {each.name: 3e-6 for each in workers})
    spent = inside.seconds_by_part(program, seen)
    assert not any(spent.values())  # all are as quick as the quickest
    slow = dict.fromkeys(seen.each_s, 3e-6) | {workers[0].name: 5e-6}
    spent = inside.seconds_by_part(program, Traced(seen.counts, slow))
    assert sum(spent.values()) == pytest.approx(10 * 2e-6)
    assert set(spent) <= {"mechanics/rotation", inside.COPIES}


def test_work_is_given_to_the_room_that_called_the_law():
    program = hlo.Program(
        frames={
            1: (("/somewhere/anyone/run.py", "main"), 0),
            2: (("/x/src/perilune/truth/dynamics/free_flight.py", "derivative"), 1),
            3: (("/x/src/perilune/mechanics/rotation.py", "rotate"), 2),
        }
    )
    made = hlo._instruction("%add.1 = f64[8]{0} add(%a, %b), metadata={stack_frame_id=3}")
    assert inside.part_of(program, made) == "truth/dynamics/free_flight"
    bare = hlo._instruction("%copy.1 = f64[8]{0} copy(%a)")
    assert inside.part_of(program, bare) == inside.COPIES
