import errno
import json
import os
import subprocess
import sys
import textwrap

import pyarrow.parquet as pq
import pytest

from perilune import atomic_files
from perilune.errors import InputError
from perilune.report import write
from perilune.report.write import FILES, check_writable, write_run

# Writes a first run, then dies in its own way while writing a second one over it.
SCRIPT = """
    import os, resource, signal, sys
    from perilune.errors import InputError
    from perilune.report import write
    from perilune.report.flight_parquet import telemetry_table

    table = telemetry_table({{"time_s": [0.0, 1.0]}}, {{}})
    write.write_run(sys.argv[1], {{"run": 1}}, table, "first")
    {dying}
    try:
        write.write_run(sys.argv[1], {{"run": 2}}, table, "second" * 50_000)
    except InputError as error:
        sys.exit(str(error))
"""


@pytest.fixture
def first(tmp_path, telemetry):
    """A run that is already there."""
    return write_run(tmp_path / "runs" / "athena", {"run": 1}, telemetry, "first")


def run_of(folder):
    """The number of the run in a folder, every file of it being there."""
    assert sorted(each.name for each in folder.iterdir()) == sorted(FILES)
    assert pq.read_metadata(folder / "telemetry.parquet").num_rows
    number = json.loads((folder / "result.json").read_text())["run"]
    assert (folder / "report.html").read_text() == {1: "first", 2: "second"}[number]
    return number


def check(folder, _):
    check_writable(folder)


def overwrite(folder, telemetry):
    write_run(folder, {"run": 2}, telemetry, "second")


def die(folder, dying):
    script = textwrap.dedent(SCRIPT.format(dying=dying))
    command = [sys.executable, "-c", script, str(folder)]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)


def test_all_three_files_are_written_and_nothing_else(first):
    assert run_of(first) == 1
    assert [each.name for each in first.parent.iterdir()] == ["athena"]


@pytest.mark.parametrize("swaps", [True, False])
def test_a_run_is_replaced_whole(first, telemetry, monkeypatch, swaps):
    if not swaps:
        monkeypatch.setattr(atomic_files, "_exchanged", lambda *_: False)
    write_run(first, {"run": 2}, telemetry, "second")
    assert run_of(first) == 2
    assert [each.name for each in first.parent.iterdir()] == ["athena"]


@pytest.mark.parametrize("what", [OSError(errno.ENOSPC, "No space left"), KeyboardInterrupt()])
def test_an_interrupted_write_leaves_the_old_run_and_nothing_aside(
    first, telemetry, monkeypatch, what
):
    def fail(*_):
        raise what

    monkeypatch.setattr(write, "result_text", fail)
    expected = InputError if isinstance(what, OSError) else KeyboardInterrupt
    with pytest.raises(expected):
        write_run(first, {"run": 2}, telemetry, "second")
    assert run_of(first) == 1
    assert [each.name for each in first.parent.iterdir()] == ["athena"]


def test_a_killed_write_leaves_the_old_run(tmp_path):
    dying = "write.result_text = lambda _: os.kill(os.getpid(), signal.SIGKILL)"
    assert die(tmp_path / "athena", dying).returncode == -9
    assert run_of(tmp_path / "athena") == 1


def test_a_write_the_system_cuts_short_leaves_the_old_run_and_names_the_cure(tmp_path):
    dying = "resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))"
    done = die(tmp_path / "athena", dying)
    assert done.returncode == 1
    assert "is full; free about 30 MB or give another folder." in done.stderr
    assert "Traceback" not in done.stderr
    assert run_of(tmp_path / "athena") == 1
    assert [each.name for each in tmp_path.iterdir()] == ["athena"]


def test_what_a_killed_run_left_aside_is_swept_once_it_is_old(first, telemetry):
    old, new = (first.parent / f".athena.partial-{name}" for name in ("old", "new"))
    for each in (old, new):
        each.mkdir()
    os.utime(old, (0, 0))
    write_run(first, {"run": 2}, telemetry, "second")
    assert not old.exists()
    assert new.exists()


@pytest.mark.parametrize("act", [check, overwrite])
def test_a_folder_with_something_else_in_it_is_never_replaced(tmp_path, telemetry, act):
    (tmp_path / "thesis.txt").write_text("years of work")
    with pytest.raises(InputError, match=r"also holds `thesis.txt`; give another folder"):
        act(tmp_path, telemetry)
    assert [each.name for each in tmp_path.iterdir()] == ["thesis.txt"]


@pytest.mark.parametrize("act", [check, overwrite])
@pytest.mark.parametrize("place", ["file", "file/below", "/proc/perilune"])
def test_a_place_that_cannot_be_a_folder_is_named_with_its_cure(tmp_path, telemetry, place, act):
    (tmp_path / "file").write_text("here first")
    with pytest.raises(InputError, match=r"^--out must be a folder we can write, .* give another"):
        act(tmp_path / place, telemetry)
    assert (tmp_path / "file").read_text() == "here first"


def test_the_folder_we_stand_in_stays_the_same_folder(tmp_path, telemetry, monkeypatch):
    monkeypatch.chdir(tmp_path)
    before = tmp_path.stat().st_ino
    for number, html in ((1, "first"), (2, "second")):
        write_run(".", {"run": number}, telemetry, html)
        assert run_of(tmp_path) == number
    assert tmp_path.stat().st_ino == before


def test_checking_a_place_leaves_nothing_behind(tmp_path):
    check_writable(tmp_path / "runs" / "athena")
    assert not list(tmp_path.iterdir())
