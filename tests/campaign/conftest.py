"""Small campaigns by the real program, shared: their rows are what every other must come to."""

import dataclasses
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from perilune.campaign.request import Order
from perilune.campaign.runner import run_campaign

RUNS = 150
"""Three aligned batches, the last of them kept in part."""
SMALL = Order("athena", seed=5, faults=("altimeter-noisy",), runs=RUNS)
SCRIPT = """
    import signal

    signal.signal(signal.SIGINT, signal.default_int_handler)  # whatever started the tests
    from perilune.campaign.request import Order
    from perilune.campaign.runner import run_campaign

    class Watch:
        def say(self, words):
            print(words, flush=True)

        def progress(self, standing):
            print("flown", standing.flown, flush=True)

    run_campaign({order!r}, Watch())
"""


def small_order(folder, **changes):
    """The small campaign's order, in a folder, with whatever is changed."""
    return dataclasses.replace(SMALL, out=str(folder), **changes)


class Heard:
    """A watch that remembers what it was told."""

    def __init__(self):
        """Nothing told yet."""
        self.words, self.standings = [], []

    def say(self, words):
        """Hear a stage."""
        self.words.append(words)

    def progress(self, standing):
        """Hear how far it has come."""
        self.standings.append(standing)


def begun(order, **more):
    """A process that flies an order, leader of a group of its own."""
    script = textwrap.dedent(SCRIPT).format(order=order)
    return subprocess.Popen(
        [sys.executable, "-c", script],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
        **more,
    )


def files_of(folder):
    """{name: (bytes, inode, time of change)} of every batch of rows."""
    return {
        path.name: (path.read_bytes(), path.stat().st_ino, path.stat().st_mtime_ns)
        for path in sorted(Path(folder, "runs").iterdir())
        if not path.name.startswith(".")
    }


def same_rows(one, other):
    """Assert that two folders hold the same files of rows, to the bit."""
    one, other = files_of(one), files_of(other)
    assert list(one) == list(other)
    for name in one:
        assert one[name][0] == other[name][0], name


@pytest.fixture(scope="session")
def undisturbed(data_folder, tmp_path_factory):
    """(document, folder, heard) of the small campaign, flown in one go by all cores."""
    assert data_folder
    heard = Heard()
    place = tmp_path_factory.mktemp("campaign") / "undisturbed"
    return *run_campaign(small_order(place), heard), heard
