"""The command line as a script sees it: exit codes, a sentence a mistake, nothing half-written."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import jsonschema
import pytest

from perilune.app import cli, options
from perilune.errors import InputError
from perilune.report.result import result_json_schema
from perilune.report.write import FILES


def refused(told, *arguments):
    """The one sentence that a bad input is refused with; nothing else may be said or done."""
    code, out, err = told(*arguments)
    assert code == cli.BAD_INPUT
    assert out == ""
    lines = [line for line in err.splitlines() if line.startswith("perilune: ")]
    assert len(lines) == 1
    assert "Traceback" not in err
    return lines[0]


def files_in(folder):
    return sorted(path.name for path in folder.rglob("*"))


def test_a_clean_flight_leaves_with_zero_and_three_files(here, told):
    code, out, err = told("fly", "athena", "--nominal", "--require-clean")
    assert code == cli.FLEW
    folder = here / "runs" / "athena-nominal"
    assert sorted(path.name for path in folder.iterdir()) == sorted(FILES)
    result = json.loads((folder / "result.json").read_text())
    jsonschema.validate(result, result_json_schema())
    assert (result["outcome"], result["clean"]) == ("LANDED", True)
    said = "Intuitive Machines Nova-C, mission athena, made a clean landing."
    assert said in out.replace("\n", " ")
    assert "flying" in err


def test_json_prints_the_document_and_nothing_else(here, told):
    code, out, _ = told("fly", "athena", "--nominal", "--json", "--out", "there")
    assert code == cli.FLEW
    assert json.loads(out) == json.loads((here / "there" / "result.json").read_text())
    assert json.loads(out)["provenance"]["nominal"] is True


@pytest.mark.usefixtures("here")
def test_a_flight_that_is_not_clean_leaves_with_three_only_where_clean_is_required(told):
    strict = ("--set", "lander.limits.vertical_speed=0.5 m/s", "--out", "x", "--json")
    code, out, _ = told("fly", "athena", "--nominal", "--require-clean", *strict)
    assert code == cli.NOT_CLEAN
    result = json.loads(out)
    assert not result["clean"]
    unmet = [each["name"] for each in result["criteria"] if not each["met"]]
    assert unmet == ["vertical_speed_m_s"]
    assert told("fly", "athena", "--nominal", *strict)[0] == cli.FLEW


def test_a_result_says_what_it_was_made_from(here, told):
    _, out, _ = told("fly", "athena", "--json", "--seed", "3", "--run", "4")
    result = json.loads(out)
    assert (result["seed"], result["run"]) == (3, 4)
    made_from = result["provenance"]
    assert len(made_from["files"]["kernels"]) == 4
    assert "athena.toml" in made_from["files"]["mission"]
    sums = [each["sha256"] for kind in made_from["files"].values() for each in kind.values()]
    assert all(len(each) == 64 for each in sums)
    assert (here / "runs" / "athena-s3-r4" / "report.html").is_file()


@pytest.mark.usefixtures("here")
def test_with_no_data_at_all_it_flies_on_the_built_in_field_and_plane(told, monkeypatch):
    monkeypatch.delenv("PERILUNE_DATA", raising=False)
    code, out, err = told("fly", "athena", "--json", "--nominal")
    assert code == cli.FLEW
    result = json.loads(out)
    assert result["outcome"] == "LANDED"
    assert result["provenance"]["data_folder"] == "none"
    assert "made up" in result["provenance"]["terrain"]
    assert "PERILUNE_DATA is not set" in err


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (("fly", "atena"), "there is no mission `atena` in the catalog; did you mean `athena`?"),
        (("fly", "athena", "--fault", "altimeter-ded"), "did you mean `altimeter-dead`?"),
        (
            ("fly", "athena", "--set", "lander.engine.max_thrust=4000"),
            "`max_thrust` must be a force",
        ),
        (
            ("fly", "athena", "--set", "lander.engine.max_thrst=4 kN"),
            "did you mean `lander.engine.max_thrust`?",
        ),
        (("fly", "athena", "--set", "nonsense"), "a setting must be PATH=VALUE"),
        (("fly", "athena", "--seed", "-1"), "--seed"),
        (("fly",), "MISSION"),
        (("fly", "athena", "--nomnal"), "--nominal"),
        (("land", "athena"), "land"),
        (("show", "atena"), "did you mean `athena`?"),
    ],
)
def test_a_mistake_is_one_sentence_with_its_place_and_its_cure(here, told, arguments, expected):
    assert expected in refused(told, *arguments)
    assert files_in(here) == []


def test_a_place_that_cannot_be_written_is_refused_before_any_physics(here, told):
    (here / "file").write_text("mine")
    code, out, err = told("fly", "athena", "--out", "file/inside")
    assert (code, out) == (cli.BAD_INPUT, "")
    assert "--out must be a folder we can write" in err
    assert "designing" not in err
    assert files_in(here) == ["file"]


def test_a_folder_with_anything_but_a_run_is_never_replaced(here, told):
    (here / "mine").mkdir()
    (here / "mine" / "thesis.tex").write_text("years")
    assert "thesis.tex" in refused(told, "fly", "athena", "--out", "mine")
    assert (here / "mine" / "thesis.tex").read_text() == "years"


def test_a_data_folder_without_the_maps_is_named(here, told, monkeypatch):
    monkeypatch.setenv("PERILUNE_DATA", str(here))
    sentence = refused(told, "fly", "athena")
    assert "site.maps" in sentence
    assert "put it there, name another" in sentence
    assert files_in(here) == []


def test_an_interrupted_flight_leaves_with_130_and_nothing_written(here, told, monkeypatch):
    def interrupt(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr("perilune.native.machine_program.LaneProgram.run", interrupt)
    code, out, err = told("fly", "athena")
    assert code == cli.INTERRUPTED
    assert out == ""
    assert err.splitlines()[-1] == "perilune: interrupted; nothing was written."
    assert files_in(here) == []


def test_ctrl_c_is_heard_at_once_even_while_the_compiler_is_at_work(here):
    hears = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler)"
    script = f"{hears}; from perilune.app.cli import main; main()"  # whatever started the tests
    words = [sys.executable, "-c", script, "fly", "athena"]
    (here / "cache").mkdir()  # of the flight nothing is compiled yet, of its design everything
    kept = Path(os.environ["JAX_COMPILATION_CACHE_DIR"])
    kept.mkdir(parents=True, exist_ok=True)
    (here / "cache" / "compiled").symlink_to(kept)
    env = os.environ | {"PERILUNE_CACHE": str(here / "cache")}
    with subprocess.Popen(words, env=env, stderr=subprocess.PIPE, text=True) as flight:
        while "compiling" not in flight.stderr.readline():
            assert flight.poll() is None
        time.sleep(4.0)
        asked = time.perf_counter()
        flight.send_signal(signal.SIGINT)
        last = flight.stderr.read().splitlines()[-1]
    assert flight.returncode == cli.INTERRUPTED
    assert time.perf_counter() - asked < 3.0
    assert last == "perilune: interrupted; nothing was written."
    assert not (here / "runs").exists()


def test_a_flight_that_breaks_off_while_writing_leaves_nothing(here, told, monkeypatch):
    def broken(*_):
        raise InputError("the disk is full; free some.")

    monkeypatch.setattr("perilune.atomic_files._publish", broken)
    assert "the disk is full" in refused(told, "fly", "athena", "--nominal")
    assert not [path for path in here.rglob("*") if path.is_file()]


def test_a_cache_that_cannot_be_written_is_said_and_flown_without(monkeypatch, tmp_path):
    from perilune.flight.compile_cache import use_cache

    (tmp_path / "file").write_text("")
    monkeypatch.setenv("PERILUNE_CACHE", str(tmp_path / "file"))
    heard = []
    use_cache(heard.append)
    assert len(heard) == 1
    assert "cannot be written" in heard[0]


def test_the_version_is_shown(told):
    code, out, _ = told("--version")
    assert code == cli.FLEW
    assert out.startswith("perilune 0.")


HEAVY = {"equinox", "jax", "numpy", "pandas", "plotly", "pyarrow", "rasterio", "scipy", "spiceypy"}


@pytest.mark.parametrize("arguments", [("--help",), ("fly", "--help")])
def test_help_imports_nothing_heavy_so_that_it_comes_at_once(arguments):
    script = "from perilune.app.cli import main; main()"
    words = [sys.executable, "-X", "importtime", "-c", script, *arguments]
    done = subprocess.run(words, capture_output=True, text=True, check=True, env=os.environ)
    assert "Usage: perilune" in done.stdout
    imported = {
        line.rpartition("|")[2].strip().partition(".")[0] for line in done.stderr.split("\n")
    }
    assert "typer" in imported
    assert not imported & HEAVY


def ending(monkeypatch, outcome):
    """Let `fly` come back with a result of this outcome, nothing flown."""
    result = {"outcome": outcome, "clean": False}
    monkeypatch.setattr("perilune.app.run_flight.fly_and_write", lambda *_: (result, "runs/x"))
    monkeypatch.setattr("perilune.app.flight_screen.show_result", lambda *_: None)


def test_a_flight_whose_numbers_broke_down_leaves_with_five_and_says_so(told, monkeypatch):
    ending(monkeypatch, "NUMERICAL_FAILURE")
    for more in ((), ("--require-clean",)):
        code, _, err = told("fly", "athena", *more)
        assert code == options.NUMBERS_LOST == 5
        assert "NUMERICAL_FAILURE: its numbers broke down" in err


def test_another_ending_leaves_as_ever(told, monkeypatch):
    ending(monkeypatch, "TIMED_OUT")
    assert told("fly", "athena")[0] == cli.FLEW
    assert told("fly", "athena", "--require-clean")[0] == cli.NOT_CLEAN


@pytest.mark.parametrize("otherwise", [options.DONE, options.NOT_MET, options.UNDECIDED])
def test_a_campaign_with_such_a_flight_leaves_with_five_whatever_was_decided(otherwise, capsys):
    assert options.exit_code({"LANDED": 63, "NUMERICAL_FAILURE": 1}, otherwise) == 5
    assert capsys.readouterr().err.count("\n") == 1
    assert options.exit_code({"LANDED": 64}, otherwise) == otherwise
    assert capsys.readouterr().err == ""
