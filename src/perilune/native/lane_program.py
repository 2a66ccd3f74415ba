"""A function of JAX as a program for the lanes of a processor: traced, compiled or fetched, run."""

import functools
import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jax
import numpy as np

from perilune.native.arena_layout import Arena
from perilune.native.flattening import flatten
from perilune.native.machine_program import LaneProgram
from perilune.native.object_cache import Compiled, kept_or_made
from perilune.native.passes.dead_code import settle_handed, without_dead_code
from perilune.native.processor import Processor, all_machine_code, this_processor
from perilune.native.program import Block, Constant, Value, copied
from perilune.native.refusals import refuse_unknown
from perilune.native.translation import Translation, prepared, translate

LANES = 8
"""Lanes of a call where nothing else is asked for."""


@dataclass(frozen=True)
class Traced:
    """A program before it is compiled, what it takes and what it gives."""

    block: Block
    varying: Sequence[bool]
    output: Any  # the tree of its results


def trace(function: Callable[..., Any], shared: Sequence[Any], by_lane: Sequence[Any]) -> Traced:
    """Trace `function(*shared, *by_lane)`, for one lane.

    `shared` are arguments that are the same in all lanes, `by_lane` those that differ, both trees
    of arrays or of their shapes, without an axis of lanes. Raises `UnknownPrimitiveError` for what
    the native compiler has no row for.
    """
    closed, shape = jax.make_jaxpr(function, return_shape=True)(*shared, *by_lane)
    counts = [len(jax.tree.leaves(each)) for each in (shared, by_lane)]
    varying = [False] * counts[0] + [True] * counts[1]
    block = settle_handed(without_dead_code(flatten(closed)))
    refuse_unknown(block)
    return Traced(block, varying, jax.tree.structure(shape))


def compiled(
    traced: Traced,
    folder: Path | None,
    processor: Processor | None = None,
    lanes: int = LANES,
    parts: int = 1,
) -> Compiled:
    """The program's machine code: kept in `folder`, or compiled, in so many processes."""
    processor = processor or this_processor()
    key = f"{fingerprint(traced)} {generator()} {processor.describe()} {lanes} lanes"

    def make() -> Compiled:
        text = translated(traced, lanes)
        return Compiled(text.layout, all_machine_code(text.parts(parts), processor))

    return kept_or_made(folder, key, make)


def translated(traced: Traced, lanes: int = LANES) -> Translation:
    """The program as text, from which any processor's machine code can be made.

    The passes change the block that they are given, so it is a copy: what was traced stays.
    """
    return translate(prepared(copied(traced.block), traced.varying), lanes)


def compiled_text(text: Translation, folder: Path | None) -> Compiled:
    """The machine code of a text for this processor: kept in `folder`, or compiled."""
    processor = this_processor()
    digest = hashlib.sha256("".join(text.parts()).encode()).hexdigest()

    def make() -> Compiled:
        return Compiled(text.layout, all_machine_code(text.parts(), processor))

    return kept_or_made(folder, f"text {digest} {processor.describe()}", make)


def fingerprint(traced: Traced) -> str:
    """A hash of what a traced program computes and how it was written."""
    numbers: dict[Value, int] = {}
    digest = hashlib.sha256(repr(list(traced.varying)).encode())

    def name(term: Any) -> str:
        if isinstance(term, Constant):
            return f"{term.dtype.str}{term.shape}{term.array.tobytes().hex()}"
        return f"v{numbers.setdefault(term, len(numbers))}:{term.dtype.str}{term.shape}"

    def add(block: Block) -> None:
        digest.update(" ".join(map(name, block.parameters)).encode())
        for equation in block.equations:
            words = [name(each) for each in (*equation.outputs, *equation.inputs)]
            digest.update(f"{equation.name} {words} {equation.parameters}".encode())
            for inner in equation.blocks:
                add(inner)
        digest.update(" ".join(map(name, block.results)).encode())

    add(traced.block)
    return digest.hexdigest()


@functools.cache
def generator() -> str:
    """A hash of the native compiler's own source."""
    digest = hashlib.sha256()
    for path in sorted(Path(__file__).parent.rglob("*.py")):
        digest.update(path.name.encode() + path.read_bytes())
    return digest.hexdigest()


def evaluated(function: Callable[..., Any], *arguments: Any, lanes: int = LANES) -> Any:
    """What a function gives, by the native compiler: each argument has a leading axis of lanes.

    A convenience for tests and trials: nothing is kept.
    """
    by_lane = jax.tree.map(lambda each: jax.ShapeDtypeStruct(each.shape[1:], each.dtype), arguments)
    traced = trace(function, (), by_lane)
    program = LaneProgram(compiled(traced, None, lanes=lanes))
    arena = Arena(program.layout)
    for number, leaf in enumerate(jax.tree.leaves(arguments)):
        arena.put(number, np.asarray(leaf))
    program.run(arena)
    return jax.tree.unflatten(traced.output, arena.results())
