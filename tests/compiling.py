"""How tests compile what is flown a few times only."""

import contextlib
import dataclasses
from collections.abc import Iterator

import pytest

from perilune.flight.compile_cache import COMPILER_OPTIONS
from perilune.native.processor import Processor, this_processor

BRIEFLY = COMPILER_OPTIONS | {"xla_backend_optimization_level": 0}
"""A flight is compiled in 60 % of the time, and takes 1.2 s in place of 0.4 s."""


@contextlib.contextmanager
def with_little_effort() -> Iterator[None]:
    """The native compiler asks no optimisation of LLVM here: the same bits, see native/test_bits.

    A flight's code takes 4 s of processor time in place of 19 s, and its flight 0.2 s for 0.1 s.
    """

    def hasty() -> Processor:
        return dataclasses.replace(this_processor(), effort=0)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("perilune.native.lane_program.this_processor", hasty)
        yield
