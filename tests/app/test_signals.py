"""Ctrl-C, SIGTERM and SIGHUP, at any moment: one line, and 128 plus the signal's number."""

import os
import signal
import subprocess
import sys
import textwrap
import time

import pytest

CODES = {signal.SIGINT: 130, signal.SIGTERM: 143, signal.SIGHUP: 129}
PLANTED = """
import signal, sys, time, types
for each in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
    signal.signal(each, signal.SIG_DFL if each != signal.SIGINT else signal.default_int_handler)
from perilune import signals
from perilune.__main__ import main

def whole_command():
{work}
    return 0

command = types.ModuleType("perilune.app.cli")
command.whole_command = whole_command
sys.modules["perilune.app.cli"] = command
main()
"""
REAL = """
import signal, sys
signal.signal(signal.SIGINT, signal.default_int_handler)
print("at it", flush=True)
from perilune.__main__ import main
main()
"""


def begun(script, *arguments, **more):
    """A Python at work on a script that says when it is "at it"."""
    words = [sys.executable, "-c", script, *arguments]
    made = subprocess.Popen(
        words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **more
    )
    assert made.stdout.readline() == "at it\n"
    return made


def planted(work, **more):
    """The process of a command line whose command does this and nothing else."""
    return begun(PLANTED.format(work=textwrap.indent(textwrap.dedent(work), "    ")), **more)


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (signal.SIGINT, "interrupted"),
        (signal.SIGTERM, "terminated"),
        (signal.SIGHUP, "hung up"),
    ],
)
def test_a_signal_ends_what_is_under_way_with_one_line_and_its_code(number, words):
    with planted('print("at it", flush=True); time.sleep(60)') as process:
        asked = time.perf_counter()
        process.send_signal(number)
        assert process.stderr.read() == f"perilune: {words}; nothing was written.\n"
    assert process.returncode == CODES[number]
    assert time.perf_counter() - asked < 5.0


def test_files_are_put_into_place_whole_before_a_signal_is_answered(tmp_path):
    work = """
    with signals.writing("there"):
        print("at it", flush=True)
        time.sleep(0.5)
        open("whole", "w").close()
    time.sleep(60)
    """
    with planted(work, cwd=tmp_path) as process:
        process.send_signal(signal.SIGINT)
        said = process.stderr.read()
    assert process.returncode == 130
    assert (tmp_path / "whole").exists()
    assert said == "perilune: interrupted: what was written is in there.\n"


def test_asked_twice_it_waits_for_nothing(tmp_path):
    work = """
    with signals.writing("there"):
        print("at it", flush=True)
        time.sleep(60)
    """
    with planted(work, cwd=tmp_path) as process:
        process.send_signal(signal.SIGINT)
        time.sleep(0.3)
        process.send_signal(signal.SIGINT)
        assert process.wait(5.0) == 130


def test_the_outermost_work_says_what_is_kept_and_what_was_started_is_ended():
    work = """
    def end():
        sys.stdout.write("ended\\n")
        sys.stdout.flush()
    with signals.standing(lambda: "the sweep is kept"), signals.standing(lambda: "a point is"):
        with signals.closing(end):
            print("at it", flush=True)
            time.sleep(60)
    """
    with planted(work) as process:
        process.send_signal(signal.SIGINT)
        assert process.stderr.read() == "perilune: interrupted: the sweep is kept.\n"
        assert process.stdout.read() == "ended\n"


def test_a_signal_that_is_ignored_from_outside_stays_ignored():
    """As `nohup` and the background of a shell have it."""
    work = """
    print("at it", flush=True)
    time.sleep(0.5)
    """
    before = "signal.SIG_DFL if each != signal.SIGINT else signal.default_int_handler"
    script = PLANTED.replace(before, "signal.SIG_IGN").format(
        work=textwrap.indent(textwrap.dedent(work), "    ")
    )
    with begun(script) as process:
        for number in CODES:
            process.send_signal(number)
        assert process.stderr.read() == ""
    assert process.returncode == 0


@pytest.mark.parametrize("after_s", [0.0, 0.01, 0.03, 0.06, 0.1, 0.15, 0.2, 0.3, 0.45, 0.6])
def test_ctrl_c_while_libraries_are_loaded_leaves_no_traceback(after_s):
    """From the first instruction that is ours; what Python does before it is not."""
    with begun(REAL, "check", "athena", env=os.environ) as process:
        time.sleep(0.02 + after_s)
        process.send_signal(signal.SIGINT)
        said = process.stderr.read()
        process.stdout.read()
    assert process.returncode in {130, 0, 2}
    if process.returncode == 130:
        assert said.splitlines()[-1:] == ["perilune: interrupted; nothing was written."]
    assert "Traceback" not in said
    assert "KeyboardInterrupt" not in said
