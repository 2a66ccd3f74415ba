"""Flights a second of whole campaigns, flown as the command line flies one: designed, drawn,
flown by a worker a core, judged, every row kept; by either engine, in turn."""

import os
import statistics
from collections.abc import Callable
from pathlib import Path
from typing import Any

from benchmarks.own_process import in_own_process

ENGINES = ("native", "xla")
LOW = 0.2
"""A probability that nearly any mission proves at the first look that can prove it."""


def races(
    mission: str, runs: int, rounds: int, folder: Path, say: Callable[[str], None]
) -> list[dict[str, Any]]:
    """Campaigns of `runs` runs of `mission`, native and XLA in turn, `rounds` times; a row each.

    The first of each compiles, with an empty cache under `folder`; the others find its program.
    """
    told: dict[str, list[dict[str, Any]]] = {engine: [] for engine in ENGINES}
    for turn in range(rounds):
        for engine in ENGINES:
            say(f"a campaign of {runs} runs, {engine}, {turn + 1} of {rounds}")
            out = Path(folder, f"campaign-{engine}-{turn}")
            told[engine].append(campaign(mission, engine, out, cache_of(folder, engine), runs=runs))
    return [summed_up(engine, each) for engine, each in told.items()]


def cache_of(folder: Path, engine: str) -> Path:
    """Where the campaigns of an engine keep their programs."""
    return Path(folder, f"programs-of-{engine}")


def campaign(mission: str, engine: str, out: Path, cache: Path, **asked: Any) -> dict[str, Any]:
    """`campaign.json` of a campaign in a process of its own, as the `Order` that `asked` makes.

    Its rate counts from the moment the first worker holds its compiled program, so compiling is
    out of it and told beside it, while the other workers' loading of it is in; it also counts the
    rows' writing. The last batch flies whole, and only the runs asked for count. Raises
    RuntimeError where another engine flew.
    """
    return in_own_process(_flown, mission, engine, str(out), str(cache), asked)


def _flown(
    mission: str, engine: str, out: str, cache: str, asked: dict[str, Any]
) -> dict[str, Any]:
    os.environ["PERILUNE_CACHE"] = cache
    from perilune.campaign.request import Order
    from perilune.campaign.runner import run_campaign

    document, _ = run_campaign(Order(mission, engine=engine, out=out, **asked))
    flew = document["provenance"]["engine"]
    if flew != engine:
        raise RuntimeError(f"The engine asked for was {engine}, but {flew} flew.")
    return document


def summed_up(engine: str, documents: list[dict[str, Any]]) -> dict[str, Any]:
    """The figures of campaigns that were flown alike, as the record keeps them.

    The rate is the median; the time to compile is that of the first, which met an empty cache.
    """
    first, timings = documents[0], [each["timing"] for each in documents]
    rates = [each["flights_per_s"] for each in timings]
    return {
        "engine": engine,
        "runs": first["runs"],
        "batch_size": first["provenance"]["batch_size"],
        "workers": timings[0]["workers"],
        "flights_per_s": statistics.median(rates),
        "flights_per_s_each": rates,
        "compile_s": timings[0]["compile_s"],
        "wall_s_each": [each["wall_s"] for each in timings],
        "clean": first["clean"],
        "outcomes": first["outcomes"],
    }


def first_look(mission: str, folder: Path) -> dict[str, Any]:
    """What a campaign with a requirement that is easily proved says: flights from look to look,
    and flights until it was decided."""
    cache, out = cache_of(folder, "native"), Path(folder, "campaign-require")
    document = campaign(mission, "native", out, cache, require=LOW)
    return {
        "required": LOW,
        "flights_a_look": document["provenance"]["batch_size"],
        "flights_until_decided": document["decision"]["after_runs"],
        "verdict": document["decision"]["verdict"],
    }
