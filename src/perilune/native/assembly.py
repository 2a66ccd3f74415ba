"""A function of LLVM's language as it is written: instructions, loops, loads and stores by lane.

An operand is one number: a scalar where it is uniform, a vector of all lanes where it varies. The
text of an instruction with the same operands is written once in each scope; no flag ever allows
LLVM to reassociate, contract or approximate.
"""

import struct
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

TYPES = {
    np.dtype(np.float64): "double",
    np.dtype(np.float32): "float",
    np.dtype(np.int64): "i64",
    np.dtype(np.uint64): "i64",
    np.dtype(np.int32): "i32",
    np.dtype(np.uint32): "i32",
    np.dtype(np.bool_): "i1",
}
"""The types of numbers there are, by NumPy's name and LLVM's."""
INT64 = np.dtype(np.int64)
BOOL = np.dtype(np.bool_)


@dataclass(slots=True, frozen=True)
class Operand:
    """One number of a program: its name or constant in LLVM's language."""

    text: str
    dtype: np.dtype
    varying: bool = False
    constant: Any = None  # a NumPy scalar where it is known


def constant(value: Any, dtype: np.dtype) -> Operand:
    """The operand of a known number."""
    with np.errstate(all="ignore"):
        number = np.asarray(value).astype(dtype)[()]
    if dtype.kind == "f":
        text = f"0x{struct.unpack('<Q', struct.pack('<d', float(number)))[0]:016X}"
    else:
        text = ("true" if number else "false") if dtype == BOOL else str(int(number))
    return Operand(text, dtype, False, number)


