"""`perilune touchdown`: a lander dropped by itself, its files, and what it refuses."""

import csv
import json
import re

import pytest

from perilune.app import cli
from perilune.app.drop_lander import FILES, azimuths_deg, soil_of, wall_sizes_m
from perilune.environment_variables import named_folders
from perilune.errors import InputError
from perilune.flight import stability_grid

ASKED = ["touchdown", "nova-c", "--vertical", "1.5", "--horizontal", "0.5", "--slope", "5"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    out = tmp_path_factory.mktemp("drops") / "map"
    assert cli.run([*ASKED, "--site", "malapert-a", "--out", str(out)]) == 0
    return out


def test_it_writes_a_document_a_table_and_a_picture_that_agree(folder):
    assert sorted(each.name for each in folder.iterdir()) == sorted(FILES)
    document = json.loads((folder / "touchdown.json").read_text())
    with (folder / "touchdown.csv").open() as file:
        rows = list(csv.DictReader(file))
    (asked,) = document["touchdowns"]
    assert list(asked) == list(rows[0])
    same = [row for row in rows if row["vertical_speed_m_s"] == "1.5"]
    assert any(row["horizontal_speed_m_s"] == "0.5" for row in same)
    assert sum(document["map"].values()) == len(rows)
    picture = (folder / "touchdown.svg").read_text()
    cells = re.findall(r"<title>([\d.]+) m/s down, ([\d.]+) m/s across: (\w+)</title>", picture)
    assert len(cells) == len(rows)
    assert ("1.50", "0.50", asked["ending"]) in cells
    assert picture.count('stroke="black"') == 1


def test_a_landing_within_the_lander_s_limits_is_safe_and_far_past_them_is_not(folder):
    with (folder / "touchdown.csv").open() as file:
        rows = list(csv.DictReader(file))
    gentle = [row for row in rows if float(row["vertical_speed_m_s"]) < 1.6]
    gentle = [row for row in gentle if float(row["horizontal_speed_m_s"]) < 0.6]
    assert gentle
    assert {row["ending"] for row in gentle} == {"safe"}
    assert all(float(row["pad_sinkage_m"]) > 0.0 for row in gentle)
    assert all(row["strike_n"] == "" for row in gentle)


def test_a_folder_of_something_else_is_refused(tmp_path, capsys):
    (tmp_path / "mine.txt").write_text("kept")
    assert cli.run([*ASKED, "--out", str(tmp_path)]) == cli.BAD_INPUT
    assert "must be a new folder or one of touchdowns" in capsys.readouterr().err


def test_an_azimuth_is_a_number_or_all():
    assert azimuths_deg("30") == (30.0,)
    assert len(azimuths_deg("all")) == 8
    with pytest.raises(InputError, match="a number of degrees or `all`"):
        azimuths_deg("downhill")


def test_a_soil_with_a_wrong_value_is_named_with_its_place(tmp_path):
    site = tmp_path / "mine.toml"
    site.write_text('schema = 1\nname = "mine"\n[soil]\ncohesion = "3 kg"\n')
    with pytest.raises(InputError, match="`bearing` is missing"):
        soil_of(str(site), named_folders())
    site.write_text('schema = 1\nname = "mine"\n')
    assert soil_of(str(site), named_folders()) is None


def test_a_stop_is_a_height_with_its_unit_at_a_distance_with_its_own():
    assert wall_sizes_m(None, "30 cm") == (None, 0.3)
    assert wall_sizes_m("20 cm", "0.5 m") == (0.2, 0.5)
    with pytest.raises(InputError, match=r"--stop must be .* but is \"20\""):
        wall_sizes_m("20", "30 cm")
    with pytest.raises(InputError, match="--stop-distance must be 0 m to 100 m, but is -1 m"):
        wall_sizes_m("20 cm", "-1 m")


def test_a_stop_stands_in_the_document_and_shortens_the_slide(tmp_path, monkeypatch):
    monkeypatch.setattr(stability_grid, "SIDE_COUNT", 2)
    found = {}
    for name, more in (("free", []), ("stopped", ["--stop", "20 cm", "--stop-distance", "2 cm"])):
        out = tmp_path / name
        assert cli.run([*ASKED, *more, "--out", str(out)]) == 0
        found[name] = json.loads((out / "touchdown.json").read_text())
    assert found["free"]["stop_height_m"] is None
    assert found["stopped"]["stop_height_m"] == 0.2
    assert found["stopped"]["stop_distance_m"] == 0.02
    assert "a stop of 0.2 m" in found["stopped"]["ground"]
    (free,), (stopped,) = (found[name]["touchdowns"] for name in ("free", "stopped"))
    assert stopped["slid_m"] < free["slid_m"]
