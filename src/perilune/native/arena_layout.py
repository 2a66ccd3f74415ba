"""Where in the arena a program finds its inputs and leaves its results."""

import json
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from perilune.native.program import Numbers
from perilune.native.storage import ALIGNMENT, Buffer, number_bytes


@dataclass(frozen=True)
class Place:
    """An array in the arena: where it begins, its shape and type, and whether lanes differ."""

    byte: int
    shape: tuple[int, ...]
    dtype: str
    varying: bool


@dataclass(frozen=True)
class Layout:
    """The plan of a program's memory; `tables` are constant arrays, put there before it runs."""

    lanes: int
    arena_bytes: int
    inputs: tuple[Place, ...]
    results: tuple[Place, ...]
    tables: tuple[tuple[Place, Numbers], ...]

    def to_json(self) -> str:
        """All but the tables' numbers."""
        tables = [asdict(place) for place, _ in self.tables]
        parts = {"inputs": self.inputs, "results": self.results}
        places = {name: [asdict(place) for place in each] for name, each in parts.items()}
        sizes = {"lanes": self.lanes, "arena_bytes": self.arena_bytes}
        return json.dumps({**sizes, **places, "tables": tables})

    @classmethod
    def from_json(cls, text: str, numbers: list[Numbers]) -> "Layout":
        """What `to_json` wrote, with the tables' numbers."""
        read = json.loads(text)
        tables = zip(map(_place, read["tables"]), numbers, strict=True)
        inputs, results = (tuple(map(_place, read[name])) for name in ("inputs", "results"))
        return cls(read["lanes"], read["arena_bytes"], inputs, results, tuple(tables))


def place_of(buffer: Buffer) -> Place:
    """The place of a buffer of the arena."""
    byte = buffer.frame.begin + buffer.byte
    return Place(byte, buffer.shape, buffer.dtype.str, buffer.varying)


class Arena:
    """The memory of a program: one for each thread that runs it."""

    def __init__(self, layout: Layout) -> None:
        """Memory with the tables in it; inputs are still to come."""
        self._layout = layout
        memory = np.zeros(layout.arena_bytes + ALIGNMENT, np.uint8)
        begin = -memory.ctypes.data % ALIGNMENT
        self._bytes = memory[begin : begin + layout.arena_bytes]
        for place, numbers in layout.tables:
            self._array(place)[...] = numbers
        self._inputs = [self._array(place) for place in layout.inputs]
        self._results = [self._array(place) for place in layout.results]

    @property
    def address(self) -> int:
        """Where it begins."""
        return self._bytes.ctypes.data

    def put(self, number: int, value: Any) -> None:
        """Give one input: an array of its shape, with a leading axis of lanes if it varies."""
        array, place = self._inputs[number], self._layout.inputs[number]
        given = np.asarray(value)
        expected = (self._layout.lanes,) * place.varying + place.shape
        if given.shape != expected or given.dtype != array.dtype:
            raise ValueError(
                f"Input {number} must be {array.dtype}{list(expected)}, "
                f"but is {given.dtype}{list(given.shape)}."
            )
        array[...] = np.moveaxis(given, 0, -1) if place.varying else given

    def results(self) -> list[Numbers]:
        """Copies of the results, each with a leading axis of lanes."""
        return [np.moveaxis(each, -1, 0).copy() for each in self._results]

    def _array(self, place: Place) -> Numbers:
        dtype = np.dtype(place.dtype)
        count = int(np.prod(place.shape, dtype=int))
        lanes = self._layout.lanes
        size = count * number_bytes(dtype, place.varying, lanes)
        shape = place.shape + ((lanes,) if place.varying else ())
        return self._bytes[place.byte : place.byte + size].view(dtype).reshape(shape)


def _place(read: dict[str, Any]) -> Place:
    return Place(read["byte"], tuple(read["shape"]), read["dtype"], read["varying"])
