"""perilune envelope: factors searched on the same runs, gone on with, written, refused."""

import contextlib
import csv
import io
import json
from pathlib import Path

import jsonschema
import pytest

from perilune.app import cli, options
from perilune.app.envelope_points import Flown
from perilune.campaign.envelope_document import envelope_json_schema
from perilune.campaign.run import row_store
from tests.app.conftest import refused

RUNS = 8
ASKED = (
    *("envelope", "athena", "--factor", "thrust", "--factor", "engine-floor-told"),
    *("--points", "4", "--runs", str(RUNS)),
    *("--set", "site.surface.largest=1 m"),  # rough ground would tilt some at any thrust
)


@pytest.fixture(scope="session")
def found(data_folder, tmp_path_factory):
    """(folder, document) of thrust not told and a floor told, some values each."""
    assert data_folder
    folder = tmp_path_factory.mktemp("cli") / "envelope"
    out = io.TextIOWrapper(io.BytesIO(), encoding="utf-8")
    with contextlib.redirect_stdout(out):
        code = cli.run([*ASKED, "--out", str(folder), "--json"])
    assert code == options.DONE
    out.seek(0)
    said = out.read()
    assert said == (folder / "envelope.json").read_text()
    return folder, json.loads(said)


def test_an_envelope_goes_from_landings_to_none_with_less_thrust(found):
    folder, document = found
    jsonschema.validate(document, envelope_json_schema())
    thrust = document["factors"][0]
    assert [each["value"] for each in thrust["points"]][:1] == [0.0]
    assert thrust["points"][0]["clean"] == RUNS
    assert thrust["points"][-1]["clean"] == 0  # 40 % less than the plan needs
    held = next(each for each in thrust["crossings"] if each["level"] == 0.5)
    assert thrust["furthest"] < held["lost_at"] < held["holds_to"] <= 0.0
    assert sum(thrust["points"][-1]["causes"].values()) == RUNS
    assert thrust["returned"] == 0
    assert "Full thrust below belief" in (folder / "report.html").read_text()


def test_a_floor_that_design_refuses_is_a_value_that_says_why(found):
    floor = found[1]["factors"][1]
    last = floor["points"][-1]
    assert last["runs"] is None
    assert "must be below the weight of the lander where it is lowest" in last["problem"]
    assert floor["crossings"][0]["lost_at"] is not None


def test_a_row_a_value_is_in_the_table(found):
    folder, document = found
    rows = list(csv.DictReader((folder / "envelope.csv").read_text().splitlines()))
    points = [point for factor in document["factors"] for point in factor["points"]]
    assert [float(row["value"]) for row in rows] == [point["value"] for point in points]
    assert [row["clean"] for row in rows] == [
        "" if point["clean"] is None else str(point["clean"]) for point in points
    ]


def test_values_fly_the_same_runs_by_one_compiled_flight(found):
    folder, document = found
    flown = [each["folder"] for each in document["factors"][0]["points"]]
    tables = [row_store.read_rows(folder / each) for each in flown]
    drawn = [name for name in tables[0].column_names if name.startswith("input_start")]
    assert len(drawn) >= 6
    assert all(each.select(drawn).equals(tables[0].select(drawn)) for each in tables)
    times = [row_store.read_campaign(folder / each)["timing"]["compile_s"] for each in flown[1:]]
    assert times == [0.0] * len(times)


def test_an_envelope_is_gone_on_with_and_not_flown_over(found, told):
    folder, document = found
    assert "add --resume" in refused(told, *ASKED, "--out", folder)
    code, out, _ = told(*ASKED, "--out", folder, "--resume", "--json")
    assert code == options.DONE
    again = json.loads(out)
    assert again["factors"] == document["factors"]
    assert again["provenance"]["concluded"] == document["provenance"]["concluded"]


@pytest.mark.usefixtures("here")
def test_an_envelope_broken_off_says_how_to_go_on(told, monkeypatch):
    def broken_off(order, *_):
        Path(order.out).mkdir(parents=True)
        raise KeyboardInterrupt

    monkeypatch.setattr("perilune.app.envelope_points.run_campaign", broken_off)
    code, out, err = told(*ASKED, "--out", "here")
    assert (code, out) == (options.INTERRUPTED, "")
    assert err.splitlines()[-1] == (
        "perilune: interrupted: what is finished is kept in here; add --resume to continue."
    )


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (("--factor", "thrst"), "there is no `thrst`; did you mean `thrust`?"),
        (("--points", "2"), "--points must be at least 3"),
        (("--runs", "0"), "--runs must lie between 1"),
    ],
)
def test_what_cannot_be_asked_is_refused_before_anything_is_flown(here, told, words, expected):
    assert expected in refused(told, "envelope", "athena", *words)
    assert list(here.iterdir()) == []


@pytest.mark.usefixtures("here")
def test_a_factor_that_the_lander_lacks_is_left_out_with_its_reason(found, told, monkeypatch):
    """No factor is left to be flown; the mission as it is, is taken for flown."""
    flown = found[0] / "points" / "nominal"
    nominal = Flown(0.0, document=row_store.read_campaign(flown), folder=flown)
    monkeypatch.setattr("perilune.app.envelope_points.Flight.fly", lambda *_, **__: nominal)
    monkeypatch.setattr("perilune.app.run_envelope._write", lambda *_: None)
    fixed = ("--set", "lander.engine.gimbal_limit=0 deg")
    asked = ("envelope", "athena", "--factor", "gimbal-lag", "--runs", "1", *fixed, "--json")
    code, out, _ = told(*asked)
    document = json.loads(out)
    assert code == options.DONE
    assert document["factors"] == []
    assert document["left_out"] == [
        {
            "name": "gimbal-lag",
            "title": "Gimbal lag above belief",
            "why": "no engine of the lander has a gimbal",
        }
    ]
