"""A program that LLVM compiles for a second or more: python -m tests.native.slow_compilation.

Given a folder and a number of parts, says when LLVM begins and when it has ended.
"""

import sys
from pathlib import Path

import jax.numpy as jnp
import numpy as np

import perilune.mechanics  # noqa: F401, float64 first
from perilune.native import lane_program
from perilune.native.arena_layout import Arena

TURNS = 700
NUMBERS = np.arange(8.0)


def chain(x, sin=jnp.sin):
    """A long chain of sines: each turn rounds, and none enlarges what was rounded before."""
    for turn in range(TURNS):
        x = sin(x) + 0.001 * turn
    return x


def chain_of_numbers(folder, say, parts=1):
    """The chain of `NUMBERS` by the native compiler; `say` hears when LLVM begins and ends."""
    by_llvm = lane_program.all_machine_code

    def announced(*arguments):
        say("compiling")
        found = by_llvm(*arguments)
        say("compiled")
        return found

    lane_program.all_machine_code = announced
    try:
        traced = lane_program.trace(chain, (), (np.float64(0.0),))
        program = lane_program.LaneProgram(lane_program.compiled(traced, folder, parts=parts))
    finally:
        lane_program.all_machine_code = by_llvm
    arena = Arena(program.layout)
    arena.put(0, NUMBERS)
    program.run(arena)
    return arena.results()[0]


if __name__ == "__main__":
    chain_of_numbers(Path(sys.argv[1]), lambda word: print(word, flush=True), int(sys.argv[2]))
