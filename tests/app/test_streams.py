"""Standard output and error of any encoding and width, closed, full, or read no longer."""

import io
import json
import os
import pty
import re
import subprocess
import sys
import time
import tomllib

import pytest
from rich.console import Console
from rich.table import Table

from perilune import streams
from perilune.app import flight_screen, options
from perilune.app.campaign_screen import standing_words, watching
from perilune.campaign.run.throughput import Standing
from perilune.report.terminal_width import print_fitted

MAIN = "from perilune.__main__ import main; main()"


def shell(line, **environment):
    """(exit code, standard output, standard error) of `perilune …` as a shell runs it, in bytes."""
    words = ["bash", "-c", line.replace("perilune", f'"{sys.executable}" -c "{MAIN}"', 1)]
    done = subprocess.run(
        words, capture_output=True, env=os.environ | environment, timeout=60, check=False
    )
    return done.returncode, done.stdout, done.stderr


@pytest.fixture(scope="module")
def shown_athena():
    """What `perilune show athena` says on a terminal of this machine's encoding."""
    return tomllib.loads(shell("perilune show athena")[1].decode())


@pytest.mark.parametrize(
    "environment",
    [
        {"PYTHONIOENCODING": "ascii"},
        {"PYTHONIOENCODING": "latin-1"},
        {"PYTHONIOENCODING": "cp1252"},
        {"PYTHONIOENCODING": "ascii:strict"},
        {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
    ],
)
def test_a_mission_is_shown_in_any_encoding_as_a_file_that_gives_it_again(
    shown_athena, environment
):
    code, out, err = shell("perilune show athena", **environment)
    assert (code, err) == (options.DONE, b"")
    assert out.isascii()
    assert tomllib.loads(out.decode()) == shown_athena


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "cp1252", "utf-8", "koi8-r"])
def test_whatever_a_program_says_can_be_written(encoding):
    streams.prepare_encodings()
    said = "“3\u03c3” \u2013 2 °/s ≥ ±1 m… 日本 \udcff \N{NO-BREAK SPACE}x"
    plain = said.encode(encoding, streams.POLICY)
    assert plain.decode(encoding)
    if encoding == "ascii":
        assert plain.startswith(b'"3sigma" - 2  deg/s >= +-1 m...')


@pytest.mark.parametrize("text", ["é", "\N{ROCKET}", "plain", "\u2019\N{ROCKET}\u2019"])
def test_json_and_toml_in_ascii_are_read_back_as_they_were(monkeypatch, text):
    for write, document, read in (
        (streams.write_json, json.dumps({"x": text}, ensure_ascii=False), json.loads),
        (streams.write_toml, f'x = "{text}"', tomllib.loads),
    ):
        out = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
        monkeypatch.setattr(sys, "stdout", out)
        write(document)
        out.flush()
        assert read(out.buffer.getvalue().decode())["x"] == text


def test_a_full_disk_behind_standard_output_is_one_sentence():
    code, _, err = shell("perilune missions > /dev/full")
    assert code == options.BAD_INPUT
    assert err.decode() == (
        "perilune: Standard output cannot be written (No space left on device); nothing was "
        "written.\n"
    )


@pytest.mark.parametrize("how", ["2>/dev/full", "2>&-"])
def test_what_standard_error_cannot_take_changes_no_exit_code(how):
    assert shell(f"perilune check athena --set nonsense {how}")[0] == options.BAD_INPUT
    code, out, _ = shell(f"perilune missions {how}")
    assert code == options.DONE
    assert b"athena" in out


@pytest.mark.parametrize("how", [">&-", "<&- >&- 2>&-"])
def test_closed_streams_change_no_exit_code_and_say_nothing(how):
    assert shell(f"perilune missions {how}") == (options.DONE, b"", b"")
    assert shell(f"perilune fly atena {how}")[0] == options.BAD_INPUT


def test_a_reader_that_went_away_ends_it_without_a_word():
    code, _, err = shell("perilune show athena | true; exit ${PIPESTATUS[0]}")
    assert (code, err) in {(options.NO_READER, b""), (options.DONE, b"")}
    reading, writing = os.pipe()
    os.close(reading)
    done = subprocess.run(
        [sys.executable, "-c", MAIN, "show", "athena"],
        stdout=writing,
        stderr=subprocess.PIPE,
        check=False,
    )
    os.close(writing)
    assert (done.returncode, done.stderr) == (options.NO_READER, b"")


def test_an_argument_that_is_no_text_is_refused():
    code, out, err = shell("perilune fly athena --out $'\\xff'", LC_ALL="C.UTF-8")
    assert (code, out) == (options.BAD_INPUT, b"")
    assert b"must be text in this terminal's encoding" in err


NUMBERS = ["2025-03-06 17:32:08.646", "0.004302 m/s", "-1234.5678", "0.9957 m/s"]


@pytest.mark.parametrize("width", [12, 20, 30, 200])
def test_no_digit_of_a_table_is_cut_on_a_narrow_terminal(width, monkeypatch):
    monkeypatch.setenv("COLUMNS", str(width))
    out = io.StringIO()
    table = Table("Criterion", "UTC", "value", "limit", "margin", box=None)
    table.add_row("Horizontal speed", *NUMBERS)
    print_fitted(Console(file=out, width=width), table)
    said = out.getvalue()
    assert "…" not in said
    for number in NUMBERS:
        assert re.sub(r"\s", "", number) in re.sub(r"\s", "", said)
    assert all(len(line) <= width for line in said.splitlines())


def test_off_a_terminal_a_table_is_as_wide_as_it_must_be(monkeypatch):
    monkeypatch.delenv("COLUMNS", raising=False)
    out = io.StringIO()
    table = Table("Criterion", *"ABCD", box=None)
    table.add_row("x" * 60, *NUMBERS)
    print_fitted(Console(file=out), table)
    assert " ".join(out.getvalue().splitlines()[1].split()).endswith(" ".join(NUMBERS))


def test_a_real_terminal_of_20_columns_is_written_to():
    import fcntl
    import struct
    import termios

    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 20, 0, 0))
    environment = {name: value for name, value in os.environ.items() if name != "COLUMNS"}
    with subprocess.Popen(
        [sys.executable, "-c", MAIN, "missions"],
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        env=environment,
    ) as process:
        os.close(theirs)
        said = b""
        try:
            while more := os.read(ours, 4096):
                said += more
        except OSError:  # the terminal is closed
            pass
    os.close(ours)
    assert process.returncode == options.DONE
    assert b"6 March 2025" in said


@pytest.mark.parametrize("width", [20, 40, 80, 140])
def test_no_digit_of_a_campaign_under_way_is_cut(monkeypatch, capsys, width):
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("COLUMNS", str(width))
    standing = Standing(
        flown=640, most=1000, clean=630, lo=0.9713, hi=0.9925, rate_per_s=41.23, left_s=8.73
    )
    with watching() as watch:
        watch.progress(standing)
    said = re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]", "", capsys.readouterr().err)
    assert re.sub(r"\s", "", standing_words(standing)) in re.sub(r"\s", "", said)


def test_a_long_stage_says_that_it_is_still_at_work(monkeypatch):
    monkeypatch.setattr(flight_screen, "PULSE_S", 0.1)
    out = io.StringIO()
    with flight_screen.Lines(Console(file=out, width=200)) as lines:
        lines.say("tracing and loading the flight program")
        lines.say("note: a worker died")
        time.sleep(0.6)
    said = out.getvalue()
    count = said.count("still tracing and loading the flight program")
    assert 2 <= count <= 7
    assert "\x1b" not in said
    time.sleep(0.3)
    assert out.getvalue() == said
