"""Loops and branches: each block a function of its own, what crosses its edge in memory."""

from collections.abc import Callable, Sequence

import numpy as np

from perilune.native.assembly import BOOL, INT64, Operand, constant
from perilune.native.emission import IN_REGISTERS, Emitter
from perilune.native.program import Block, Equation, Value
from perilune.native.storage import Buffer, Deferred, Form, Registers, reads_of

TURN = Operand("%turn", INT64)
"""The turn of a scan, as its body knows it."""


def scan(to: Emitter, equation: Equation) -> list[Form]:
    """A loop of so many turns, with rows to read and rows to write in each."""
    (body,), params, length = equation.blocks, equation.parameters, equation.parameters["length"]
    consts, end = params["consts"], params["consts"] + params["carry"]
    forms = [to.form(each) for each in equation.inputs]
    given = [shared(to, each) for each in forms[:consts]]
    carried = _carried(to, forms[consts:end], equation.outputs)
    is_reverse = params["reverse"]
    rows = [to.in_memory(_settled(to, each)).row(TURN, length, is_reverse) for each in forms[end:]]
    written = [to.frame.new(each.shape, each.dtype, each.varying) for each in equation.outputs[params["carry"] :]]
    targets = [*carried, *(each.row(TURN, length, is_reverse) for each in written)]
    name = function(to, "scan", body, [*given, *carried, *rows], targets)

    def turn(number: Operand, _: Sequence[Operand]) -> list[Operand]:
        to.to.put(f"call void @{name}(ptr %arena, i64 {number.text})")
        return []

    to.to.loop(length, [], turn)
    return [to.renewed(each) for each in (*carried, *written)]


def while_loop(to: Emitter, equation: Equation) -> list[Form]:
    """A loop while a condition holds; lanes for which it does not stay as they are."""
    (condition, body), consts = equation.blocks, equation.parameters["consts"]
    forms = [to.form(each) for each in equation.inputs]
    given = [shared(to, each) for each in forms[:consts]]
    carried = _carried(to, forms[consts:], equation.outputs)
    varies = equation.parameters["varying"]
    goes_on = to.frame.new((), BOOL, varies)
    asked = function(to, "condition", condition, [*given, *carried], [goes_on])
    mask = goes_on if varies else None
    name = function(to, "body", body, [*given, *carried], carried, mask)
    head, work, done = (to.to.new() for _ in range(3))
    to.to.put(f"call void @{asked}(ptr %arena, i64 0)")
    to.to.put(f"br label %{head}")
    to.to.label(head)
    going = to.to.any_of(to.load(to.renewed(goes_on), ()))
    to.to.put(f"br i1 {going.text}, label %{work}, label %{done}")
    to.to.label(work)

    def turn() -> None:
        before = to.load(to.renewed(goes_on), ()) if varies else None
        to.to.put(f"call void @{name}(ptr %arena, i64 0)")
        to.to.put(f"call void @{asked}(ptr %arena, i64 0)")
        if before is not None:
            after = to.load(to.renewed(goes_on), ())
            to.store(goes_on, (), to.operation("and", [before, after], BOOL, {}))
        to.to.put(f"br label %{head}")

    to.to.scoped(turn)
    to.to.label(done)
    return [to.renewed(each) for each in carried]


def cond(to: Emitter, equation: Equation) -> list[Form]:
    """One of several blocks; where lanes choose differently, all that are chosen, and a choice."""
    which = to.registers(to.form(equation.inputs[0])).operands[()]
    given = [shared(to, to.form(each)) for each in equation.inputs[1:]]
    if which.varying:
        return _by_lane(to, equation, which, given)
    targets = [to.frame.new(each.shape, each.dtype, each.varying) for each in equation.outputs]
    names = [function(to, "branch", each, given, targets) for each in equation.blocks]

    def choose(number: int) -> None:
        if number == len(names) - 1:
            _call(to, names[number])()
            return
        flag = _is_chosen(to, which, number)
        to.to.branch(flag, _call(to, names[number]), lambda: choose(number + 1))

    choose(0)
    return [to.renewed(each) for each in targets]


