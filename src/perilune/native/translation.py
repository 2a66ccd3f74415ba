"""From a flattened program to text in LLVM's language, and the plan of its arena."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from perilune.native.arena_access import Module
from perilune.native.arena_layout import Layout, place_of
from perilune.native.control import Leaving, leave
from perilune.native.emission import Emitter
from perilune.native.passes.contraction import contract
from perilune.native.passes.dead_code import settle_handed, without_dead_code
from perilune.native.passes.duplicates import without_duplicates
from perilune.native.passes.folding import fold
from perilune.native.passes.invariants import hoist
from perilune.native.passes.reciprocals import multiply_by_reciprocals
from perilune.native.passes.variance import mark_varying
from perilune.native.program import Block
from perilune.native.rows import ROWS

ENTRY = "program"
HEAD_LINES = 2
SIGNATURE = "(ptr noalias align 64 %arena, i64 %turn)"
ATTRIBUTES = "attributes #0 = { noinline nounwind alignstack=64 }"
"""Every function by itself, its stack aligned so that no vector kept there crosses a cache line."""


@dataclass(frozen=True)
class Translation:
    """A program as text, function by function, and the plan of its memory."""

    layout: Layout
    declarations: Sequence[str]
    functions: Sequence[tuple[str, str]]  # name and text

    def parts(self, count: int = 1) -> list[str]:
        """The text as so many modules of about one size, each with declarations of the others'."""
        shares: list[list[int]] = [[] for _ in range(min(count, len(self.functions)))]
        sizes = [len(text) for _, text in self.functions]
        for number in sorted(range(len(sizes)), key=lambda each: -sizes[each]):
            min(shares, key=lambda share: sum(sizes[each] for each in share)).append(number)
        return [self._module(set(share)) for share in shares]

    def _module(self, share: set[int]) -> str:
        lines = list(self.declarations)
        for number, (name, text) in enumerate(self.functions):
            lines.append(text if number in share else f"declare void @{name}(ptr, i64)")
        return "\n".join([*lines, ATTRIBUTES, ""])


def prepared(block: Block, varying: Sequence[bool]) -> Block:
    """A flattened program made smaller, with what varies marked; `varying` is by input."""
    block = settle_handed(without_dead_code(block))
    block = contract(multiply_by_reciprocals(without_duplicates(fold(block))))
    block = settle_handed(without_dead_code(hoist(block)))
    mark_varying(block, varying)
    return block


def translate(block: Block, lanes: int) -> Translation:
    """The text of a prepared program for so many lanes."""
    return with_sources(block, lanes)[0]


def with_sources(
    block: Block, lanes: int
) -> tuple[Translation, dict[str, Sequence[tuple[int, Any]]]]:
    """The same, and by name of a function: from which of its text's lines on, what JAX knows of it.

    What JAX knows is who asked for the operation (`jax.core.SourceInfo`).
    """
    module = Module(lanes=lanes, rows=ROWS)
    inputs = [module.root.new(v.shape, v.dtype, v.varying) for v in block.parameters]
    results = [module.root.new(t.shape, t.dtype, True) for t in block.results]
    entry = Emitter(module, ENTRY, module.root)
    leave(entry, entry.write(block, results, inputs), Leaving(results))
    module.functions.append(entry.to)
    layout = Layout(
        lanes,
        max(each.begin + each.size for each in module.frames),
        tuple(map(place_of, inputs)),
        tuple(map(place_of, results)),
        tuple((place_of(buffer), array) for buffer, array in module.contents),
    )
    declared = sorted(set().union(*(each.declared for each in module.functions)))
    sources: dict[str, Sequence[tuple[int, Any]]] = {
        each.name: [(HEAD_LINES + number, source) for number, source in each.sources]
        for each in module.functions
    }
    return Translation(layout, declared, _texts(module)), sources


def _texts(module: Module) -> list[tuple[str, str]]:
    begins = {each.number: each.begin for each in module.frames}

    def placed(found: re.Match[str]) -> str:
        return str(begins[int(found[1])] + int(found[2]))

    texts = []
    for each in module.functions:
        head = f"define void @{each.name}{SIGNATURE} #0 {{"  # `HEAD_LINES` with the label
        text = "\n".join([head, "entry:", *each.lines, "  ret void", "}"])
        texts.append((each.name, re.sub(r"@(\d+)\+(\d+)@", placed, text)))
    return texts
