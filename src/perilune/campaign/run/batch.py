"""One aligned batch: run numbers in, what was drawn and how each flight ended out."""

import functools
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Float64

from perilune.flight import fly
from perilune.flight.compile_cache import COMPILER_OPTIONS
from perilune.flight.draw import disperse, sample
from perilune.mechanics.randomness import run_key

BATCH_SIZE = 64
GPU_BATCH_SIZE = 4096


def batch_size() -> int:
    """Lanes of an aligned batch here: a campaign keeps the size it was begun with."""
    return GPU_BATCH_SIZE if jax.default_backend() == "gpu" else BATCH_SIZE


@functools.cache
def campaign_batch() -> Any:
    """The compiled batch of this process: (plan, seed, runs, points, lane) → (flown, marks).

    `flown` is (values, summaries) of every lane, `marks` what lane `lane` passed through. A
    campaign has no use for the marks; that they are kept by the very program that flies it is
    what lets a flight be shown as it was, to the bit.
    """

    def one(plan, seed, run, points, lane):
        key = run_key(seed, run)
        values = sample(plan.dispersions, key, points)
        summary, marks = fly(disperse(plan, values), key, lane=lane)
        return (values, summary), marks

    def campaign_batch(plan, seed, runs, points, lane):
        by_lane = jax.vmap(one, in_axes=(None, None, 0, 0, None), out_axes=(0, None))
        return by_lane(plan, seed, runs, points, lane)

    return jax.jit(campaign_batch, compiler_options=COMPILER_OPTIONS)


def arguments(
    plan: Any, seed: int, first_run: int, points: Float64[np.ndarray, "lanes rows"], lane: int = 0
) -> tuple[Any, ...]:
    """What `campaign_batch` takes, of the types it was compiled for."""
    runs = jnp.arange(len(points), dtype=jnp.int64) + first_run
    whole = jnp.asarray(seed, jnp.int64), jnp.asarray(lane, jnp.int64)
    return plan, whole[0], runs, jnp.asarray(points), whole[1]


def fly_batch(
    plan: Any,
    seed: int,
    first_run: int = 0,
    points: Float64[np.ndarray, "lanes rows"] | None = None,
) -> tuple[Float64[np.ndarray, "lanes inputs"], Any]:
    """Fly runs `first_run`, … of the campaign with `seed`; one lane a row of `points`.

    `points` is (lanes, rows of the draw's table) uniforms, not-a-number where the run's own stream
    draws; without it one batch draws as a campaign's does, 64 lanes on a CPU. Returns (values,
    summary) as NumPy with a leading axis of lanes: what was drawn, in SI, and the `FlightSummary`.
    """
    if points is None:
        points = np.full((batch_size(), len(plan.dispersions.kind)), np.nan)
    return on_host(campaign_batch()(*arguments(plan, seed, first_run, points)))


def on_host(batch: Any) -> tuple[Any, Any]:
    """(values, summary) that a batch gave, waited for, as NumPy."""
    flown, _marks = batch
    return jax.tree.map(np.asarray, flown)
