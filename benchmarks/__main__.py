"""`python -m benchmarks`: measure, show, write."""

import argparse
import tempfile
from pathlib import Path

from rich.console import Console

from benchmarks.basilisk import basilisk
from benchmarks.compiling import compile_once, compiling
from benchmarks.machine import machine
from benchmarks.own_process import in_own_process
from benchmarks.profile import profile
from benchmarks.record import document, write
from benchmarks.screen import show
from benchmarks.shell import shell
from benchmarks.throughput import throughput

ROOT = Path(__file__).resolve().parents[1]
RESULTS = ROOT / "build" / "bench"
PEER = ROOT / "build" / "bench-bsk"


def asked(words=None):
    """What the command line asks for."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--mission", default="athena", help="a mission of the catalog")
    parser.add_argument("--runs", type=int, default=256, help="flights in the race")
    parser.add_argument("--repeats", type=int, default=3, help="races; the median counts")
    parser.add_argument(
        "--lanes", type=int, nargs="+", default=[64], help="chunk sizes; the first is profiled"
    )
    return parser.parse_args(words)


def measure(ask, folder, say):
    """Everything a record needs; `folder` is empty, and so is every cache in it."""
    found, programs, lanes = {"mission": ask.mission}, str(folder / "programs"), ask.lanes[0]
    say("compiling, cold and from the cache")
    found["compiling"] = compiling(ask.mission, lanes, programs)
    found["throughput"] = []
    for each in ask.lanes:
        say(f"flying {ask.runs} runs in chunks of {each}")
        if each != lanes:
            in_own_process(compile_once, ask.mission, each, programs)
        race = throughput(ask.mission, each, ask.runs, ask.repeats, programs)
        found["throughput"].append(race)
    say("the command line, from shell to shell")
    found["shell"] = shell(ask.mission, folder)
    say("Basilisk")
    found["basilisk"] = basilisk(PEER)
    say("phases and parts (a minute or two: each part is compiled alone)")
    found.update(in_own_process(profile, ask.mission, lanes, programs))
    return found


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
