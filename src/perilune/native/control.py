"""Loops and branches: each block a function of its own, what crosses its edge in memory."""

from collections.abc import Callable, Sequence, Set
from dataclasses import dataclass, replace

from perilune.native.assembly import BOOL, INT64, Operand, constant
from perilune.native.emission import IN_REGISTERS, Emitter
from perilune.native.program import Block, Equation, Value
from perilune.native.storage import Buffer, Deferred, Form, Registers, is_same, reads_of
from perilune.native.structure import filled

TURN = Operand("%turn", INT64)
"""The turn of a scan, as its body knows it."""


def scan(to: Emitter, equation: Equation) -> list[Form]:
    """A loop of so many turns, with rows to read and rows to write in each."""
    (body,), params, length = equation.blocks, equation.parameters, equation.parameters["length"]
    consts, end = params["consts"], params["consts"] + params["carry"]
    forms = [to.form(each) for each in equation.inputs]
    given = [shared(to, each) for each in forms[:consts]]
    carried = _carried(to, equation, forms)
    is_reverse = params["reverse"]
    rows = [to.in_memory(_settled(to, each)).row(TURN, length, is_reverse) for each in forms[end:]]
    written = [_room(to, each) for each in equation.outputs[params["carry"] :]]
    targets = [*carried, *(each.row(TURN, length, is_reverse) for each in written)]
    roots = {each.root for each in carried}
    name = function(to, "scan", body, [*given, *carried, *rows], Leaving(targets, None, roots))

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
    carried = _carried(to, equation, forms)
    varies = equation.parameters["varying"]
    goes_on = to.frame.new((), BOOL, varies)
    asked = function(to, "condition", condition, [*given, *carried], Leaving([goes_on]))
    mask = goes_on if varies else None
    roots = frozenset() if varies else frozenset(each.root for each in carried)
    name = function(to, "body", body, [*given, *carried], Leaving(carried, mask, roots))
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
    targets = _branch_targets(to, equation)
    roots = {each.root for each in targets}
    leaving = Leaving(targets, None, roots)
    names = [function(to, "branch", each, given, leaving) for each in equation.blocks]

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
        name = function(to, "branch", block, given, Leaving(targets))
        flag = _is_chosen(to, which, number)
        to.to.branch(to.to.any_of(flag), _call(to, name))
        found: list[Form] = [to.renewed(each) for each in targets]
        chosen = (
            found
            if not chosen
            else [_merged(to, flag, one, other) for one, other in zip(found, chosen, strict=True)]
        )
    return chosen


def _merged(to: Emitter, flag: Operand, one: Form, other: Form) -> Form:
    """`one` in lanes where the flag is up, else `other`."""

    def choice(place: Sequence) -> Operand:
        operands = [flag, to.at(other, place), to.at(one, place)]
        return to.operation("select_n", operands, one.dtype, {})

    return filled(to, one.shape, one.dtype, choice)


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


def _carried(to: Emitter, equation: Equation, forms: Sequence[Form]) -> list[Buffer]:
    """Memory for what a loop carries, with what it begins with: of that itself, where it can be."""
    consts = equation.parameters["consts"]
    carried: list[Buffer] = []
    for number in range(consts, consts + equation.parameters["carry"]):
        output = equation.outputs[number - consts]
        target = to.given_up(equation, number) or set_aside(to, equation, number, output)
        if target is None or target.varying != output.varying or _is_taken(target, carried):
            target = _room(to, output)
            to.copy(forms[number], target)
        carried.append(target)
    return carried


