"""A block becomes a function: each equation is written by the row of a table with its name."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from perilune.native.arena_access import ArenaAccess, Module
from perilune.native.assembly import Function, Operand, constant
from perilune.native.destinations import Slot, slots
from perilune.native.formulas import BY_NUMBER, written_out
from perilune.native.operations import OPERATIONS, folded, simplified
from perilune.native.program import Block, Equation, Term, Value
from perilune.native.storage import (
    Buffer,
    Deferred,
    Form,
    Frame,
    Index,
    Place,
    Registers,
    Step,
    is_same,
    known,
    merged,
    reads_of,
)
from perilune.native.uses import last_uses, single_results, used_once

IN_REGISTERS = 24
"""Arrays of up to so many numbers are held in registers, larger ones in memory."""
UNROLLED = 32
"""Of loops over an array, so many turns of the innermost are written out."""
UNROLLED_ONCE = 4
"""The same outside all loops of a program, where to compile a turn takes longer than to run it."""


class Emitter(ArenaAccess):
    """Writes one block as one function of the arena."""

    def __init__(self, module: Module, name: str, caller: Frame | None) -> None:
        """Nothing is written yet."""
        super().__init__(module, name, caller)
        self.unrolled = UNROLLED_ONCE if caller is module.root else UNROLLED
        self.forms: dict[Value, Form] = {}
        self.once: set[Value] = set()
        self.slots: dict[Value, Slot] = {}
        self.owned: set[tuple[int, int]] = set()
        self._last: dict[Value, int] = {}
        self._number = 0
        self._copies: dict[int, tuple[Form, Buffer]] = {}

    def write(
        self, block: Block, targets: Sequence[Buffer | None], parameters: Sequence[Form]
    ) -> list[Form]:
        """Write the equations of a block; gives its results, in the memory wanted where it can."""
        self.forms |= zip(block.parameters, parameters, strict=True)
        self.once = used_once(block, 2)
        self.slots = slots(block, targets, IN_REGISTERS, used_once(block, 1))
        self._last = last_uses(block)
        wanted = single_results(block, targets)
        left: dict[Value, Form] = {}
        for self._number, equation in enumerate(block.equations):
            if equation.source is not None:
                self.to.sources.append((len(self.to.lines), equation.source))
            for output, form in zip(equation.outputs, self.equation(equation), strict=True):
                assert form.shape == output.shape, (equation.name, form.shape, output.shape)
                assert form.dtype == output.dtype, (equation.name, form.dtype, output.dtype)
                self.forms[output] = form
            left |= self._left_early(equation, wanted)
        return [left[each] if each in left else self.form(each) for each in block.results]

    def _left_early(self, equation: Equation, wanted: Mapping[Value, Buffer]) -> dict[Value, Form]:
        """Small results of an equation, where they end, if nothing reads that memory any more.

        They need no registers until the block ends.
        """
        left: dict[Value, Form] = {}
        for output in equation.outputs:
            target, form = wanted.get(output), self.forms[output]
            if target is None or not isinstance(form, Registers):
                continue
            if not self.readers(target, self.used_after()):
                self.copy(form, target)
                left[output] = self.renewed(target)
        return left

    def equation(self, equation: Equation) -> Sequence[Form]:
        """The outputs of an equation."""
        if equation.name in BY_NUMBER:
            return [self._by_number(equation)]
        return self.module.rows[equation.name](self, equation)

    def form(self, term: Term) -> Form:
        """How a value is held."""
        if isinstance(term, Value):
            return self.forms[term]
        if term.size <= IN_REGISTERS:
            return known(term.array, term.dtype)
        return self.module.table(term.array)

    # Numbers

    def operation(
        self, name: str, operands: list[Operand], dtype: np.dtype, params: Mapping[str, Any]
    ) -> Operand:
        """One operation on numbers, folded where they are known."""
        if all(each.constant is not None for each in operands):
            value = folded(name, [each.constant for each in operands], dtype)
            if value is not None:
                return constant(value, dtype)
        if name not in OPERATIONS:
            return self._formula(written_out(name, operands[0].dtype), operands)
        same = simplified(name, operands, dtype)
        return OPERATIONS[name].emit(self.to, operands, dtype, params) if same is None else same

    def _formula(self, block: Block, operands: Sequence[Operand]) -> Operand:
        """A block of operations on single numbers, for one set of them."""
        known: dict[Term, Operand] = dict(zip(block.parameters, operands, strict=True))

        def read(term: Term) -> Operand:
            if isinstance(term, Value):
                return known[term]
            return constant(term.array[()], term.dtype)

        for equation in block.equations:
            (output,) = equation.outputs
            given = [read(each) for each in equation.inputs]
            known[output] = self.operation(equation.name, given, output.dtype, equation.parameters)
        return read(block.results[0])

    def _by_number(self, equation: Equation) -> Form:
        """An operation on every number of some arrays."""
        (output,), params = equation.outputs, equation.parameters
        if output.size <= IN_REGISTERS:
            inputs = [self.registers(self.form(each)).operands for each in equation.inputs]
            operands = np.empty(output.shape, object)
            for place in np.ndindex(output.shape):
                given = [each[within(place, each.shape)] for each in inputs]
                operands[place] = self.operation(equation.name, given, output.dtype, params)
            return Registers(operands, output.dtype)
        forms = [self._readable(self.form(each), output.shape) for each in equation.inputs]

        def number(place: Place) -> Operand:
            given = [self.at(each, within(place, each.shape)) for each in forms]
            return self.operation(equation.name, given, output.dtype, params)

        varying = any(each.varying for each in forms)
        reads = merged([reads_of(each, output.shape) for each in forms])
        return self.settled(output, Deferred(output.shape, output.dtype, varying, number, reads))

    def settled(self, output: Value, form: Deferred) -> Form:
        """A deferred array as it is, where it is used once and place by place, else in memory."""
        if output in self.once:
            return form
        target = self.room(output, form)
        self.copy(form, target)
        return self.renewed(target)

    def room(self, value: Value, form: Deferred | None = None) -> Buffer:
        """Memory for a value: where it is wanted if that is free, also of what computes it."""
        slot = self.slots.get(value)
        target = None if slot is None else slot.resolved(self.frame, self._is_free)
        read = {} if form is None else form.reads
        if target is not None and target.root in read:
            own = read[target.root]
            target = target if own is not None and is_same(own, target) else None
        if target is None or target.shape != value.shape:
            return self.frame.new(value.shape, value.dtype, value.varying)
        return target

    def _is_free(self, target: Buffer) -> bool:
        """Whether nothing reads a result's memory from this equation on."""
        return not self.readers(target, self.used_after(self._number - 1))

    def used_after(self, number: int | None = None) -> list[Value]:
        """The values that equations after this one use, or after that with a number."""
        number = self._number if number is None else number
        return [v for v, last in self._last.items() if last > number and v in self.forms]

    def readers(self, buffer: Buffer, values: Sequence[Value]) -> list[Value]:
        """Those of some values that read a piece of memory."""
        return [each for each in values if buffer.root in reads_of(self.forms[each], None)]

    def _readable(self, form: Form, shape: tuple[int, ...]) -> Form:
        """A form whose numbers may be asked for at any place, each as often as it is used."""
        if isinstance(form, Registers):
            return self.in_memory(form) if form.shape else form
        is_repeated = isinstance(form, Deferred) and form.shape != shape
        return self.in_memory(form) if is_repeated else form

    def for_each(self, shape: Sequence[int], put: Callable[[Place], None]) -> None:
        """Do something at every place of an array: in loops, the innermost written out."""
        room, blocks = self.unrolled, []
        for count in reversed(shape):
            block = max(each for each in range(1, min(count, room) + 1) if count % each == 0)
            blocks.append(block)
            room = room // block if block == count else 1
        nest = _Nest(self.to, list(shape), blocks[::-1], put)
        nest.write([])

    # Memory

    def registers(self, form: Form) -> Registers:
        """All numbers of an array in registers."""
        if isinstance(form, Registers):
            return form
        operands = np.empty(form.shape, object)
        for place in np.ndindex(form.shape):
            operands[place] = self.at(form, place)
        return Registers(operands, form.dtype)

    def in_memory(self, form: Form) -> Buffer:
        """All numbers of an array in memory, where indices can find them."""
        if isinstance(form, Buffer):
            return form
        if isinstance(form, Registers) and form.is_known:
            numbers = [each.constant for each in form.operands.flat]
            array = np.array(numbers, form.dtype).reshape(form.shape)
            return self.module.table(array)
        if id(form) not in self._copies:
            target = self.frame.new(form.shape, form.dtype, form.varying)
            self.copy(form, target)
            self._copies[id(form)] = (form, target)  # with the form, so that its id stays taken
        return self._copies[id(form)][1]

    def at(self, form: Form, place: Place) -> Operand:
        """One number of an array."""
        if isinstance(form, Deferred):
            return form.at(place)
        if isinstance(form, Registers):
            return form.operands[tuple(place)]
        return self.load(form, place)

    def copy(self, form: Form, target: Buffer) -> None:
        """All numbers of an array to memory of its shape."""
        if not isinstance(form, Registers) and target.size > IN_REGISTERS:
            self.for_each(form.shape, lambda place: self.store(target, place, self.at(form, place)))
            return
        operands = self.registers(form).operands
        for place in np.ndindex(form.shape):
            self.store(target, place, operands[place])

    def given_up(self, equation: Equation, number: int) -> Buffer | None:
        """The memory of an input which nothing reads after this equation; None where it is read.

        It may then be written by the equation, whose output takes its place.
        """
        term = equation.inputs[number]
        form = self.forms.get(term) if isinstance(term, Value) else None
        if not isinstance(form, Buffer) or not form.is_whole or not self.is_ours(form):
            return None
        beside = [v for place, v in enumerate(equation.inputs) if place != number]
        read = [*self.used_after(), *(v for v in beside if isinstance(v, Value))]
        return None if self.readers(form, read) else form

    def is_ours(self, buffer: Buffer) -> bool:
        """Whether this function may write to a piece of memory that it has read."""
        return buffer.frame is self.frame or buffer.root in self.owned


@dataclass
class _Nest:
    """Loops over the axes of an array, each in blocks that are written out."""

    to: Function
    shape: list[int]
    blocks: list[int]
    put: Callable[[Place], None]

    def write(self, outer: list[Index]) -> None:
        """Write the loops over the axes that `outer` has no index for."""
        axis = len(outer)
        if axis == len(self.shape):
            self.put(outer)
            return
        block, turns = self.blocks[axis], self.shape[axis] // self.blocks[axis]
        if turns == 1:
            for number in range(block):
                self.write([*outer, number])
            return

        def body(turn: Operand, _: Sequence[Operand]) -> list[Operand]:
            for number in range(block):
                self.write([*outer, Step(turn, block, number)])
            return []

        self.to.loop(turns, [], body)


def within(place: Place, shape: Sequence[int]) -> tuple[Index, ...]:
    """A place of the output as that of an input: axes of one number are broadcast."""
    return tuple(0 if count == 1 else each for each, count in zip(place, shape, strict=False))
