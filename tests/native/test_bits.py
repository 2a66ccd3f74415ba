"""The same bits for any number of lanes, beside any neighbours, and on any processor."""

import functools
from dataclasses import replace

import jax
import numpy as np
import pytest
from jax import lax

from perilune.native.arena_layout import Arena
from perilune.native.formulas import ARGUMENTS
from perilune.native.functions import FUNCTIONS
from perilune.native.lane_program import LaneProgram, compiled, fingerprint, trace, translated
from perilune.native.processor import Processor, this_processor
from tests.native.aarch64 import call
from tests.native.against_jax import run
from tests.native.random_programs import MOST, SIZES, Maker

ARM = Processor("aarch64-unknown-linux-gnu", "generic", "+neon")
RUNS = 16
SEEDS = [3]


def every_function(numbers, others):
    """Every function of the table of each number, and sums of products."""
    found = []
    for name, dtype in FUNCTIONS:
        given = [numbers.astype(dtype), others.astype(dtype)][: ARGUMENTS.get(name, 1)]
        found.append(getattr(lax, name)(*given))
    return [*found, numbers @ others, (numbers * others - 3.0 * numbers).sum()]


def random_program(seed):
    """Loops and branches on numbers that are not whole; each lane by itself."""

    def program(counts, *rows):
        maker = Maker(seed, depth=1, is_lane_alone=True)
        return maker.program(counts, counts, *[row / 3.0 for row in rows])

    return program


def programs():
    rng = np.random.default_rng(12)
    numbers = [rng.standard_normal((RUNS, 5)) for _ in range(2)]
    yield every_function, numbers
    for seed in SEEDS:
        rows = [rng.integers(-MOST, MOST, (RUNS, s)).astype(float) for s in SIZES for _ in "ab"]
        yield random_program(seed), [rng.integers(-2, 40, RUNS), *rows]


PROGRAMS = list(programs())


@functools.cache
def made(function, lanes, processor=None):
    """(`LaneProgram`, the tree that it gives) of one of the programs, compiled once."""
    by_lane = dict(PROGRAMS)[function]
    traced = trace(function, (), one_lane_of(by_lane))
    return LaneProgram(compiled(traced, None, processor, lanes)), traced.output


def one_lane_of(by_lane):
    """The shapes and types of what one lane is given."""
    return [jax.ShapeDtypeStruct(each.shape[1:], each.dtype) for each in by_lane]


def flown(function, by_lane, lanes=8, processor=None):
    """The leaves of what a program gives for so many lanes."""
    program, output = made(function, lanes, processor)
    return jax.tree.leaves(run(program, (), by_lane, output))


def in_batches(function, by_lane, lanes, processor=None):
    """The bits of all runs, so many lanes at a time."""
    parts = [
        flown(function, [each[start : start + lanes] for each in by_lane], lanes, processor)
        for start in range(0, len(by_lane[0]), lanes)
    ]
    return [np.concatenate(each).tobytes() for each in zip(*parts, strict=True)]


@pytest.mark.parametrize(("function", "by_lane"), PROGRAMS)
def test_the_number_of_lanes_changes_no_bit(function, by_lane):
    by_eight = in_batches(function, by_lane, 8)
    assert by_eight == in_batches(function, by_lane, 4)
    assert by_eight == in_batches(function, by_lane, 1)


@pytest.mark.parametrize(("function", "by_lane"), PROGRAMS)
def test_the_neighbours_of_a_lane_change_no_bit_of_it(function, by_lane):
    together = flown(function, [each[:8] for each in by_lane])
    alone = flown(function, [np.broadcast_to(each[2:3], (8, *each.shape[1:])) for each in by_lane])
    moved = flown(function, [each[np.array([9, 10, 11, 12, 13, 14, 2, 15])] for each in by_lane])
    for one, two, three in zip(together, alone, moved, strict=True):
        assert one[2].tobytes() == two[0].tobytes() == two[7].tobytes() == three[6].tobytes()


@pytest.mark.parametrize(("function", "by_lane"), PROGRAMS)
def test_narrower_vectors_change_no_bit(function, by_lane):
    here = in_batches(function, by_lane, 8)
    assert here == in_batches(function, by_lane, 8, this_processor("avx2"))


@pytest.mark.parametrize(("function", "by_lane"), PROGRAMS)
def test_the_effort_of_the_compiler_changes_no_bit(function, by_lane):
    """Flights that tests fly a few times are compiled with none: in a quarter of the time."""
    here = in_batches(function, by_lane, 8)
    assert here == in_batches(function, by_lane, 8, replace(this_processor(), effort=0))


@pytest.mark.parametrize(("function", "by_lane"), PROGRAMS)
def test_an_arm_processor_changes_no_bit(function, by_lane):
    """AArch64 code, emulated."""
    given = [each[:8] for each in by_lane]
    program = compiled(trace(function, (), one_lane_of(given)), None, ARM)
    arena = Arena(program.layout)
    for number, each in enumerate(given):
        arena.put(number, each)
    (code,) = program.objects
    call(code, "program", [arena._bytes, 0])
    for one, other in zip(arena.results(), flown(function, given), strict=True):
        assert one.tobytes() == other.tobytes()


@pytest.mark.parametrize(("function", "by_lane"), PROGRAMS)
def test_translating_leaves_what_was_traced_as_it_was(function, by_lane):
    """Its fingerprint, by which machine code is kept, and its text a second time."""
    traced = trace(function, (), one_lane_of(by_lane))
    before, text = fingerprint(traced), translated(traced).functions
    assert fingerprint(traced) == before
    assert translated(traced).functions == text
