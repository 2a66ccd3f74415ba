"""`python -m benchmarks`: measure, show, write."""

import argparse
import tempfile
from pathlib import Path

from rich.console import Console

from benchmarks.basilisk import basilisk
from benchmarks.campaign import campaign
from benchmarks.compiling import compile_once, compiling
from benchmarks.machine import machine
from benchmarks.own_process import in_own_process
from benchmarks.peak import peak
from benchmarks.profile import profile
from benchmarks.record import document, write
from benchmarks.screen import show
from benchmarks.shell import shell
from benchmarks.throughput import throughput

RACE = 256  # runs at each other batch size
BATCH_SIZE = 64  # as a campaign flies on a CPU; a test holds it to `campaign.batch`
ROOT = Path(__file__).resolve().parents[1]
RESULTS = ROOT / "build" / "bench"
PEER = ROOT / "build" / "bench-bsk"


def asked(words=None):
    """What the command line asks for."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--mission", default="athena", help="a mission of the catalog")
    parser.add_argument("--runs", type=int, default=2000, help="flights of the campaign")
    parser.add_argument("--lanes", type=int, nargs="*", default=[], help="other batch sizes to try")
    parser.add_argument("--repeats", type=int, default=3, help="races of those; the median counts")
    return parser.parse_args(words)


def measure(ask, folder, say):
    """Everything a record needs; `folder` is empty, and so is every cache in it."""
    found, programs, lanes = {"mission": ask.mission}, str(folder / "programs"), BATCH_SIZE
    say("compiling, cold and from the cache")
    found["compiling"] = compiling(ask.mission, lanes, programs)
    say(f"a campaign of {ask.runs} runs")
    found["campaign"] = campaign(ask.mission, ask.runs, folder)
    found["sizes"] = [size(ask, each, programs, say) for each in ask.lanes]
    say("the command line, from shell to shell")
    found["shell"] = shell(ask.mission, folder)
    say("what the machine can do")
    found["peak"] = peak()
    say("Basilisk")
    found["basilisk"] = basilisk(ask.mission, PEER)
    say("phases and parts (a few minutes: one piece in eight is traced)")
    found.update(in_own_process(profile, ask.mission, lanes, programs))
    return found


def size(ask, lanes, programs, say):
    """The race at another batch size."""
    say(f"flying {RACE} runs in batches of {lanes}")
    in_own_process(compile_once, ask.mission, lanes, programs)
    return throughput(ask.mission, lanes, RACE, ask.repeats, programs)


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
