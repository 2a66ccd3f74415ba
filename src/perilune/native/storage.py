"""Where values live while a program runs: in registers, or in the arena, the one block of memory.

The arena is laid out like a stack: each function of the program has a frame, which begins where
that of its one caller ends, so that what is called in turn uses the same memory in turn.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from perilune.native.assembly import BOOL, Operand, constant
from perilune.native.program import Numbers

ALIGNMENT = 64


@dataclass(slots=True)
class Registers:
    """An array of operands, one for each number."""

    operands: Any  # a NumPy array of `Operand`
    dtype: np.dtype

    @property
    def shape(self) -> tuple[int, ...]:
        """Its shape."""
        return self.operands.shape

    @property
    def varying(self) -> bool:
        """Whether any of its numbers varies."""
        return any(each.varying for each in self.operands.flat)

    @property
    def is_known(self) -> bool:
        """Whether all of its numbers are known when the program is compiled."""
        return all(each.constant is not None for each in self.operands.flat)


@dataclass(slots=True, frozen=True, kw_only=True)
class Buffer:
    """An array in memory: number `index` lies at `start + index · strides`, in numbers."""

    frame: "Frame"
    byte: int  # where it begins in its frame
    shape: tuple[int, ...]
    dtype: np.dtype
    varying: bool
    strides: tuple[int, ...]
    start: int = 0
    turn: tuple[Operand, int] | None = None  # and by the turn of a loop, times so many numbers
    version: int = 0  # of what is in it

    @property
    def size(self) -> int:
        """How many numbers it has."""
        return int(np.prod(self.shape, dtype=int))

    @property
    def root(self) -> tuple[int, int]:
        """The same for all that lie in one piece of memory."""
        return self.frame.number, self.byte

    @property
    def is_whole(self) -> bool:
        """Whether its numbers lie one after another from the beginning of its memory on."""
        return self.is_packed and self.start == 0 and self.turn is None

    @property
    def is_packed(self) -> bool:
        """Whether its numbers lie one after another."""
        return all(
            count == 1 or stride == packed
            for count, stride, packed in zip(
                self.shape, self.strides, packed_strides(self.shape), strict=True
            )
        )

    def seen(self, view: Callable[[Numbers], Numbers]) -> "Buffer | None":
        """The same numbers as `view` shows an array's; None where no strides can show them so."""
        reach = 1 + sum((n - 1) * s for n, s in zip(self.shape, self.strides, strict=True) if n)
        memory = np.empty(max(reach, 1), np.int8)
        shown = view(np.lib.stride_tricks.as_strided(memory, self.shape, self.strides))
        if shown.size and not np.may_share_memory(shown, memory):
            return None
        offset = shown.__array_interface__["data"][0] - memory.__array_interface__["data"][0]
        return replace(
            self, shape=shown.shape, strides=shown.strides, start=self.start + int(offset)
        )

    def row(self, turn: Operand, count: int, is_reverse: bool = False) -> "Buffer":
        """Row `turn` of the `count` rows of its first axis, counted from the last if reverse."""
        step = -self.strides[0] if is_reverse else self.strides[0]
        first = (count - 1) * self.strides[0] if is_reverse else 0
        assert self.turn is None, "one loop's rows are never another loop's"
        return replace(
            self,
            shape=self.shape[1:],
            strides=self.strides[1:],
            start=self.start + first,
            turn=(turn, step),
        )


@dataclass(slots=True, frozen=True)
class Step:
    """An index that a loop moves: `offset + scale · turn`."""

    turn: Operand
    scale: int
    offset: int


Index = int | Step | Operand
Place = Sequence[Index]
Reads = Mapping[tuple[int, int], Buffer | None]
"""Which memory is read: a buffer if at each place the same place of it, else None."""


@dataclass(slots=True, frozen=True, eq=False)
class Deferred:
    """An array whose numbers are computed where they are used, at most once each."""

    shape: tuple[int, ...]
    dtype: np.dtype
    varying: bool
    at: Callable[[Place], Operand]
    reads: Reads


Form = Registers | Buffer | Deferred
"""How an emitter holds a value."""


def reads_of(form: "Form", shape: tuple[int, ...] | None) -> Reads:
    """What memory a form reads, as an input of something of a shape; None where it is moved."""
    if isinstance(form, Registers):
        return {}
    if isinstance(form, Buffer):
        return {form.root: form if form.shape == shape else None}
    return form.reads if form.shape == shape else dict.fromkeys(form.reads)


def merged(reads: Sequence[Reads]) -> Reads:
    """What several forms read together."""
    together: dict[tuple[int, int], Buffer | None] = {}
    for each in reads:
        for root, buffer in each.items():
            same = root not in together or together[root] == buffer
            together[root] = buffer if same else None
    return together


@dataclass(slots=True, eq=False)
class Frame:
    """The part of the arena that one function uses."""

    number: int
    caller: "Frame | None"
    lanes: int
    size: int = 0
    versions: list[int] = field(default_factory=lambda: [0])

    def new(self, shape: Sequence[int], dtype: np.dtype, varying: bool) -> Buffer:
        """Memory for an array."""
        shape = tuple(shape)
        begin = self.size
        count = int(np.prod(shape, dtype=int))
        size = count * number_bytes(dtype, varying, self.lanes)
        self.size += -(-max(size, 1) // ALIGNMENT) * ALIGNMENT
        return Buffer(
            frame=self,
            byte=begin,
            shape=shape,
            dtype=dtype,
            varying=varying,
            strides=packed_strides(shape),
        )

    @property
    def begin(self) -> int:
        """Where it begins in the arena; known when all of the program is written."""
        return 0 if self.caller is None else self.caller.begin + self.caller.size


def is_same(one: Buffer, other: Buffer) -> bool:
    """Whether two buffers are the same numbers in the same order."""
    places = ((each.root, each.start, each.strides, each.turn) for each in (one, other))
    return next(places) == next(places)


def number_bytes(dtype: np.dtype, varying: bool, lanes: int) -> int:
    """How much memory one number takes in all its lanes; a flag takes a byte."""
    return (1 if dtype == BOOL else dtype.itemsize) * (lanes if varying else 1)


def packed_strides(shape: Sequence[int]) -> tuple[int, ...]:
    """The strides, in numbers, of an array that lies in one piece."""
    strides, step = [], 1
    for count in reversed(shape):
        strides.append(step)
        step *= count
    return tuple(reversed(strides))


def known(array: Any, dtype: np.dtype) -> Registers:
    """Constants, as operands."""
    array = np.asarray(array)
    operands = np.empty(array.shape, object)
    for place in np.ndindex(array.shape):
        operands[place] = constant(array[place], dtype)
    return Registers(operands, dtype)
