"""One batch of a campaign flown in this process, by either engine."""

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import numpy as np
from jaxtyping import Float

from perilune.campaign.run.batch import (
    FlownBatch,
    arguments,
    batch_size,
    campaign_batch,
    on_host,
)
from perilune.campaign.run.job import Job, Task, cores
from perilune.campaign.run.native_campaign import native_flight_by, numbers_of
from perilune.campaign.run.native_flyer import NativeFlyer
from perilune.design.flight_plan import FlightPlan
from perilune.flight.native_flight import NativeFlight

if TYPE_CHECKING:
    from perilune.campaign.request import Engine


def fly_batch(
    plan: FlightPlan,
    seed: int,
    first_run: int = 0,
    points: Float[np.ndarray, "lane row"] | None = None,
    engine: "Engine | None" = None,
) -> FlownBatch:
    """Fly runs `first_run`, … of the campaign with `seed` on all cores of this process.

    A batch has 64 lanes on a CPU (4,096 on a GPU), or one for each row of `points`: uniforms on
    (0, 1) in place of the run's own draws, not-a-number where these are to be kept. Gives what was
    drawn, (lanes, rows of the draw's table) in SI, and the `FlightSummary` with a leading axis of
    lanes, as NumPy arrays; `judge_batch` makes an Arrow table of it. `engine` is "native" or "xla",
    its compiler (default: native on a CPU, where it can). By the native engine, run i is the
    campaign's row to the bit in every batch; by XLA it is the same flight to rounding, and to the
    bit in an aligned batch, where `first_run` is a multiple of 64. The first call compiles for up
    to half a minute (XLA: one and a half), or finds the program in PERILUNE_CACHE (XLA's: in the
    cache of `use_cache`). Raises nothing: how a flight went is its `outcome`.

    >>> import perilune
    >>> flight_plan = perilune.plan(perilune.load_mission("athena"))
    >>> values, summary = perilune.fly_batch(flight_plan, seed=4)
    >>> summary.miss_m.shape
    (64,)
    """
    if points is None:
        points = np.full((batch_size(), len(plan.dispersions.kind)), np.nan)
    flight = native_flight_by(engine, plan, lambda _: None)
    if flight is None:
        return on_host(campaign_batch()(*arguments(plan, seed, first_run, points)))
    return _natively(flight, numbers_of(plan, seed), Task(first_run, points))


def _natively(flight: NativeFlight, numbers: bytes, task: Task) -> FlownBatch:
    """A task by as many threads as there are cores, each with whole groups of lanes."""
    machine_code = flight.compiled(len(cores()))
    flyer = NativeFlyer(Job(plan=numbers, seed=0, batch_size=0, code="", program=machine_code))
    groups = range(0, len(task.points), flight.lanes)
    parts = [
        Task(task.first_run + first, task.points[first : first + flight.lanes]) for first in groups
    ]
    with ThreadPoolExecutor(len(cores())) as threads:
        flown = list(threads.map(flyer.fly, parts))
    leaves = [np.concatenate(each) for each in zip(*flown, strict=True)]
    return FlownBatch(*flight.shaped(leaves))
