"""Memory of processes looked at as they live; what is held is known, and no time is asserted."""

import subprocess
import sys
import threading

from benchmarks import memory

HELD = 200_000_000
HOLD = f"""
import subprocess, sys
held = bytearray({HELD})
held[::4096] = b"x" * len(held[::4096])
print("ready", flush=True)
sys.stdin.read()
"""
PARENT = f"""
import subprocess, sys
child = subprocess.Popen([sys.executable, "-c", {HOLD!r}], stdin=subprocess.PIPE)  # says it
sys.stdin.read()
child.stdin.close()
child.wait()
"""


def held_by(script):
    """A process that runs a script, from when it says that it is ready until the `with` is over."""
    process = subprocess.Popen(
        [sys.executable, "-c", script], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert process.stdout.readline() == b"ready\n"
    return process


def ended(process):
    process.stdin.close()
    process.wait()
    process.stdout.close()


def test_a_process_holds_what_it_has_written_to():
    process = held_by(HOLD)
    try:
        assert HELD < memory.proportional_bytes(process.pid) < HELD + 100_000_000
    finally:
        ended(process)
    assert memory.proportional_bytes(process.pid) == 0


def test_children_of_children_are_found_and_counted_once():
    process = held_by(PARENT)
    try:
        family = memory.descendants(process.pid)
        assert len(family) == 1
        assert {process.pid, *family} <= set(memory.descendants())
    finally:
        ended(process)
    assert process.pid not in memory.descendants()


def test_work_is_watched_until_it_is_over_and_others_are_not_counted(monkeypatch):
    look, seen = memory.proportional_bytes, {}

    def noted(process):
        size = look(process)
        if process in seen:
            seen[process].set()
        return size

    def work():
        process = held_by(HOLD)
        seen[process.pid] = threading.Event()
        try:
            assert seen[process.pid].wait(60.0)
        finally:
            ended(process)
        return "made"

    monkeypatch.setattr(memory, "proportional_bytes", noted)
    other = held_by(HOLD)
    try:
        made, looks = memory.watched(work, 0.01)
    finally:
        ended(other)
    assert made == "made"
    assert HELD < max(sum(sizes) for _, sizes in looks) < 2 * HELD