def set_aside(to: Emitter, equation: Equation, number: int, output: Value) -> Buffer | None:
    """The memory of an input where its output has to end: later readers get a copy elsewhere.

    None where the output is not wanted there, or where something that reads it cannot be moved.
    """
    term, slot = equation.inputs[number], to.slots.get(output)
    form = to.forms.get(term) if isinstance(term, Value) else None
    if slot is None or slot.buffer is None or not isinstance(form, Buffer):
        return None
    if not (is_same(form, slot.buffer) and form.is_whole and to.is_ours(form)):
        return None
    others = [each for place, each in enumerate(equation.inputs) if place != number]
    if to.readers(form, [each for each in others if isinstance(each, Value)]):
        return None
    later = to.readers(form, to.used_after())
    read = {each: buffer for each in later if isinstance(buffer := to.forms[each], Buffer)}
    if len(read) < len(later):
        return None
    copy = to.frame.new(form.shape, form.dtype, form.varying)
    to.copy(form, copy)
    copy = to.renewed(copy)
    for value, buffer in read.items():
        to.forms[value] = replace(buffer, frame=copy.frame, byte=copy.byte, version=copy.version)
    return form


def _branch_targets(to: Emitter, equation: Equation) -> list[Buffer]:
    """Memory for the results of branches: that of an input which some branch gives as it is."""
    targets: list[Buffer] = []
    for number, output in enumerate(equation.outputs):
        target = None
        for block in equation.blocks:
            result = block.results[number]
            if target is None and result in block.parameters:
                target = to.given_up(equation, 1 + block.parameters.index(result))
        if target is None or target.varying != output.varying or _is_taken(target, targets):
            target = _room(to, output)
        targets.append(target)
    return targets


def _room(to: Emitter, value: Value) -> Buffer:
    """Memory for a value that another function writes: a row moves with a turn it does not know."""
    room = to.room(value)
    return room if room.turn is None else to.frame.new(room.shape, room.dtype, room.varying)


def _is_taken(target: Buffer, others: Sequence[Buffer]) -> bool:
    return any(target.root == each.root for each in others)


@dataclass(frozen=True)
class Leaving:
    """Where a function leaves its results, in which lanes, and what memory it may use up."""

    targets: Sequence[Buffer]
    mask: Buffer | None = None  # all lanes, if None
    owned: Set[tuple[int, int]] = frozenset()


def function(
    to: Emitter, stem: str, block: Block, parameters: Sequence[Form], leaving: Leaving
) -> str:
    """Write a block as a function that leaves its results in memory; gives its name."""
    inner = Emitter(to.module, f"{stem}{len(to.module.frames)}", to.frame)
    inner.owned = set(leaving.owned)
    targets = leaving.targets
    wanted = targets if leaving.mask is None else [None] * len(targets)
    given = [_now(to, each) if isinstance(each, Buffer) else each for each in parameters]
    leave(inner, inner.write(block, wanted, given), leaving)
    to.module.functions.append(inner.to)
    return inner.to.name


def leave(to: Emitter, results: Sequence[Form], leaving: Leaving) -> None:
    """Store results, all read before any is written; in lanes whose flag is up, if there is one."""
    targets = leaving.targets
    roots = {each.root for each in targets}
    pairs = list(zip(results, targets, strict=True))
    ready = [(_kept_aside(to, form, target, roots), target) for form, target in pairs]
    flag = None if leaving.mask is None else to.load(_now(to, leaving.mask), ())
    for each, target in ready:
        form = each if flag is None else _merged(to, flag, each, _now(to, target))
        if not (isinstance(form, Buffer) and is_same(form, target)):
            to.copy(form, target)
        to.renewed(target)


def _kept_aside(to: Emitter, form: Form, target: Buffer, roots: Set[tuple[int, int]]) -> Form:
    """A result that can be stored after others: it reads nothing that those overwrite."""
    read = [own for root, own in reads_of(form, target.shape).items() if root in roots]
    if all(own is not None and is_same(own, target) for own in read):
        return form
    if target.size <= IN_REGISTERS:
        return to.registers(form)
    aside = to.frame.new(form.shape, form.dtype, form.varying)
    to.copy(form, aside)
    return aside


def _now(to: Emitter, buffer: Buffer) -> Buffer:
    """A buffer with what is in it now."""
    return replace(buffer, version=to.module.current.get(buffer.root, 0))
