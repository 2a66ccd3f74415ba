"""Primitives that a formula of simpler operations stands for: the functions of mathematics."""

import functools

import jax
import numpy as np

from perilune.native.flattening import flatten
from perilune.native.functions import FUNCTIONS
from perilune.native.operations import OPERATIONS
from perilune.native.passes.dead_code import without_dead_code
from perilune.native.program import Block, UnknownPrimitiveError

BY_NUMBER = frozenset({*OPERATIONS, *(name for name, _ in FUNCTIONS)})
"""Primitives that work number by number."""


@functools.cache
def written_out(name: str, dtype: np.dtype) -> Block:
    """The formula of a function of numbers of one type, as a block of operations on scalars.

    Nothing in it is contracted or left out: it rounds as it is written.
    """
    if (name, dtype.name) not in FUNCTIONS:
        raise UnknownPrimitiveError(f"{name} of {dtype.name}")
    function = FUNCTIONS[name, dtype.name]
    numbers = [jax.ShapeDtypeStruct((), dtype)] * ARGUMENTS.get(name, 1)
    return without_dead_code(flatten(jax.make_jaxpr(function)(*numbers)))


ARGUMENTS = {"atan2": 2, "pow": 2}
"""How many numbers a function takes, where it is not one."""
