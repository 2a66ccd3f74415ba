"""From a traced function to the text of a program in LLVM's language, and the plan of its arena."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jax.extend.core import ClosedJaxpr

from perilune.native.control import _leave
from perilune.native.emission import Emitter, Module
from perilune.native.flattening import flatten
from perilune.native.passes.contraction import contract
from perilune.native.passes.dead_code import settle_handed, without_dead_code
from perilune.native.passes.duplicates import without_duplicates
from perilune.native.passes.folding import fold
from perilune.native.passes.invariants import hoist
from perilune.native.passes.variance import mark_varying
from perilune.native.program import Block
from perilune.native.storage import Buffer

ENTRY = "program"


@dataclass(frozen=True)
class Translation:
    """A program as text, and where in the arena its inputs, tables and results lie."""

    text: str
    lanes: int
    arena_bytes: int
    inputs: list[Buffer]
    results: list[Buffer]
    contents: list[tuple[Buffer, np.ndarray]]


def prepared(closed: ClosedJaxpr, varying: Sequence[bool]) -> Block:
    """A traced program, flattened and made smaller, with what varies marked."""
    block = settle_handed(without_dead_code(flatten(closed)))
    block = contract(without_duplicates(fold(block)))
    block = settle_handed(without_dead_code(hoist(block)))
    mark_varying(block, varying)
    return block


def translate(block: Block, lanes: int) -> Translation:
    """The text of a prepared program for so many lanes."""
    module = Module(lanes)
    inputs = [module.root.new(v.shape, v.dtype, v.varying) for v in block.parameters]
    results = [module.root.new(t.shape, t.dtype, True) for t in block.results]
    entry = Emitter(module, ENTRY, module.root)
    _leave(entry, entry.write(block, results, inputs), results, None)
    module.functions.append(entry.to)
    text = _text(module)
    return Translation(text, lanes, _arena_bytes(module), inputs, results, module.contents)


def _arena_bytes(module: Module) -> int:
    return max(each.begin + each.size for each in module.frames)


def _text(module: Module) -> str:
    declared = sorted(set().union(*(each.declared for each in module.functions)))
    parts = ["\n".join(declared)]
    for each in module.functions:
        linkage = "" if each.name == ENTRY else "internal "
        head = f"define {linkage}void @{each.name}(ptr noalias align 64 %arena, i64 %turn) #0 {{"
        parts.append("\n".join([head, "entry:", *each.lines, "  ret void", "}"]))
    parts.append('attributes #0 = { noinline nounwind alignstack=64 }')
    begins = {each.number: each.begin for each in module.frames}
    return re.sub(
        r"@(\d+)\+(\d+)@",
        lambda found: str(begins[int(found[1])] + int(found[2])),
        "\n".join(parts),
    )