class Function:
    """The text of one function of the arena, written from top to bottom."""

    def __init__(self, name: str, lanes: int) -> None:
        """Nothing is written yet."""
        self.name, self.lanes = name, lanes
        self.lines: list[str] = []
        self.sources: list[tuple[int, Any]] = []  # whose the lines from a number on are
        self.declared: set[str] = set()
        self._known: list[dict[Any, Operand]] = [{}]
        self._count = 0
        self._label = "entry"
        self._chosen: set[str] = set()

    def type_of(self, dtype: np.dtype, varying: bool) -> str:
        """LLVM's type of a number."""
        return f"<{self.lanes} x {TYPES[dtype]}>" if varying else TYPES[dtype]

    def text_of(self, operand: Operand, varying: bool) -> str:
        """An operand as it stands in an instruction on scalars or on lanes."""
        if not varying or operand.varying:
            return operand.text
        if operand.constant is not None:
            return f"splat ({TYPES[operand.dtype]} {operand.text})"
        return self._in_every_lane(operand).text

    def put(self, line: str) -> None:
        """Write a line that gives nothing."""
        self.lines.append("  " + line)

    def new(self) -> str:
        """A name that is not yet taken."""
        self._count += 1
        return f"v{self._count}"

    def emit(self, key: Any, dtype: np.dtype, varying: bool, text: str) -> Operand:
        """Write an instruction, or give what an equal one gave before; `key` tells them apart."""
        key = (key, dtype, varying)
        for scope in reversed(self._known):
            if key in scope:
                return scope[key]
        operand = Operand(f"%{self.new()}", dtype, varying)
        self.lines.append(f"  {operand.text} = {text}")
        self._known[-1][key] = operand
        return operand

    def operation(self, code: str, dtype: np.dtype, *operands: Operand) -> Operand:
        """`code` of operands of one type, which may give another."""
        varying = any(each.varying for each in operands)
        kind = self.type_of(operands[0].dtype, varying)
        text = f"{code} {kind} " + ", ".join(self.text_of(each, varying) for each in operands)
        return self.emit(text, dtype, varying, text)

    def convert(self, code: str, dtype: np.dtype, operand: Operand) -> Operand:
        """A conversion, such as `sitofp`, to another type."""
        varying = operand.varying
        kinds = (self.type_of(each, varying) for each in (operand.dtype, dtype))
        text = f"{code} {next(kinds)} {self.text_of(operand, varying)} to {next(kinds)}"
        return self.emit(text, dtype, varying, text)

    def select(self, flag: Operand, one: Operand, other: Operand) -> Operand:
        """`one` where the flag is up, else `other`."""
        varying = flag.varying or one.varying or other.varying
        kind = self.type_of(one.dtype, varying)
        choice = self.type_of(BOOL, flag.varying)
        parts = (self.text_of(each, varying) for each in (one, other))
        text = f"select {choice} {flag.text}, {kind} {next(parts)}, {kind} {next(parts)}"
        chosen = self.emit(text, one.dtype, varying, text)
        self._chosen.add(chosen.text)
        return chosen

    def to_be_stored(self, operand: Operand, varying: bool) -> str:
        """An operand as it stands in a store.

        A choice is frozen, which changes no bit: of a choice between a new number and what is
        stored already LLVM makes a masked store, which some processors with AVX2 take long for.
        """
        text = self.text_of(operand, varying)
        if not varying or text not in self._chosen:
            return text
        frozen = f"freeze {self.type_of(operand.dtype, True)} {text}"
        return self.emit(frozen, operand.dtype, True, frozen).text

    def intrinsic(self, name: str, dtype: np.dtype, *operands: Operand, extra: str = "") -> Operand:
        """A call of one of LLVM's own functions, by its name without types."""
        varying = any(each.varying for each in operands)
        kind = self.type_of(dtype, varying)
        kinds = [self.type_of(each.dtype, varying) for each in operands]
        mangled = "".join(
            f".{self._mangled(k, varying)}" for k in self._overloads(name, kind, kinds)
        )
        self.declare(
            f"declare {kind} @llvm.{name}{mangled}({', '.join(kinds)}{', i1' * bool(extra)})"
        )
        given = [f"{k} {self.text_of(o, varying)}" for k, o in zip(kinds, operands, strict=True)]
        text = f"call {kind} @llvm.{name}{mangled}({', '.join(given + [extra] * bool(extra))})"
        return self.emit(text, dtype, varying, text)

    def declare(self, text: str) -> None:
        """Have a function of LLVM's declared once."""
        self.declared.add(text)

    def scoped(self, write: Callable[[], None]) -> None:
        """Write something whose values are not known after it."""
        self._known.append({})
        write()
        self._known.pop()

    def loop(
        self,
        count: int,
        start: Sequence[Operand],
        body: Callable[[Operand, list[Operand]], Sequence[Operand]],
    ) -> list[Operand]:
        """`count` turns of `body`, which takes the turn and what the one before gave.

        What varies is of lanes from the start: see `in_lanes`.
        """
        first = [self.text_of(each, each.varying) for each in start]
        before, head, latch, done = self._label, *(self.new() for _ in range(3))
        turn = Operand(f"%{self.new()}", INT64)
        sums = [Operand(f"%{self.new()}", each.dtype, each.varying) for each in start]
        self.put(f"br label %{head}")
        self.label(head)
        self.put(f"{turn.text} = phi i64 [ 0, %{before} ], [ {turn.text}n, %{latch} ]")
        holes = len(self.lines)
        self.lines += [""] * len(sums)
        self._known.append({})
        after = list(body(turn, sums))
        self._known.pop()
        self.put(f"br label %{latch}")
        self.label(latch)
        for number, (one, last) in enumerate(zip(sums, after, strict=True)):
            kind, end = self.type_of(one.dtype, one.varying), self.text_of(last, one.varying)
            line = f"phi {kind} [ {first[number]}, %{before} ], [ {end}, %{latch} ]"
            self.lines[holes + number] = f"  {one.text} = {line}"
        self.put(f"{turn.text}n = add i64 {turn.text}, 1")
        self.put(f"{turn.text}c = icmp ult i64 {turn.text}n, {count}")
        self.put(f"br i1 {turn.text}c, label %{head}, label %{done}")
        self.label(done)
        return after

    def branch(self, flag: Operand, *writers: Callable[[], None]) -> None:
        """Run the first writer's lines where a uniform flag is up, the second's where not."""
        done, sides = self.new(), [self.new() for _ in writers]
        targets = [*sides, done][:2]
        self.put(f"br i1 {flag.text}, label %{targets[0]}, label %{targets[1]}")
        for side, write in zip(sides, writers, strict=True):
            self.label(side)
            self.scoped(write)
            self.put(f"br label %{done}")
        self.label(done)

    def label(self, name: str) -> None:
        """Begin a basic block."""
        self.lines.append(f"{name}:")
        self._label = name

    def in_lanes(self, operand: Operand) -> Operand:
        """An operand as one that varies."""
        if operand.varying:
            return operand
        return Operand(self.text_of(operand, True), operand.dtype, True)

    def any_of(self, flag: Operand) -> Operand:
        """Whether a flag is up in any lane, a uniform flag."""
        if not flag.varying:
            return flag
        kind = self.type_of(BOOL, True)
        self.declare(f"declare i1 @llvm.vector.reduce.or.v{self.lanes}i1({kind})")
        text = f"call i1 @llvm.vector.reduce.or.v{self.lanes}i1({kind} {flag.text})"
        return self.emit(text, BOOL, False, text)

    def _in_every_lane(self, operand: Operand) -> Operand:
        kind, scalar = self.type_of(operand.dtype, True), TYPES[operand.dtype]
        text = f"insertelement {kind} poison, {scalar} {operand.text}, i64 0"
        one = self.emit(text, operand.dtype, True, text)
        text = (
            f"shufflevector {kind} {one.text}, {kind} poison, <{self.lanes} x i32> zeroinitializer"
        )
        return self.emit(text, operand.dtype, True, text)

    def _mangled(self, kind: str, varying: bool) -> str:
        short = {"double": "f64", "float": "f32"}
        scalar = kind.strip("<>").split(" x ")[-1]
        return f"v{self.lanes}" * varying + short.get(scalar, scalar)

    @staticmethod
    def _overloads(name: str, kind: str, kinds: Sequence[str]) -> list[str]:
        return [kind, kinds[0]] if name.endswith(".sat") else [kind]
