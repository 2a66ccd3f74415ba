"""Flights a second of batches alone: a process pinned to each core flies its share of them."""

import pickle
import statistics
import time
from collections.abc import Callable, Sequence
from multiprocessing.queues import Queue
from multiprocessing.synchronize import Barrier
from pathlib import Path
from typing import Any

from benchmarks.own_process import SPAWN, cores, keep_programs_in, peak_memory_gb, pin
from benchmarks.stopwatch import cpu_seconds, seconds_of

PATIENCE_S = 900.0
TASK = 64  # flights that a worker of the native engine flies at a time, as in a campaign

Fly = Callable[[], list[int]]
"""Flies a worker's share; gives how each flight ended, by number."""


def throughput(
    mission: str, lanes: int, run_count: int, repeats: int, folder: str
) -> dict[str, Any]:
    """Fly runs 0 to `run_count` by XLA, in whole batches of `lanes`, as `race` tells."""
    firsts = range(0, run_count, lanes)

    def share(one_in: int, first: int) -> tuple[Any, ...]:
        return by_xla, (mission, lanes, list(firsts[first::one_in]), folder)

    count = min(len(cores()), len(firsts))
    told = race([share(count, first) for first in range(count)], repeats)
    return summed_up(told, lanes * len(firsts), "xla", lanes)


def native_throughput(
    mission: str, lanes: int, run_count: int, repeats: int, folder: str
) -> dict[str, Any]:
    """Fly runs 0 to `run_count` by the native engine, `lanes` at once, as `race` tells.

    Call it in a process of its own: it traces.
    """
    import jax

    from benchmarks.program import SEED, plan_of
    from perilune.campaign.run.job import Job
    from perilune.campaign.run.native_campaign import campaign_flight, numbers_of
    from perilune.native.lane_program import compiled

    plan = plan_of(mission)
    traced = campaign_flight(plan).traced
    code = compiled(traced, Path(folder), lanes=lanes, parts=len(cores()))
    numbered = jax.tree.unflatten(traced.output, range(traced.output.num_leaves))
    job = Job(
        plan=numbers_of(plan, SEED), seed=SEED, batch_size=TASK, code="benchmark", program=code
    )
    firsts, packed = range(0, run_count, TASK), pickle.dumps(job)
    count = min(len(cores()), len(firsts))
    shares = [
        (by_native, (packed, list(firsts[first::count]), numbered[1].outcome))
        for first in range(count)
    ]
    return summed_up(race(shares, repeats), TASK * len(firsts), "native", lanes)


def race(shares: Sequence[tuple[Any, ...]], repeats: int) -> list[dict[str, Any]]:
    """What each worker tells of flying its share on a core of its own, all beginning together.

    A share is (`ready`, arguments): `ready(*arguments)` in the worker gives what flies it. The
    stopwatch runs from the moment all workers are ready to the last flight. Raises `queue.Empty`
    when a worker dies.
    """
    gate, results = SPAWN.Barrier(len(shares)), SPAWN.Queue()
    workers = [
        SPAWN.Process(target=_worker, args=(core, share, repeats, (gate, results)))
        for core, share in zip(cores(), shares, strict=False)
    ]
    for worker in workers:
        worker.start()
    try:
        return [results.get(timeout=PATIENCE_S) for _ in workers]
    finally:
        for worker in workers:
            worker.terminate()
            worker.join()


def _worker(core: int, share: tuple[Any, ...], repeats: int, line: tuple[Barrier, Queue]) -> None:
    """A worker's life: pin, get ready, wait for the others, fly; once a repeat."""
    (ready, arguments), (gate, results) = share, line
    pin(core)
    fly, ready_s = seconds_of(lambda: ready(*arguments))
    spans, outcomes = [], []
    for _ in range(repeats):
        gate.wait()
        start, start_cpu = time.monotonic(), cpu_seconds()
        outcomes = fly()
        spans.append((start, time.monotonic(), cpu_seconds() - start_cpu))
    results.put(
        {
            "ready_s": ready_s,
            "spans": spans,
            "outcomes": outcomes,
            "memory_gb": peak_memory_gb(),
        }
    )


def by_xla(mission: str, lanes: int, firsts: Sequence[int], folder: str) -> Fly:
    """What flies batches of XLA's program, compiled or found in `folder`."""
    keep_programs_in(folder)
    from benchmarks import program
    from perilune.campaign.run.batch import on_host

    plan = program.plan_of(mission)
    asked = [program.batch_arguments(plan, first, lanes) for first in firsts]
    made = program.batch_program().lower(*asked[0]).compile()

    def fly() -> list[int]:
        flown = (on_host(made(*each)) for each in asked)
        return [outcome for batch in flown for outcome in batch[1].outcome.tolist()]

    return fly


def by_native(job: bytes, firsts: Sequence[int], outcome: int) -> Fly:
    """What flies tasks by the machine code of a pickled `Job`; `outcome` is that leaf's number."""
    import numpy as np

    from perilune.campaign.run.job import Task
    from perilune.campaign.run.native_flyer import NativeFlyer
    from perilune.mission.dispersions import ROW_COUNT

    flyer, blank = NativeFlyer(pickle.loads(job)), np.full((TASK, ROW_COUNT), np.nan)

    def fly() -> list[int]:
        flown = (flyer.fly(Task(first, blank))[outcome] for first in firsts)
        return [each for batch in flown for each in batch.tolist()]

    return fly


def summed_up(
    told: Sequence[dict[str, Any]], run_count: int, engine: str, lanes: int
) -> dict[str, Any]:
    """One dict of what all workers told; monotonic time is shared by processes of one machine."""
    from perilune.flight.outcome import Outcome

    repeats = list(zip(*(each["spans"] for each in told), strict=True))
    walls = [max(s[1] for s in spans) - min(s[0] for s in spans) for spans in repeats]
    used = [sum(s[2] for s in spans) for spans in repeats]
    ended = [outcome for each in told for outcome in each["outcomes"]]
    return {
        "engine": engine,
        "lanes": lanes,
        "runs": run_count,
        "workers": len(told),
        "flights_per_s": run_count / statistics.median(walls),
        "flights_per_s_each": [run_count / wall for wall in walls],
        "cpu_s_a_flight": statistics.median(used) / run_count,
        "ready_s": max(each["ready_s"] for each in told),
        "memory_gb": sum(each["memory_gb"] for each in told),
        "outcomes": {Outcome(kind).name: ended.count(kind) for kind in sorted(set(ended))},
    }
