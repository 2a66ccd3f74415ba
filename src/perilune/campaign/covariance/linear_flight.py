"""A reference flight made linear, cycle by cycle, in one compiled pass over all of its cycles."""

from typing import Any, NamedTuple

import jax
import numpy as np
from jaxtyping import Shaped

from perilune.campaign.covariance.believed_cycle import Step, stepped
from perilune.campaign.covariance.drawn_errors import Drawn
from perilune.campaign.covariance.moments import Moment, scalar_labels
from perilune.campaign.covariance.true_cycle import Read, Travelled, read, travelled
from perilune.design.flight_plan import FlightPlan
from perilune.flight.compile_cache import COMPILER_OPTIONS
from perilune.interfaces import Message
from perilune.interfaces.clock import seconds

BATCH = 128
"""Cycles that are worked on side by side."""


class LinearFlight(NamedTuple):
    """Of each cycle; of a unit, the cycles in which it was used alone, by its name."""

    travelled: Travelled
    steps: Step
    reads: dict[str, Read]
    places: dict[str, Shaped[np.ndarray, " used"]]


def linear_flight(plan: FlightPlan, moment: Moment, drawn: Drawn) -> LinearFlight:
    """All cycles of a flight whose `reference_plan` is this one."""
    travel = mapped(_travelled, (plan, drawn.truth, drawn.tangents), moment)
    steps = mapped(_stepped, (plan, travel.flown), moment, paired=1)
    reads, places = {}, {}
    for name in steps.into:
        used = np.any(steps.into[name] != 0.0, axis=(1, 2))
        places[name] = np.flatnonzero(used)
        if len(places[name]):
            some = jax.tree.map(lambda each, at=places[name]: each[at], moment)
            reads[name] = mapped(_reader(name), (plan, drawn.truth, drawn.tangents), some)
    return LinearFlight(travel, steps, reads, places)


def mapped(function: Any, shared: tuple[Any, ...], moment: Moment, paired: int = 0) -> Any:
    """A function of each cycle, as host arrays; the last `paired` of `shared` go with the cycle."""
    whole = shared[: len(shared) - paired]
    rows = (moment, *shared[len(shared) - paired :])
    count = len(moment.tick_s)
    filled = -(-count // BATCH) * BATCH
    place = np.minimum(np.arange(filled), count - 1)
    batches = jax.tree.map(
        lambda each: np.asarray(each)[place].reshape(-1, BATCH, *each.shape[1:]), rows
    )
    compiled = _COMPILED.setdefault(
        function, jax.jit(_of_batch(function), compiler_options=COMPILER_OPTIONS)
    )
    found = [
        compiled(whole, jax.tree.map(lambda each, n=number: each[n], batches))
        for number in range(filled // BATCH)
    ]
    return jax.tree.map(lambda *each: np.concatenate(each)[:count], *found)


_COMPILED: dict[Any, Any] = {}


def _of_batch(function: Any) -> Any:
    return lambda whole, rows: jax.vmap(lambda one: function(*whole, *one))(rows)


def _travelled(plan: FlightPlan, truth: Any, tangents: Any, moment: Moment) -> Travelled:
    return travelled(plan, truth, tangents, moment)


def _stepped(plan: FlightPlan, moment: Moment, flown: Any) -> Step:
    end_s = seconds(moment.clock[-1])
    messages = {
        label: Message(moment.readings[label], end_s - plan.sensors[label].spec.latency_s)
        for label in scalar_labels(moment)
    }
    return stepped(plan.upload, moment, flown, messages)


def _reader(name: str) -> Any:
    if name not in _READERS:
        _READERS[name] = lambda plan, truth, tangents, moment: read(
            plan, truth, tangents, moment, name
        )
    return _READERS[name]


_READERS: dict[str, Any] = {}
