"""A campaign's flight by the native compiler: traced here, its machine code sent to workers."""

import pickle
import zlib
from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from perilune.campaign.request import Order
from perilune.campaign.run.batch import BATCH_SIZE, one, one_with_marks
from perilune.campaign.run.job import Flown
from perilune.design.flight_plan import FlightPlan
from perilune.flight.compile_cache import machine_code_folder
from perilune.mission.dispersions import ROW_COUNT
from perilune.native.flattening import UnknownPrimitiveError
from perilune.native.lane_program import LANES, Traced, compiled, trace, translated
from perilune.native.object_cache import Compiled
from perilune.native.processor import UnknownProcessorError, this_processor


class NativeFlight:
    """A traced flight, which may keep the marks that a replay needs."""

    def __init__(self, traced: Traced) -> None:
        """Nothing is compiled yet."""
        self.traced = traced
        self._compiled: Compiled | None = None

    def compiled(self, process_count: int = 1) -> Compiled:
        """Its machine code, kept or compiled in so many processes; asked for again, the same."""
        if self._compiled is None:
            self._compiled = compiled(self.traced, machine_code_folder(), parts=process_count)
        return self._compiled

    def packed_text(self) -> bytes:
        """Its text, of which a processor of any make can have its machine code."""
        return zlib.compress(pickle.dumps(translated(self.traced), protocol=5), 1)

    def flown(self, leaves: list[Any]) -> Any:
        """The results of its machine code as what the traced function gives."""
        return jax.tree.unflatten(self.traced.output, leaves)


def native_flight(plan: FlightPlan, with_marks: bool = False) -> NativeFlight:
    """The flight of a plan, traced; plans of one structure and other numbers share it."""
    leaves, tree = jax.tree.flatten(plan)
    key = with_marks, tree, tuple((each.shape, each.dtype) for each in leaves)
    if key not in _TRACED:
        _TRACED.clear()  # a sweep flies one structure after the other
        _TRACED[key] = _traced(plan, with_marks)
    return _TRACED[key]


_TRACED: dict[Any, NativeFlight] = {}


def _traced(plan: FlightPlan, with_marks: bool) -> NativeFlight:
    numbers = (plan, jnp.asarray(0, jnp.int64))
    lane = jnp.asarray(0, jnp.int64), jnp.full(ROW_COUNT, jnp.nan)
    function: Callable[..., Any] = one

    def marked(plan: FlightPlan, seed: Any, run: Any, points: Any) -> Any:
        return one_with_marks(plan, seed, run, points, jnp.asarray(0, jnp.int64))

    if with_marks:
        function = marked
    return NativeFlight(trace(function, numbers, lane))


def native_flight_for(
    order: Order, plan: FlightPlan, say: Callable[[str], None]
) -> NativeFlight | None:
    """The traced flight where the native engine flies it; else None, and `say` receives why.

    XLA flies where it is asked for, and on a GPU.
    """
    if order.engine == "xla":
        return None
    if order.engine is None and order.cluster is None and jax.default_backend() != "cpu":
        return None
    try:
        this_processor()
        return native_flight(plan)
    except (UnknownProcessorError, UnknownPrimitiveError) as error:
        say(f"note: XLA flies this campaign, the native compiler cannot: {error}")
        return None


def batch_size_for(order: Order) -> int:
    """Flights of a batch: few where each may decide what is required, else for few files."""
    return LANES if order.require is not None else BATCH_SIZE


def numbers_of(plan: FlightPlan, seed: int) -> bytes:
    """What is the same for all flights of a campaign, as bytes another process can read."""
    leaves = jax.tree.leaves((plan, np.asarray(seed, np.int64)))
    return pickle.dumps([np.asarray(each) for each in leaves], protocol=5)


def with_shapes(flight: NativeFlight, batch: tuple[int, Any]) -> tuple[int, Flown]:
    """A batch as a worker sends it, as (first run, (values, summary))."""
    first, leaves = batch
    return first, flight.flown(leaves)
