"""Compiled programs kept between runs: whatever becomes of the files, what is run is right."""

import os
import signal
import subprocess
import sys
import time

import numpy as np
import pytest

from perilune.native.arena_layout import Arena
from perilune.native.lane_program import LaneProgram, compiled, trace
from perilune.native.object_cache import ENDING, Compiled, kept_or_made

NUMBERS = np.arange(8.0)


def compiled_in(folder):
    """Compile x² + 1 in a folder and run it; gives the result."""
    traced = trace(lambda x: x * x + 1.0, (), (np.float64(0.0),))
    program = LaneProgram(compiled(traced, folder))
    arena = Arena(program.layout)
    arena.put(0, NUMBERS)
    program.run(arena)
    (result,) = arena.results()
    return result.tolist()


EXPECTED = (NUMBERS * NUMBERS + 1.0).tolist()


def entry_of(folder):
    (entry,) = folder.glob("*" + ENDING)
    return entry


@pytest.fixture
def kept(tmp_path):
    """A folder with one compiled program in it."""
    assert compiled_in(tmp_path) == EXPECTED
    return tmp_path


def must_not_compile():
    raise AssertionError("compiled again, but the program is kept")


def test_a_kept_program_is_not_compiled_again(kept, monkeypatch):
    monkeypatch.setattr("perilune.native.lane_program.all_machine_code", must_not_compile)
    assert compiled_in(kept) == EXPECTED


def _damage(content, how):
    half = len(content) // 2
    flipped = content[:half] + bytes([content[half] ^ 0xFF]) + content[half + 1 :]
    return {"empty": b"", "truncated": content[:half], "flipped": flipped, "text": b"no"}[how]


@pytest.mark.parametrize("how", ["empty", "truncated", "flipped", "text"])
def test_a_damaged_entry_is_compiled_again_and_replaced(kept, how):
    entry = entry_of(kept)
    whole = entry.read_bytes()
    entry.write_bytes(_damage(whole, how))
    assert compiled_in(kept) == EXPECTED
    assert entry.stat().st_size == len(whole)


def test_a_foreign_entry_under_this_name_is_compiled_again(kept, tmp_path):
    """One that is whole, but of another key."""
    entry, other = entry_of(kept), tmp_path / "other"
    program = kept_or_made(None, "", lambda: _compiled(lambda x: x - 5.0))
    kept_or_made(other, "another key", lambda: program)
    entry.write_bytes(entry_of(other).read_bytes())
    assert compiled_in(kept) == EXPECTED


def _compiled(function) -> Compiled:
    return compiled(trace(function, (), (np.float64(0.0),)), None)


def test_a_folder_in_place_of_an_entry_means_no_cache_and_no_error(kept):
    entry = entry_of(kept)
    entry.unlink()
    entry.mkdir()
    (entry / "file").write_text("")
    assert compiled_in(kept) == EXPECTED


def test_a_folder_that_cannot_be_written_means_no_cache_and_no_error(tmp_path):
    (tmp_path / "file").write_text("")
    assert compiled_in(tmp_path / "file" / "folder") == EXPECTED


MAKER = """
import sys, time
from pathlib import Path
from perilune.native.arena_layout import Layout
from perilune.native.object_cache import Compiled, kept_or_made
folder, log, seconds = Path(sys.argv[1]), Path(sys.argv[2]), float(sys.argv[3])

def make():
    with log.open("a") as file:
        file.write("made\\n")
    time.sleep(seconds)
    return Compiled(Layout(8, 64, (), (), ()), [b"code" * 1000])

print(kept_or_made(folder, "a key", make).objects[0][:4].decode())
"""
"""A process that asks for a program which takes some time to compile, and logs that it does."""


def maker(folder, log, seconds):
    command = [sys.executable, "-c", MAKER, str(folder), str(log), str(seconds)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


def wait_for(log):
    """Until a process has begun to compile."""
    for _ in range(600):
        if log.exists() and log.read_text():
            return
        time.sleep(0.05)
    raise AssertionError("no process began to compile")


def test_processes_that_ask_at_once_compile_once(tmp_path):
    log = tmp_path / "log"
    askers = [maker(tmp_path / "cache", log, 1.0) for _ in range(2)]
    assert [each.communicate()[0].strip() for each in askers] == ["code", "code"]
    assert log.read_text().count("made") == 1


def test_a_process_killed_while_it_compiles_leaves_a_cache_as_good_as_new(tmp_path):
    folder, log = tmp_path / "cache", tmp_path / "log"
    first = maker(folder, log, 600.0)
    wait_for(log)
    waiting = maker(folder, log, 0.0)
    time.sleep(0.2)
    os.kill(first.pid, signal.SIGKILL)
    first.communicate()
    assert waiting.communicate()[0].strip() == "code"
    assert log.read_text().count("made") == 2
    third = maker(folder, log, 0.0)
    assert third.communicate()[0].strip() == "code"
    assert log.read_text().count("made") == 2
    assert not [each for each in folder.iterdir() if each.suffix not in (ENDING, ".lock")]
