"""`python -m benchmarks`: measure, show, write."""

import argparse
import json
import tempfile
from pathlib import Path

from rich.console import Console

from benchmarks.basilisk import basilisk
from benchmarks.campaign import first_look, races
from benchmarks.compiling import compile_once, compiling
from benchmarks.executed import operations_a_flight
from benchmarks.machine import machine
from benchmarks.memory import memory_of_campaign
from benchmarks.own_process import in_own_process
from benchmarks.peak import peak
from benchmarks.profile import profile
from benchmarks.record import document, write
from benchmarks.screen import show
from benchmarks.shares import instruction_shares
from benchmarks.shell import shell
from benchmarks.throughput import native_throughput, throughput

RACE = 256  # runs of batches alone
BATCH_SIZE = 64  # as XLA flies a campaign on a CPU; a test holds it to `campaign.batch`
COUNTED = 64  # flights whose operations are counted
ROOT = Path(__file__).resolve().parents[1]
RESULTS = ROOT / "build" / "bench"
PEER = ROOT / "build" / "bench-bsk"


def asked(words=None):
    """What the command line asks for."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--mission", default="athena", help="a mission of the catalog")
    parser.add_argument("--runs", type=int, default=2000, help="flights of each campaign")
    parser.add_argument("--turns", type=int, default=2, help="campaigns of each engine, in turn")
    parser.add_argument(
        "--memory-runs", type=int, default=10_000, help="flights of the campaign that is watched"
    )
    parser.add_argument("--lanes", type=int, nargs="*", default=[], help="XLA's batches to try")
    parser.add_argument(
        "--native-lanes", type=int, nargs="*", default=[4, 8], help="native vectors to try"
    )
    parser.add_argument("--repeats", type=int, default=3, help="races of those; the median counts")
    return parser.parse_args(words)


def measure(ask, folder, say, results=RESULTS):
    """Everything a record needs; `folder` is empty, and so is every cache in it.

    What was found so far is kept in `results` until all is, so that an end on the way loses little.
    """
    found, aside = {"mission": ask.mission}, Path(results, "unfinished.json")
    aside.parent.mkdir(parents=True, exist_ok=True)
    for words, part in parts(ask, folder, say):
        say(words)
        found.update(part())
        aside.write_text(json.dumps(found, indent=2) + "\n")
    aside.unlink()
    return found


def parts(ask, folder, say):
    """(in words, what finds a part of the record); what is compared is measured in one go."""
    mission, programs = ask.mission, str(folder / "programs")
    return [
        (
            "compiling, cold and from the cache",
            lambda: {"compiling": compiling(mission, BATCH_SIZE, programs)},
        ),
        (
            "campaigns by both engines, in turn",
            lambda: {"campaigns": races(mission, ask.runs, ask.turns, folder, say)},
        ),
        ("Basilisk", lambda: {"basilisk": basilisk(mission, PEER)}),
        ("what the machine can do", lambda: {"peak": peak()}),
        (
            "the first look of a campaign with a requirement",
            lambda: {"first_look": first_look(mission, folder)},
        ),
        (
            "batches alone",
            lambda: {"sizes": [size(ask, *each, programs, say) for each in _sizes(ask)]},
        ),
        (
            "memory of campaigns",
            lambda: {"memory": [watched(mission, *each, folder, say) for each in _watched(ask)]},
        ),
        ("the command line, from shell to shell", lambda: {"shell": shell(mission, folder)}),
        ("operations that the native engine executes", lambda: {"operations": operations(mission)}),
        (
            "what surface, sensors and filter cost of them",
            lambda: {"shares": in_own_process(instruction_shares, mission, COUNTED)},
        ),
        (
            "phases, parts and operations by XLA (a few minutes: one piece in eight is traced)",
            lambda: in_own_process(profile, mission, BATCH_SIZE, programs),
        ),
    ]


def _sizes(ask):
    """(engine, lanes) of every batch that is flown alone."""
    return [*(("native", each) for each in ask.native_lanes), *(("xla", n) for n in ask.lanes)]


def size(ask, engine, lanes, programs, say):
    """The race of batches alone, of one engine and size."""
    say(f"flying {RACE} runs in batches of {lanes}, {engine}")
    how = (ask.mission, lanes, RACE, ask.repeats, programs)
    if engine == "native":
        return in_own_process(native_throughput, *how)
    in_own_process(compile_once, ask.mission, lanes, programs)
    return throughput(*how)


def _watched(ask):
    """(engine, runs) of the campaigns whose memory is watched."""
    return [("native", ask.memory_runs), ("xla", min(RACE, ask.memory_runs))]


def watched(mission, engine, runs, folder, say):
    """The memory of a campaign of an engine."""
    say(f"flying {runs} runs and watching their memory, {engine}")
    return memory_of_campaign(mission, engine, runs, folder / f"memory-{engine}")


def operations(mission):
    """Operations of a flight that the native engine executes, and of how many it is the mean."""
    executed = in_own_process(operations_a_flight, mission, COUNTED)
    return {"flights": COUNTED, "executed": executed}


def main():
    """Run the bench."""
    ask, console, here = asked(), Console(stderr=True), machine()
    with tempfile.TemporaryDirectory(prefix="perilune-bench-") as folder:
        found = measure(ask, Path(folder), lambda words: console.print(f"[dim]{words} …[/dim]"))
    record = document(here, found)
    show(record)
    console.print(f"written: {write(record, RESULTS)}")


if __name__ == "__main__":
    main()