def _by_lane(to: Emitter, equation: Equation, which: Operand, given: Sequence[Form]) -> list[Form]:
    chosen: list[Form] = []
    for number, block in enumerate(equation.blocks):
        targets = [to.frame.new(each.shape, each.dtype, True) for each in equation.outputs]
        name = function(to, "branch", block, given, targets)
        flag = _is_chosen(to, which, number)
        to.to.branch(to.to.any_of(flag), _call(to, name))
        found: list[Form] = [to.renewed(each) for each in targets]
        chosen = found if not chosen else [
            _merged(to, flag, one, other) for one, other in zip(found, chosen, strict=True)
        ]
    return chosen


def _merged(to: Emitter, flag: Operand, one: Form, other: Form) -> Form:
    """`one` in lanes where the flag is up, else `other`."""

    def choice(place: Sequence) -> Operand:
        operands = [flag, to.at(other, place), to.at(one, place)]
        return to.operation("select_n", operands, one.dtype, {})

    if int(np.prod(one.shape, dtype=int)) <= IN_REGISTERS:
        operands = np.empty(one.shape, object)
        for place in np.ndindex(one.shape):
            operands[place] = choice(place)
        return Registers(operands, one.dtype)
    target = to.frame.new(one.shape, one.dtype, True)
    to.for_each(one.shape, lambda place: to.store(target, place, choice(place)))
    return target


def _is_chosen(to: Emitter, which: Operand, number: int) -> Operand:
    if which.dtype == BOOL:
        return which if number else to.operation("not", [which], BOOL, {})
    return to.operation("eq", [which, constant(number, which.dtype)], BOOL, {})


def _call(to: Emitter, name: str) -> Callable[[], None]:
    return lambda: to.to.put(f"call void @{name}(ptr %arena, i64 0)")


def shared(to: Emitter, form: Form) -> Form:
    """A value as another function can read it: in memory, or known."""
    if isinstance(form, Registers):
        return form if form.is_known else to.in_memory(form)
    return _settled(to, form)


def _settled(to: Emitter, form: Form) -> Form:
    """A value in memory that does not move with a loop's turn: another function has its own."""
    if isinstance(form, Deferred):
        return to.in_memory(form)
    if isinstance(form, Buffer) and form.turn is not None:
        target = to.frame.new(form.shape, form.dtype, form.varying)
        to.copy(form, target)
        return target
    return form


def _carried(to: Emitter, forms: Sequence[Form], outputs: Sequence[Value]) -> list[Buffer]:
    """Memory for what a loop carries, with what it begins with."""
    carried = []
    for form, output in zip(forms, outputs, strict=False):
        target = to.frame.new(output.shape, output.dtype, output.varying)
        to.copy(form, target)
        carried.append(target)
    return carried


def function(
    to: Emitter,
    stem: str,
    block: Block,
    parameters: Sequence[Form],
    targets: Sequence[Buffer],
    mask: Buffer | None = None,
) -> str:
    """Write a block as a function that leaves its results in memory; gives its name."""
    inner = Emitter(to.module, f"{stem}{len(to.module.frames)}", to.frame)
    results = inner.write(block, [_fresh(to, each) for each in parameters])
    _leave(inner, results, targets, mask)
    to.module.functions.append(inner.to)
    return inner.to.name


def _fresh(to: Emitter, form: Form) -> Form:
    return to.renewed(form) if isinstance(form, Buffer) else form


def _leave(
    to: Emitter, results: Sequence[Form], targets: Sequence[Buffer], mask: Buffer | None
) -> None:
    """Store results, all read before any is written; in lanes whose flag is up, if there is one."""
    flag = None if mask is None else to.load(to.renewed(mask), ())
    roots = {each.root for each in targets}
    ready: list[tuple[Form, Buffer]] = []
    for form, target in zip(results, targets, strict=True):
        if target.size <= IN_REGISTERS:
            form = to.registers(form)
        else:
            read = {k: b for k, b in reads_of(form, target.shape).items() if k in roots}
            in_place = all(b is not None and _is_same(b, target) for b in read.values())
            if in_place and isinstance(form, Buffer) and read:
                continue
            if read and not in_place:
                moved = to.frame.new(form.shape, form.dtype, form.varying)
                to.copy(form, moved)
                form = moved
        ready.append((form, target))
    if flag is not None:
        ready = [(_merged(to, flag, form, to.renewed(target)), target) for form, target in ready]
    for form, target in ready:
        to.copy(form, target)


def _is_same(one: Buffer, other: Buffer) -> bool:
    """Whether two buffers are the same numbers in the same order."""
    places = ((each.root, each.start, each.strides, each.turn) for each in (one, other))
    return next(places) == next(places)
