"""Variables, folders and files of the surroundings that are wrong: each named in one sentence."""

import multiprocessing
from pathlib import Path

import pytest

from perilune.errors import InputError
from perilune.report.write import only_writer


def hold(folder, line):
    """Another process that writes a run to a folder until it is told to end."""
    with only_writer(folder):
        line.send("held")
        line.recv()


def test_a_second_writer_of_a_run_is_refused_by_the_first_ones_pid(tmp_path):
    folder = tmp_path / "runs" / "x"
    ours, theirs = multiprocessing.Pipe()
    first = multiprocessing.get_context("spawn").Process(target=hold, args=(folder, theirs))
    first.start()
    assert ours.recv() == "held"
    with pytest.raises(InputError, match="is writing there; wait until it has ended") as caught:
        only_writer(folder).__enter__()
    if Path("/proc/locks").exists():
        assert f"another process (pid {first.pid})" in str(caught.value)
    ours.send("end")
    first.join()
    first.close()
    with only_writer(folder):
        pass
    assert list(tmp_path.iterdir()) == []


def test_what_a_killed_writer_left_binds_nobody(tmp_path):
    with only_writer(tmp_path / "x"):
        (lock,) = tmp_path.iterdir()
        content = lock.read_bytes()
    lock.write_bytes(content)
    with only_writer(tmp_path / "x"):
        pass
    assert list(tmp_path.iterdir()) == []
