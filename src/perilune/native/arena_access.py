"""Numbers in the arena: read, written, gathered and scattered, in the text of one function."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from perilune.native.assembly import BOOL, INT64, TYPES, Function, Operand, constant
from perilune.native.program import Equation, Numbers
from perilune.native.storage import (
    ALIGNMENT,
    Buffer,
    Form,
    Frame,
    Place,
    Step,
    number_bytes,
)

Row = Callable[[Any, Equation], Sequence[Form]]
"""How an equation is written by an emitter: gives its outputs."""


@dataclass(kw_only=True)
class Module:
    """All functions of a program, its tables of constants, and how much memory it uses."""

    lanes: int
    rows: Mapping[str, Row] = field(repr=False)  # by the name of an equation
    functions: list[Function] = field(default_factory=list)
    frames: list[Frame] = field(default_factory=list)
    tables: dict[Any, Buffer] = field(default_factory=dict)
    contents: list[tuple[Buffer, Numbers]] = field(default_factory=list)
    version: int = 0
    current: dict[tuple[int, int], int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """What is read and never written in a call has a frame of its own, the first."""
        self.root = self.frame(None)

    def table(self, array: Numbers) -> Buffer:
        """A constant array in memory; equal ones are kept once."""
        key = (array.dtype, array.shape, array.tobytes())
        if key not in self.tables:
            self.tables[key] = self.root.new(array.shape, array.dtype, False)
            self.contents.append((self.tables[key], array))
        return self.tables[key]

    def frame(self, caller: Frame | None) -> Frame:
        """A new frame, that of a function which a function with frame `caller` calls."""
        self.frames.append(Frame(len(self.frames), caller, self.lanes))
        return self.frames[-1]


class ArenaAccess:
    """Writes loads and stores into the text of one function."""

    def __init__(self, module: Module, name: str, caller: Frame | None) -> None:
        """Nothing is written yet."""
        self.module = module
        self.frame = module.frame(caller)
        self.to = Function(name, module.lanes)

    def load(self, buffer: Buffer, place: Place) -> Operand:
        """A number from memory."""
        current = self.module.current.get(buffer.root, 0)
        assert buffer.version == current, "what is read was overwritten"
        address = self.address(buffer, place)
        kind = self._stored(buffer)
        key = ("load", address, buffer.version)
        size = min(number_bytes(buffer.dtype, buffer.varying, self.module.lanes), ALIGNMENT)
        text = f"load {kind}, ptr {address}, align {size}"
        if buffer.dtype != BOOL:
            return self.to.emit(key, buffer.dtype, buffer.varying, text)
        raw = self.to.emit(("raw", *key), np.dtype(np.int8), buffer.varying, text)
        flag = f"trunc {kind} {raw.text} to {self.to.type_of(BOOL, buffer.varying)}"
        return self.to.emit(key, BOOL, buffer.varying, flag)

    def store(self, buffer: Buffer, place: Place, number: Operand) -> None:
        """A number to memory."""
        assert buffer.varying or not number.varying, "what varies needs memory for all lanes"
        address, kind = self.address(buffer, place), self._stored(buffer)
        text = self.to.to_be_stored(number, buffer.varying)
        if buffer.dtype == BOOL:
            flag = f"zext {self.to.type_of(BOOL, buffer.varying)} {text} to {kind}"
            text = self.to.emit(flag, np.dtype(np.int8), buffer.varying, flag).text
        size = min(number_bytes(buffer.dtype, buffer.varying, self.module.lanes), ALIGNMENT)
        self.to.put(f"store {kind} {text}, ptr {address}, align {size}")

    def gather(self, buffer: Buffer, index: Operand) -> Operand:
        """The numbers at places of a buffer, `index` numbers after its first, one in each lane."""
        pointers, mask = self._pointers(buffer, index), self.to.in_lanes(constant(True, BOOL))
        kind, short, lanes = (
            self._lanes_of(buffer.dtype),
            self._short(buffer.dtype),
            self.module.lanes,
        )
        name = f"@llvm.masked.gather.v{lanes}{short}.v{lanes}p0"
        self.to.declare(f"declare {kind} {name}(<{lanes} x ptr>, <{lanes} x i1>, {kind})")
        text = (
            f"call {kind} {name}(<{lanes} x ptr> align {self._scalar_bytes(buffer)} {pointers}, "
            f"<{lanes} x i1> {mask.text}, {kind} zeroinitializer)"
        )
        raw = self.to.emit((text, buffer.version), buffer.dtype, True, text)
        if buffer.dtype != BOOL:
            return raw
        flag = f"trunc {kind} {raw.text} to {self.to.type_of(BOOL, True)}"
        return self.to.emit((flag, "flag"), BOOL, True, flag)

    def scatter(
        self, buffer: Buffer, index: Operand, number: Operand, flag: Operand | None
    ) -> None:
        """One number of each lane to its place in a buffer, in lanes whose flag is up."""
        mask = self.to.in_lanes(flag or constant(True, BOOL))
        pointers, text = self._pointers(buffer, index), self.to.in_lanes(number).text
        kind, short, lanes = (
            self._lanes_of(buffer.dtype),
            self._short(buffer.dtype),
            self.module.lanes,
        )
        if buffer.dtype == BOOL:
            wide = f"zext {self.to.type_of(BOOL, True)} {text} to {kind}"
            text = self.to.emit(wide, np.dtype(np.int8), True, wide).text
        name = f"@llvm.masked.scatter.v{lanes}{short}.v{lanes}p0"
        self.to.declare(f"declare void {name}({kind}, <{lanes} x ptr>, <{lanes} x i1>)")
        self.to.put(
            f"call void {name}({kind} {text}, <{lanes} x ptr> align {self._scalar_bytes(buffer)} "
            f"{pointers}, <{lanes} x i1> {mask.text})"
        )

    def _pointers(self, buffer: Buffer, index: Operand) -> str:
        """A pointer for each lane."""
        lanes, size = self.module.lanes, self._scalar_bytes(buffer)
        apart = size * (lanes if buffer.varying else 1)
        steps = self.times(index, apart)
        byte = self.to.in_lanes(steps).text
        if buffer.varying:
            inner = ", ".join(f"i64 {lane * size}" for lane in range(lanes))
            text = f"add <{lanes} x i64> {byte}, <{inner}>"
            byte = self.to.emit(text, INT64, True, text).text
        base = self.address(buffer, [0] * len(buffer.shape))
        text = f"getelementptr i8, ptr {base}, <{lanes} x i64> {byte}"
        return self.to.emit(text, INT64, True, text).text

    def _scalar_bytes(self, buffer: Buffer) -> int:
        return number_bytes(buffer.dtype, False, 1)

    def _lanes_of(self, dtype: np.dtype) -> str:
        return f"<{self.module.lanes} x {'i8' if dtype == BOOL else TYPES[dtype]}>"

    def _short(self, dtype: np.dtype) -> str:
        scalar = "i8" if dtype == BOOL else TYPES[dtype]
        return {"double": "f64", "float": "f32"}.get(scalar, scalar)

    def address(self, buffer: Buffer, place: Place) -> str:
        """The pointer to a number in memory."""
        size = number_bytes(buffer.dtype, buffer.varying, self.module.lanes)
        fixed, pointer = buffer.start, "%arena"
        moving = [] if buffer.turn is None else [buffer.turn]
        for index, stride in zip(place, buffer.strides, strict=True):
            if isinstance(index, int):
                fixed += index * stride
            elif isinstance(index, Step):
                fixed += index.offset * stride
                moving.append((index.turn, index.scale * stride))
            elif index.constant is not None:
                fixed += int(index.constant) * stride
            else:
                moving.append((index, stride))
        for index, stride in moving:
            if stride:
                step = self.times(index, stride * size)
                pointer = self._moved(pointer, step.text)
        return self._moved(pointer, f"@{buffer.frame.number}+{buffer.byte + fixed * size}@")

    def _moved(self, pointer: str, by: str) -> str:
        text = f"getelementptr inbounds i8, ptr {pointer}, i64 {by}"
        return self.to.emit(text, INT64, False, text).text

    def _stored(self, buffer: Buffer) -> str:
        scalar = "i8" if buffer.dtype == BOOL else TYPES[buffer.dtype]
        return f"<{self.module.lanes} x {scalar}>" if buffer.varying else scalar

    def renewed(self, buffer: Buffer) -> Buffer:
        """A buffer after something was written to it: what was read from it before is outdated."""
        self.module.version += 1
        self.module.current[buffer.root] = self.module.version
        return replace(buffer, version=self.module.version)

    def times(self, index: Operand, factor: int) -> Operand:
        """A whole number times a known one."""
        if index.constant is not None:
            return constant(int(index.constant) * factor, INT64)
        return self.to.operation("mul", INT64, index, constant(factor, INT64))
