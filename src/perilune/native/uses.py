"""Which values of a block are used how often, until when, and which end in one place."""

from collections import Counter
from collections.abc import Sequence

from perilune.native.formulas import BY_NUMBER
from perilune.native.program import Block, Value
from perilune.native.rearrangements import GATHERED, VIEWS
from perilune.native.storage import Buffer

USED_BY_PLACE = {
    *BY_NUMBER,
    *VIEWS,
    *GATHERED,
    *("sum_of_products", "reduce_sum", "reduce_max", "reduce_min", "reduce_and", "reduce_or"),
    *("reduce_prod", "split"),
}
"""Equations that use each number of their inputs at most once, and where they stand."""


def last_uses(block: Block) -> dict[Value, int]:
    """The last equation that uses a value, by number; that after the last for a result."""
    last: dict[Value, int] = {}
    for number, equation in enumerate(block.equations):
        last |= {each: number for each in equation.inputs if isinstance(each, Value)}
    end = len(block.equations)
    return last | {each: end for each in block.results if isinstance(each, Value)}


def single_results(block: Block, targets: Sequence[Buffer | None]) -> dict[Value, Buffer]:
    """Results that end in one place, and where: each may be left there as soon as it is known."""
    counts = Counter(each for each in block.results if isinstance(each, Value))
    pairs = zip(block.results, targets, strict=True)
    return {
        result: target
        for result, target in pairs
        if isinstance(result, Value) and counts[result] == 1 and target is not None
    }


def used_once(block: Block, weight_elsewhere: int) -> set[Value]:
    """Values that one equation uses, once; with a weight of two, once and place by place."""
    count: dict[Value, int] = {}
    for equation in block.equations:
        weight = 1 if equation.name in USED_BY_PLACE else weight_elsewhere
        for each in equation.inputs:
            if isinstance(each, Value):
                count[each] = count.get(each, 0) + weight
    for each in block.results:
        if isinstance(each, Value):
            count[each] = count.get(each, 0) + 1
    return {value for value, number in count.items() if number == 1}
