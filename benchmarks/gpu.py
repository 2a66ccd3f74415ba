"""`python -m benchmarks.gpu`: flights a second in large batches on the accelerator JAX finds."""

import argparse
import json
import re
import statistics
import sys
from pathlib import Path

from benchmarks.machine import machine
from benchmarks.stopwatch import seconds_of

SCHEMA = 1
SCHEMA_FILE = Path(__file__).with_name("gpu.schema.json")
RESULTS = Path(__file__).with_name("results")
BATCHES = (1_000, 10_000, 100_000)
NO_GPU = (
    "JAX finds no accelerator here, only {found}; on a machine with a GPU install JAX's build for "
    "it (`pip install 'jax[cuda12]'`), or ask for --cpu with --batches small enough to wait for."
)


def asked(words=None):
    """What the command line asks for."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.gpu", description=__doc__)
    parser.add_argument("--mission", default="athena", help="a mission of the catalog")
    parser.add_argument("--batches", type=int, nargs="+", default=BATCHES, help="flights at once")
    parser.add_argument("--repeats", type=int, default=3, help="flown so often; the median counts")
    parser.add_argument("--cpu", action="store_true", help="where there is no GPU, on the CPU")
    parser.add_argument("--out", type=Path, default=RESULTS, help="folder of the record")
    return parser.parse_args(words)


def flown(mission, batches, repeats):
    """A row a batch size, in order; a size that does not fit has its reason and no figures.

    The first call of a batch compiles and flies; the timed ones fly the runs that follow.
    """
    from benchmarks.program import plan_of

    plan = plan_of(mission)
    return [_row(plan, lanes, repeats) for lanes in batches]


def _row(plan, lanes, repeats):
    import jax

    from benchmarks.program import batch_arguments, batch_program
    from perilune.campaign.run.batch import on_host

    row = dict.fromkeys(("compile_s", "seconds_each", "flights_per_s", "outcomes", "reason"))
    row["lanes"] = lanes
    try:
        lowered = batch_program().lower(*batch_arguments(plan, 0, lanes))
        made, row["compile_s"] = seconds_of(lowered.compile)
        jax.block_until_ready(made(*batch_arguments(plan, 0, lanes)))
        spans = []
        for turn in range(1, repeats + 1):
            ordered = jax.block_until_ready(batch_arguments(plan, turn * lanes, lanes))
            ended, taken_s = seconds_of(lambda these=ordered: jax.block_until_ready(made(*these)))
            spans.append(taken_s)
    except jax.errors.JaxRuntimeError as error:
        return {**row, "reason": str(error).splitlines()[0]}
    rate = lanes / statistics.median(spans)
    return {
        **row,
        "seconds_each": spans,
        "flights_per_s": rate,
        "outcomes": counted(on_host(ended)[1]),
    }


def counted(summary):
    """Outcome name → flights of a batch that ended so."""
    import numpy as np

    from perilune.flight.outcome import Outcome

    kinds, counts = np.unique(np.asarray(summary.outcome), return_counts=True)
    return {Outcome(int(kind)).name: int(n) for kind, n in zip(kinds, counts, strict=True)}


def device():
    """The accelerator under test: platform, kind, memory in 1e9 bytes where it tells."""
    import jax

    first = jax.devices()[0]
    stats = first.memory_stats() or {}
    limit = stats.get("bytes_limit")
    return {
        "platform": first.platform,
        "kind": first.device_kind,
        "count": len(jax.devices()),
        "memory_gb": limit and limit / 1e9,
    }


def document(mission, here, on, rows):
    """The record; `gpu.schema.json` says what is in it."""
    return {"schema": SCHEMA, "machine": here, "device": on, "mission": mission, "batches": rows}


def write(record, folder):
    """Write the record under its device and date; returns the path."""
    kind = re.sub(r"[^a-z0-9]+", "-", record["device"]["kind"].lower()).strip("-")
    path = Path(folder) / f"{kind}-{record['machine']['date'][:10]}.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(record, indent=2) + "\n")
    return path


def main(words=None):
    """Run the bench; 2 where there is nothing to run it on."""
    ask = asked(words)
    import jax

    import perilune.mechanics  # noqa: F401, float64 first

    if jax.default_backend() == "cpu" and not ask.cpu:
        print(NO_GPU.format(found=jax.devices()[0].device_kind), file=sys.stderr)
        return 2
    rows = flown(ask.mission, ask.batches, ask.repeats)
    for row in rows:
        told = row["reason"] or f"{row['flights_per_s']:.1f} flights/s, {row['outcomes']}"
        print(f"{row['lanes']:>8,} flights at once: {told}")
    print(f"written: {write(document(ask.mission, machine(), device(), rows), ask.out)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
