"""A campaign's flight by the native compiler: traced here, its machine code sent to workers."""

import pickle
from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from perilune.campaign.request import Engine, Order
from perilune.campaign.run.batch import BATCH_SIZE, one
from perilune.campaign.run.job import Flown
from perilune.design.flight_plan import FlightPlan
from perilune.flight.native_flight import NativeFlight, is_native, native_flight, where_known
from perilune.mission.dispersions import ROW_COUNT

BATCH_OF_A_LOOK = 8
"""Flights of a batch where each look may decide: some lanes of any processor."""


def native_flight_for(
    order: Order, plan: FlightPlan, say: Callable[[str], None]
) -> NativeFlight | None:
    """The traced flight where the native engine flies a campaign; else None, and `say` says why.

    Workers of a cluster may have other devices than this machine.
    """
    is_elsewhere = order.engine is None and order.cluster is not None
    return native_flight_by("native" if is_elsewhere else order.engine, plan, say)


def native_flight_by(
    engine: Engine | None, plan: FlightPlan, say: Callable[[str], None]
) -> NativeFlight | None:
    """The traced flight where the native engine flies it; else None, and `say` receives why.

    XLA flies where it is asked for, and on a GPU where nothing is.
    """
    return where_known(lambda: campaign_flight(plan), say) if is_native(engine) else None


def campaign_flight(plan: FlightPlan) -> NativeFlight:
    """The flight of a campaign, traced: (plan, seed) shared, (run, points) by lane."""
    shared = plan, jnp.asarray(0, jnp.int64)
    lane = jnp.asarray(0, jnp.int64), jnp.full(ROW_COUNT, jnp.nan)
    return native_flight(one, shared, lane)


def batch_size_for(order: Order) -> int:
    """Flights of a batch: few where each may decide what is required, else for few files."""
    return BATCH_OF_A_LOOK if order.require is not None else BATCH_SIZE


def numbers_of(plan: FlightPlan, seed: int) -> bytes:
    """What is the same for all flights of a campaign, as bytes another process can read."""
    leaves = jax.tree.leaves((plan, np.asarray(seed, np.int64)))
    return pickle.dumps([np.asarray(each) for each in leaves], protocol=5)


def with_shapes(flight: NativeFlight, batch: tuple[int, Any]) -> tuple[int, Flown]:
    """A batch as a worker sends it, as (first run, (values, summary))."""
    first, leaves = batch
    return first, flight.shaped(leaves)
