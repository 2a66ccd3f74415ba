"""A reference flight made linear, cycle by cycle, in one compiled pass over all of its cycles."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any, NamedTuple

import jax
import numpy as np
from jaxtyping import Shaped

from perilune.campaign.covariance.believed_cycle import Step, stepped
from perilune.campaign.covariance.drawn_errors import Drawn
from perilune.campaign.covariance.moments import Moment, scalar_labels
from perilune.campaign.covariance.true_cycle import Read, Travelled, read, travelled
from perilune.campaign.run.job import cores
from perilune.design.flight_plan import FlightPlan
from perilune.flight.kept_programs import kept_program
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
    travel = mapped("travelled", travelled, (plan, drawn.truth, drawn.directions), moment)
    steps = mapped("stepped", _stepped, (plan, travel.flown), moment, paired=1)
    reads, places = {}, {}
    for name in steps.into:
        used = np.any(steps.into[name] != 0.0, axis=(1, 2))
        places[name] = np.flatnonzero(used)
        if len(places[name]):
            some = jax.tree.map(lambda each, at=places[name]: each[at], moment)
            reads[name] = mapped(
                f"read {name}", _reader(name), (plan, drawn.truth, drawn.directions), some
            )
    return LinearFlight(travel, steps, reads, places)


def mapped(
    name: str, function: Any, shared: tuple[Any, ...], moment: Moment, paired: int = 0
) -> Any:
    """A function of each cycle, as host arrays; the last `paired` of `shared` go with the cycle.

    `name` tells the function from others whose programs are kept.
    """
    whole = jax.device_put(shared[: len(shared) - paired])
    rows = (moment, *shared[len(shared) - paired :])
    count = len(moment.tick_s)
    filled = -(-count // BATCH) * BATCH
    place = np.minimum(np.arange(filled), count - 1)
    batches = jax.tree.map(
        lambda each: np.asarray(each)[place].reshape(-1, BATCH, *each.shape[1:]), rows
    )

    def batch(number: int) -> Any:
        return jax.tree.map(lambda each: each[number], batches)

    program = kept_program(name, _of_batch(function), (whole, batch(0)))

    def worked(number: int) -> Any:
        return jax.tree.map(np.asarray, program(whole, batch(number)))

    with ThreadPoolExecutor(len(cores())) as pool:
        found = list(pool.map(worked, range(filled // BATCH)))
    return jax.tree.map(lambda *each: np.concatenate(each)[:count], *found)


def _of_batch(function: Any) -> Any:
    return lambda whole, rows: jax.vmap(lambda one: function(*whole, *one))(rows)


def _stepped(plan: FlightPlan, moment: Moment, flown: Any) -> Step:
    end_s = seconds(moment.clock[-1])
    messages = {
        label: Message(moment.readings[label], end_s - plan.sensors[label].spec.latency_s)
        for label in scalar_labels(moment)
    }
    return stepped(plan.upload, moment, flown, messages)


def _reader(name: str) -> Any:
    return lambda plan, truth, directions, moment: read(plan, truth, directions, moment, name)
