"""A flight by the native compiler: traced once for all plans of one structure."""

import pickle
import zlib
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import jax

from perilune.flight.compile_cache import machine_code_folder
from perilune.native.flattening import UnknownPrimitiveError
from perilune.native.lane_program import Traced, compiled, trace, translated
from perilune.native.object_cache import Compiled
from perilune.native.processor import UnknownProcessorError, this_processor

Made = TypeVar("Made")


class NativeFlight:
    """A traced flight, for so many lanes or for those that suit this processor."""

    def __init__(self, traced: Traced, lanes: int | None = None) -> None:
        """Nothing is compiled yet."""
        self.traced, self.lanes = traced, lanes or this_processor().lanes
        self._compiled: Compiled | None = None

    def compiled(self, process_count: int = 1) -> Compiled:
        """Its machine code, kept or compiled in so many processes; asked for again, the same."""
        if self._compiled is None:
            self._compiled = compiled(
                self.traced, machine_code_folder(), lanes=self.lanes, parts=process_count
            )
        return self._compiled

    def packed_text(self) -> bytes:
        """Its text, of which a processor of any make can have its machine code."""
        return zlib.compress(pickle.dumps(translated(self.traced, self.lanes), protocol=5), 1)

    def shaped(self, leaves: Sequence[Any]) -> Any:
        """The results of its machine code as what the traced function gives."""
        return jax.tree.unflatten(self.traced.output, leaves)


def native_flight(
    function: Callable[..., Any],
    shared: Sequence[Any],
    by_lane: Sequence[Any],
    lanes: int | None = None,
) -> NativeFlight:
    """The flight `function(*shared, *by_lane)`, traced; the plan is among what lanes share.

    It is for so many lanes, or for as many as suit this processor: the bits are the same.
    Asked for again with arrays of the same structure and other numbers, it is the same one.
    """
    key = function, lanes, structure_of(shared)
    if key not in _TRACED:
        _TRACED.clear()  # a sweep flies one structure after the other
        _TRACED[key] = NativeFlight(trace(function, shared, by_lane), lanes)
    return _TRACED[key]


_TRACED: dict[Any, NativeFlight] = {}


def structure_of(tree: Any) -> Any:
    """What a compiled program depends on: a tree's structure, and its arrays' shapes and types."""
    leaves, structure = jax.tree.flatten(tree)
    return structure, tuple((each.shape, each.dtype) for each in leaves)


def is_native(engine: str | None) -> bool:
    """Whether the native engine is to fly: where it is asked for, and on a CPU where nothing is."""
    return engine == "native" or (engine is None and jax.default_backend() == "cpu")


def where_known(trace_flight: Callable[[], Made], say: Callable[[str], None]) -> Made | None:
    """What is traced; None where the compiler knows not all of it, and `say` receives why."""
    try:
        this_processor()
        return trace_flight()
    except (UnknownProcessorError, UnknownPrimitiveError) as error:
        say(f"note: XLA flies, the native compiler cannot: {error}")
        return None
