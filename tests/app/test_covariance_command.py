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
    assert "most of it is" in page


def test_a_folder_of_something_else_is_refused(told, here):
    (here / "notes.txt").write_text("mine")
    words = refused(told, "covariance", "athena", "--out", str(here))
    assert "covariance.json" in words


def test_a_campaign_beside_must_be_of_the_same_mission(told, flown):
    words = refused(told, "covariance", "odysseus", "--beside", str(flown[0]))
    assert "--beside must be a campaign of odysseus" in words
    assert "perilune campaign" in words
