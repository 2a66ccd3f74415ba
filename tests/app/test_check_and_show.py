"""The command line as a script sees it: exit codes, a sentence a mistake, nothing half-written."""

import json
import os
from pathlib import Path

import numpy as np
import pytest

import perilune
from perilune.app import cli

MISSIONS = sorted(
    each.stem for each in (Path(perilune.__file__).parent / "catalog" / "missions").glob("*.toml")
)


def test_the_missions_of_the_catalog_are_listed(told):
    code, out, _ = told("missions")
    assert code == cli.FLEW
    assert [line.split()[0] for line in out.splitlines()] == MISSIONS


@pytest.mark.usefixtures("data_folder")
def test_check_says_that_all_is_well_for_every_mission(told):
    code, out, err = told("check")
    assert (code, err) == (cli.FLEW, "")
    assert out.count("nothing is missing or wrong") == len(MISSIONS)


def test_check_names_every_mistake_at_once(told):
    wrong = ("--set", "lander.engine.max_thrust=4000", "--set", "criteria.miss=-1 m")
    code, _, err = told("check", "athena", *wrong)
    assert code == cli.BAD_INPUT
    assert "max_thrust" in err
    assert "miss" in err


def test_check_names_the_file_of_a_mistake_once(here, told):
    text = told("show", "athena")[1]
    (here / "mine.toml").write_text(text.replace('law = "orbit_burn"', 'law = "orbit_bur"'))
    code, _, err = told("check", "mine.toml")
    assert code == cli.BAD_INPUT
    assert err.startswith("mine.toml: descent: phases: 1: `law` must be ")


@pytest.mark.timeout(60)
@pytest.mark.parametrize("command", [("check",), ("fly", "--nominal")])
def test_a_map_that_is_no_map_is_one_sentence_from_check_and_from_fly(
    here, told, monkeypatch, command
):
    monkeypatch.delenv("PERILUNE_DATA", raising=False)
    (here / "pointer.npz").write_text("version https://git-lfs.github.com/spec/v1\n")
    (here / "page.tif").write_text("<html>404</html>")
    (here / "cut.npz").write_bytes(b"PK\x03\x04" + bytes(900))
    (here / "folder.tif").mkdir()
    os.mkfifo(here / "pipe.npz")
    for name in ("pointer.npz", "page.tif", "cut.npz", "folder.tif", "pipe.npz"):
        code, _, err = told(
            command[0], "athena", *command[1:], "--set", f"site.maps=['{here / name}']"
        )
        assert code == cli.BAD_INPUT, name
        assert len([line for line in err.splitlines() if name in line]) == 1, err
        assert "Traceback" not in err


def test_check_notes_a_map_that_has_another_height_than_the_site(here, told, monkeypatch):
    monkeypatch.delenv("PERILUNE_DATA", raising=False)
    meta = {"datum": "1737.4 km sphere, metres", "frame": "mean-Earth"}
    axis = np.arange(100.0)
    np.savez(
        here / "m.npz",
        height_m=2_000.0 + 3.0 * axis[:, None] + axis[None, :],
        lat_deg=-84.0 - 0.02 * axis,
        lon_deg=28.0 + 0.03 * axis,
        meta=json.dumps(meta),
    )
    code, out, _ = told("check", "athena", "--set", f"site.maps=['{here / 'm.npz'}']")
    assert code == cli.FLEW
    assert "note: " in out
    assert "stated height is 5306 m" in out
    assert "can be flown, but see the note below" in out
    assert "nothing is missing or wrong" not in out


def test_show_prints_values_that_set_takes(told):
    code, out, _ = told("show", "athena", "--set", "criteria.miss=150 m")
    assert code == cli.FLEW
    assert 'miss = "150 m"' in out
    assert "[--set]" in out
