"""One aligned batch: run numbers in, what was drawn and how each flight ended out."""

import functools
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Int

from perilune.design.flight_plan import FlightPlan
from perilune.flight import fly
from perilune.flight.compile_cache import COMPILER_OPTIONS
from perilune.flight.draw import disperse, sample
from perilune.flight.fly import FlightSummary
from perilune.mechanics.randomness import run_key

BATCH_SIZE = 64
GPU_BATCH_SIZE = 4096


def batch_size() -> int:
    """Lanes of an aligned batch of XLA's here: a campaign keeps the size it was begun with."""
    return GPU_BATCH_SIZE if jax.default_backend() == "gpu" else BATCH_SIZE


class FlownBatch(NamedTuple):
    """What was drawn for a batch, and how each flight went; a leading axis of lanes."""

    values: Float[np.ndarray, "lane row"]
    summary: FlightSummary


def one(
    plan: FlightPlan,
    seed: Int[Array, ""],
    run: Int[Array, ""],
    points: Float[Array, " row"],
    lane: Int[Array, ""] | None = None,
) -> tuple[Float[Array, " row"], Any]:
    """One flight of a campaign: what was drawn for it, and what `fly` gives with such a lane."""
    key = run_key(seed, run)
    values = sample(plan.dispersions, key, points)
    return values, fly(disperse(plan, values), key, lane=lane)


def one_with_marks(
    plan: FlightPlan,
    seed: Int[Array, ""],
    run: Int[Array, ""],
    points: Float[Array, " row"],
    lane: Int[Array, ""],
) -> tuple[tuple[Float[Array, " row"], FlightSummary], Any]:
    """`one`, and what lane `lane` of its batch passed through."""
    values, (summary, marks) = one(plan, seed, run, points, lane)
    return (values, summary), marks


@functools.cache
def campaign_batch() -> jax.stages.Wrapped:
    """The compiled batch of this process: (plan, seed, runs, points, lane) → (flown, marks).

    `flown` is (values, summaries) of every lane, `marks` what lane `lane` passed through. A
    campaign has no use for the marks; that they are kept by the very program that flies it is
    what lets a flight be shown as it was, to the bit.
    """

    def campaign_batch(
        plan: FlightPlan,
        seed: Int[Array, ""],
        runs: Int[Array, " lane"],
        points: Float[Array, "lane row"],
        lane: Int[Array, ""],
    ) -> Any:
        by_lane = jax.vmap(one_with_marks, in_axes=(None, None, 0, 0, None), out_axes=(0, None))
        return by_lane(plan, seed, runs, points, lane)

    return jax.jit(campaign_batch, compiler_options=COMPILER_OPTIONS)


def arguments(
    plan: FlightPlan,
    seed: int,
    first_run: int,
    points: Float[np.ndarray, "lane row"],
    lane: int = 0,
) -> tuple[Any, ...]:
    """What `campaign_batch` takes, of the types it was compiled for."""
    runs = jnp.arange(len(points), dtype=jnp.int64) + first_run
    whole = jnp.asarray(seed, jnp.int64), jnp.asarray(lane, jnp.int64)
    return plan, whole[0], runs, jnp.asarray(points), whole[1]


def on_host(batch: tuple[Any, Any]) -> FlownBatch:
    """The result of a batch, waited for, as NumPy."""
    flown, _marks = batch
    return FlownBatch(*jax.tree.map(np.asarray, flown))
