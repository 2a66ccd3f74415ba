"""Which arrays can be computed where they are wanted: in the memory of a result or of a whole."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from perilune.native.formulas import BY_NUMBER
from perilune.native.program import Block, Equation, Numbers, Term, Value
from perilune.native.rearrangements import concatenated_places
from perilune.native.storage import Buffer, Frame

View = Callable[[Numbers], Numbers]


@dataclass(eq=False)
class Slot:
    """Memory that a value should be computed in: known, part of another's, or still to be had."""

    value: Value
    buffer: Buffer | None = None
    whole: "Slot | None" = None
    view: View | None = None

    def resolved(self, frame: Frame, is_free: Callable[[Buffer], bool]) -> Buffer | None:
        """The memory; None where it is not free, which `is_free` says of a result's."""
        if self.whole is not None:
            whole = self.whole.resolved(frame, is_free)
            return None if whole is None or self.view is None else whole.seen(self.view)
        if self.buffer is None:
            self.buffer = frame.new(self.value.shape, self.value.dtype, self.value.varying)
            self.is_settled = True
        if not self.is_settled:
            if not is_free(self.buffer):
                return None
            self.is_settled = True
        return self.buffer

    is_settled: bool = False


def slots(
    block: Block, targets: Sequence[Buffer | None], smallest: int, once: set[Value]
) -> dict[Value, Slot]:
    """The slots of values larger than `smallest`; `once` are those that are used a single time."""
    found: dict[Value, Slot] = {}
    for result, target in zip(block.results, targets, strict=True):
        if isinstance(result, Value) and result in once and target is not None:
            found[result] = Slot(result, target)
    for equation in reversed(block.equations):
        for number, output in enumerate(equation.outputs):
            if output.size > smallest:
                _hand_down(equation, number, found, once)
    return {value: slot for value, slot in found.items() if value.size > smallest}


def _hand_down(equation: Equation, number: int, found: dict[Value, Slot], once: set[Value]) -> None:
    output = equation.outputs[number]
    if equation.name in ("concatenate", "stack"):
        _hand_to_parts(equation, found.setdefault(output, Slot(output)), found, once)
        return
    slot = found.get(output)
    if slot is None:
        return
    if equation.blocks:
        _hand_to_carried(equation, number, slot, found, once)
    elif equation.name in BY_NUMBER:
        same = [each for each in equation.inputs if each.shape == output.shape]
        first = next((each for each in same if _is_fit(each, output, once)), None)
        if isinstance(first, Value):
            found[first] = slot


def _hand_to_parts(
    equation: Equation, slot: Slot, found: dict[Value, Slot], once: set[Value]
) -> None:
    """What is put together lies where it will be."""
    for each, place in zip(equation.inputs, concatenated_places(equation), strict=True):
        if isinstance(each, Value) and _is_fit(each, slot.value, once):
            found[each] = Slot(each, whole=slot, view=_part_at(place))


def _part_at(place: tuple[Any, ...]) -> View:
    return lambda array: array[place]


def _hand_to_carried(
    equation: Equation, number: int, slot: Slot, found: dict[Value, Slot], once: set[Value]
) -> None:
    """What becomes the output of a loop or of a branch that changes nothing."""
    output = equation.outputs[number]
    each: Term | None = None
    if equation.name != "cond":
        if number < equation.parameters["carry"]:
            each = equation.inputs[equation.parameters["consts"] + number]
    else:
        for block in equation.blocks:
            result = block.results[number]
            if isinstance(result, Value) and result in block.parameters:
                each = equation.inputs[1 + block.parameters.index(result)]
    if isinstance(each, Value) and _is_fit(each, output, once):
        found[each] = slot


def _is_fit(each: object, output: Value, once: set[Value]) -> bool:
    return (
        isinstance(each, Value)
        and each in once
        and each.varying == output.varying
        and each.dtype == output.dtype
    )
