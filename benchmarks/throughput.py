"""Flights a second at other batch sizes: a process pinned to each core flies its share of them."""

import statistics
import time

from benchmarks.own_process import SPAWN, cores, keep_programs_in, peak_memory_gb, pin
from benchmarks.stopwatch import cpu_seconds, seconds_of

PATIENCE_S = 900.0


def throughput(mission, lanes, run_count, repeats, folder):
    """Fly runs 0 to `run_count`, in whole batches, `repeats` times on every core at once.

    The stopwatch runs from the moment all workers hold their compiled program to the last flight.
    Returns a dict: flights per second (median over repeats), what getting ready took, memory of
    all workers together, outcomes. Raises RuntimeError when a worker dies.
    """
    places = cores()
    firsts = list(range(0, run_count, lanes))
    places = places[: len(firsts)]
    gate, results = SPAWN.Barrier(len(places)), SPAWN.Queue()
    how = (lanes, repeats, folder)
    workers = [
        SPAWN.Process(
            target=fly_batches,
            args=(mission, core, firsts[index :: len(places)], how, (gate, results)),
        )
        for index, core in enumerate(places)
    ]
    for worker in workers:
        worker.start()
    try:
        told = [results.get(timeout=PATIENCE_S) for _ in workers]
    finally:
        for worker in workers:
            worker.terminate()
            worker.join()
    return summed_up(told, lanes * len(firsts), lanes)


def fly_batches(mission, core, firsts, how, line):
    """A worker's life: pin, compile from the cache, wait for the others, fly; once a repeat."""
    (lanes, repeats, folder), (gate, results) = how, line
    pin(core)
    keep_programs_in(folder)
    from benchmarks import program
    from perilune.campaign.run.batch import on_host

    def ready():
        plan = program.plan_of(mission)
        asked = [program.batch_arguments(plan, first, lanes) for first in firsts]
        return asked, program.batch_program().lower(*asked[0]).compile()

    (asked, fly), ready_s = seconds_of(ready)
    spans, outcomes = [], []
    for _ in range(repeats):
        gate.wait()
        start, start_cpu = time.monotonic(), cpu_seconds()
        outcomes = [on_host(fly(*each))[1].outcome.tolist() for each in asked]
        spans.append((start, time.monotonic(), cpu_seconds() - start_cpu))
    results.put(
        {
            "ready_s": ready_s,
            "spans": spans,
            "outcomes": [each for chunk in outcomes for each in chunk],
            "memory_gb": peak_memory_gb(),
        }
    )


def summed_up(told, run_count, lanes):
    """One dict of what all workers told; monotonic time is shared by processes of one machine."""
    from perilune.flight.outcome import Outcome

    repeats = list(zip(*(each["spans"] for each in told), strict=True))
    walls = [max(s[1] for s in spans) - min(s[0] for s in spans) for spans in repeats]
    used = [sum(s[2] for s in spans) for spans in repeats]
    ended = [outcome for each in told for outcome in each["outcomes"]]
    return {
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
