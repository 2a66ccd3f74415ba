"""The intermediate form of a program: equations over small arrays of known shape and type.

A `Block` is a straight list of equations, its parameters and its results; loops and branches are
equations that hold blocks of their own. A value is *varying* where it may differ from lane to
lane, else *uniform*: held and computed once for all lanes.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from jaxtyping import Shaped


class UnknownPrimitiveError(Exception):
    """A program has a primitive, or a use of one, that the native compiler has no row for."""


Numbers = Shaped[np.ndarray, "..."]
"""An array of any shape and type."""


@dataclass(eq=False, slots=True)
class Value:
    """An array that a program computes: its shape without lanes, its NumPy type."""

    shape: tuple[int, ...]
    dtype: np.dtype
    varying: bool = False

    @property
    def size(self) -> int:
        """How many numbers it has in each lane."""
        return int(np.prod(self.shape, dtype=int))


@dataclass(eq=False, slots=True)
class Constant:
    """An array that is known when the program is compiled."""

    array: Numbers

    @property
    def shape(self) -> tuple[int, ...]:
        """Its shape."""
        return self.array.shape

    @property
    def dtype(self) -> np.dtype:
        """Its NumPy type."""
        return self.array.dtype

    @property
    def size(self) -> int:
        """How many numbers it has."""
        return self.array.size

    @property
    def varying(self) -> bool:
        """Never: it is the same in all lanes."""
        return False


Term = Value | Constant
"""What an equation takes."""


@dataclass(eq=False, slots=True)
class Equation:
    """`outputs` = `name`(`inputs`), the operation being that of the JAX primitive of this name."""

    name: str
    inputs: list[Term]
    outputs: list[Value]
    parameters: dict[str, Any] = field(default_factory=dict)
    blocks: list["Block"] = field(default_factory=list)
    source: Any = None  # what JAX knows of who asked for it


@dataclass(eq=False, slots=True)
class Block:
    """Equations in the order in which they are computed."""

    parameters: list[Value]
    equations: list[Equation]
    results: list[Term]

    def walk(self) -> Iterator[Equation]:
        """Every equation, those of inner blocks after the one that holds them."""
        for equation in self.equations:
            yield equation
            for block in equation.blocks:
                yield from block.walk()


def like(terms: Sequence[Term]) -> list[Value]:
    """New values of the shapes and types of `terms`."""
    return [Value(term.shape, term.dtype, term.varying) for term in terms]


def copied(block: Block, known: dict[Value, Value] | None = None) -> Block:
    """The block with equations and values of its own; `known` are those of what it stands in."""
    known = {} if known is None else known

    def own(value: Value) -> Value:
        if value not in known:
            known[value] = Value(value.shape, value.dtype, value.varying)
        return known[value]

    def terms(given: Sequence[Term]) -> list[Term]:
        return [own(each) if isinstance(each, Value) else each for each in given]

    parameters = [own(each) for each in block.parameters]
    equations = [
        Equation(
            each.name,
            terms(each.inputs),
            [own(output) for output in each.outputs],
            dict(each.parameters),
            [copied(inner, known) for inner in each.blocks],
            each.source,
        )
        for each in block.equations
    ]
    return Block(parameters, equations, terms(block.results))


def substituted(block: Block, replacement: dict[Value, Term]) -> Block:
    """The block with some of its values replaced, its parameters as they are."""

    def put(terms: list[Term]) -> list[Term]:
        return [replacement.get(each, each) if isinstance(each, Value) else each for each in terms]

    for equation in block.equations:
        equation.inputs = put(equation.inputs)
    block.results = put(block.results)
    return block
