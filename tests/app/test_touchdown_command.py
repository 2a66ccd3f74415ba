"""`perilune touchdown`: a lander dropped by itself, its files, and what it refuses."""

import csv
import json
import math
import re

import jax.numpy as jnp
import numpy as np
import pytest

from perilune.app import cli
from perilune.app.drop_lander import FILES, azimuths_deg, soil_of, wall_sizes_m
from perilune.app.quantity_options import quantity
from perilune.environment_variables import named_folders
from perilune.errors import InputError
from perilune.flight import stability_grid
from perilune.flight.stability_grid import Asked, lean_rad
from perilune.mechanics.rotation import from_rotation_vector, rotate

ASKED = ["touchdown", "nova-c", "--vertical", "1.5", "--horizontal", "0.5", "--slope", "5"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    out = tmp_path_factory.mktemp("drops") / "map"
    assert cli.run([*ASKED, "--site", "malapert-a", "--out", str(out)]) == 0
    return out


def test_it_tells_how_many_touchdowns_are_done(tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(stability_grid, "AT_ONCE", 60)
    assert cli.run([*ASKED, "--out", str(tmp_path / "map")]) == 0
    done = re.findall(
        r"\] dropping it, (\d+) of (\d+) touchdowns are done", capsys.readouterr().err
    )
    assert len(done) > 1
    assert [int(number) for number, _ in done] == [60 * part for part in range(len(done))]


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
    assert wall_sizes_m("0.2", "0") == (0.2, 0.0)
    with pytest.raises(InputError, match=r"--stop must be a number in m"):
        wall_sizes_m("20 kg", "30 cm")
    with pytest.raises(InputError, match="--stop-distance must be between 0 and 100 m"):
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


@pytest.mark.parametrize(
    ("given", "value"), [("3.3", 3.3), (2.0, 2.0), ("12 km/h", 12.0 / 3.6), ("50 cm/s", 0.5)]
)
def test_a_speed_is_a_bare_number_or_has_its_unit(given, value):
    assert quantity("--vertical", "m/s", 0.05, 20.0)(given) == pytest.approx(value, rel=1e-12)


@pytest.mark.parametrize(
    ("given", "said"),
    [("3 kg", "a number in m/s"), ("80 km/h", "between 0.05 and 20 m/s"), ("nan", "between 0.05")],
)
def test_a_speed_that_is_none_or_out_of_bounds_is_refused(given, said):
    with pytest.raises(InputError, match=f"--vertical must be {said}"):
        quantity("--vertical", "m/s", 0.05, 20.0)(given)


def test_a_slope_may_be_in_radians():
    assert quantity("--slope", "deg")("0.1 rad") == pytest.approx(math.degrees(0.1))


@pytest.mark.parametrize("azimuth_deg", [0.0, 90.0, 210.0])
def test_a_leaning_lander_s_axis_leans_by_the_angle_and_towards_the_azimuth(azimuth_deg):
    asked = Asked(
        vertical_speed_m_s=1.0,
        horizontal_speed_m_s=0.0,
        slopes_deg=[0.0],
        azimuths_deg=[0.0],
        lean_deg=20.0,
        lean_azimuth_deg=azimuth_deg,
    )
    turn = from_rotation_vector(jnp.asarray(lean_rad(asked)))
    axis = rotate(turn, jnp.array([0.0, 0.0, 1.0]))
    lean, azimuth = math.radians(20.0), math.radians(azimuth_deg)
    level = math.sin(lean) * np.array([math.cos(azimuth), math.sin(azimuth)])
    np.testing.assert_allclose(axis, [*level, math.cos(lean)], atol=1e-12)


def test_a_leaning_drop_rises_to_its_feet_and_is_told_with_its_lean(tmp_path, capsys):
    out = tmp_path / "leaning"
    gentle = ["touchdown", "nova-c", "--vertical", "0.5 m/s", "--lean", "6 deg", "--out", str(out)]
    assert cli.run(gentle) == 0
    document = json.loads((out / "touchdown.json").read_text())
    (asked,) = document["touchdowns"]
    assert document["lean_deg"] == pytest.approx(6.0)
    assert asked["peak_tilt_deg"] >= 6.0 - 1e-9
    assert asked["tilt_deg"] < 1.0
    said = capsys.readouterr().out
    assert "tilt at rest" in said
    assert "slope_deg" not in said
