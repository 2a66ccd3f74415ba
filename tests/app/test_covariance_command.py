"""The command covariance: its three files, and what it refuses."""

import csv
import json

import numpy as np
import pytest

from perilune.app import options
from perilune.campaign.covariance_document import covariance_json_schema
from perilune.flight.carry import CheckPoint
from tests.app.conftest import refused


@pytest.fixture(scope="module")
def analysed(tmp_path_factory):
    """The folder of an analysis of Athena with an altimeter that is dead."""
    from perilune.app.cli import run

    folder = tmp_path_factory.mktemp("covariance") / "out"
    words = ("covariance", "athena", "--fault", "altimeter-dead", "--out", str(folder))
    assert run(words) == options.DONE
    return folder


def test_it_writes_a_document_that_its_schema_describes(analysed):
    from jsonschema import validate

    document = json.loads((analysed / "covariance.json").read_text())
    validate(document, covariance_json_schema())
    assert document["faults"] == ["altimeter-dead"]
    assert [each["point"] for each in document["moments"]] == [
        point.name.lower() for point in CheckPoint
    ]
    assert all(each["flown"] is None for each in document["moments"])


def test_a_dead_altimeter_is_no_source_and_the_velocimeters_ranges_are(analysed):
    document = json.loads((analysed / "covariance.json").read_text())
    last = document["moments"][-1]["by_source"]
    assert "altimeter: noise" not in last
    assert last["velocimeter: range noise"]["height_m"] > 0.0


def test_squares_of_the_sources_in_the_table_add_up(analysed):
    with (analysed / "covariance.csv").open() as text:
        rows = [row for row in csv.DictReader(text) if row["point"] == "gate"]
    apart = {"true", "claimed", "reference"}
    by_name = {row["source"]: row for row in rows}
    for axis in ("position_along_m", "velocity_up_m_s", "height_m"):
        parts = [float(row[axis]) for name, row in by_name.items() if name not in apart]
        assert np.sqrt(np.sum(np.square(parts))) == pytest.approx(float(by_name["true"][axis]))


def test_the_page_names_every_moment_and_the_largest_source(analysed):
    page = (analysed / "report.html").read_text()
    assert "100 m up" in page
    assert "the largest part of it comes from: " in page


@pytest.fixture
def no_flight(monkeypatch):
    """Whatever would have to be flown fails."""

    def refuse(*_):
        raise AssertionError("it was made anew")

    monkeypatch.setattr("perilune.app.covariance_analysis._document", refuse)


@pytest.mark.usefixtures("no_flight")
def test_the_same_question_again_is_answered_without_a_flight(analysed, told, here):
    code, _, err = told("covariance", "athena", "--fault", "altimeter-dead", "--out", "again")
    assert code == options.DONE, err
    first, again = (
        json.loads((folder / "covariance.json").read_text())
        for folder in (analysed, here / "again")
    )
    assert {**again, "wall_s": first["wall_s"]} == first


@pytest.mark.usefixtures("analysed", "here", "no_flight")
@pytest.mark.parametrize("more", [("--seed", "1"), ("--set", "site.surface.largest=1 m")])
def test_another_question_is_not_answered_by_what_is_kept(told, more):
    with pytest.raises(AssertionError, match="made anew"):
        told("covariance", "athena", "--fault", "altimeter-dead", *more)


@pytest.mark.usefixtures("no_flight")
def test_what_if_a_source_were_larger_needs_no_flight(analysed, told, here):
    words = ("--scale", "velocimeter: range noise=3", "--out", "scaled")
    code, _, err = told("covariance", "athena", "--fault", "altimeter-dead", *words)
    assert code == options.DONE, err
    first, scaled = (
        json.loads((folder / "covariance.json").read_text())["moments"][-1]
        for folder in (analysed, here / "scaled")
    )
    of = first["by_source"]["velocimeter: range noise"]["height_m"]
    more = scaled["true"]["height_m"] ** 2 - first["true"]["height_m"] ** 2
    assert more == pytest.approx(8.0 * of**2)
    assert scaled["claimed"] == first["claimed"]
    assert "velocimeter: range noise times 3" in (here / "scaled" / "report.html").read_text()


@pytest.mark.usefixtures("analysed", "no_flight")
def test_a_source_that_is_not_there_is_refused(told):
    asked = ("covariance", "athena", "--fault", "altimeter-dead", "--scale", "altimeter: noise=2")
    assert "--scale must name a source of this analysis" in refused(told, *asked)


def test_a_folder_of_something_else_is_refused(told, here):
    (here / "notes.txt").write_text("mine")
    words = refused(told, "covariance", "athena", "--out", str(here))
    assert "covariance.json" in words


def test_a_campaign_beside_must_be_of_the_same_mission(told, flown):
    words = refused(told, "covariance", "odysseus", "--beside", str(flown[0]))
    assert "--beside must be a campaign of odysseus" in words
    assert "perilune campaign" in words
