"""perilune plan, and what flies from the file that it writes: the same, with nothing designed."""

import json

import pytest

from perilune.app import options
from perilune.campaign.run import row_store
from perilune.design.plan_file import read_plan
from tests.app.conftest import APART, SMALL, refused

MISSION = ("athena", "--fault", "altimeter-noisy", *APART)
"""What the small campaign flies."""


@pytest.fixture(scope="session")
def kept_plan(flown):
    """The plan file that the small campaign keeps beside its rows."""
    return flown[0] / row_store.PLAN_FILE


@pytest.fixture
def nothing_designed(monkeypatch):
    """Whoever designs a mission fails."""

    def refuse(*_):
        raise AssertionError("designed")

    monkeypatch.setattr("perilune.design.prepared.design", refuse)


def test_a_plan_is_written_with_its_hash_and_is_the_one_a_campaign_keeps(here, kept_plan, told):
    code, out, err = told("plan", *MISSION)
    assert code == options.DONE, err
    sha256 = read_plan(kept_plan).plan_sha256
    assert out == f"SHA-256 of the plan {sha256}\nathena-altimeter-noisy.plan\n"
    assert read_plan(here / "athena-altimeter-noisy.plan").plan_sha256 == sha256
    told("plan", "athena", "--out", "other.plan")
    assert read_plan(here / "other.plan").plan_sha256 != sha256


@pytest.mark.usefixtures("nothing_designed", "here")
def test_a_flight_from_a_plan_is_flown_with_nothing_designed(kept_plan, told):
    code, out, err = told("fly", "--plan", kept_plan, "--seed", "5", "--run", "3", "--json")
    assert code == options.DONE, err
    result = json.loads(out)
    assert (result["mission"], result["faults"]) == ("athena", ["altimeter-noisy"])
    made_from = result["provenance"]
    assert made_from["plan_sha256"] == read_plan(kept_plan).plan_sha256
    assert made_from["files"] == read_plan(kept_plan).files
    assert sorted(made_from["settings"]) == sorted(APART[1::2])


@pytest.mark.usefixtures("nothing_designed")
def test_a_campaign_is_completed_from_its_plan_with_nothing_designed(small, told):
    before = json.loads((small / "campaign.json").read_text())
    plan = ("--plan", small / row_store.PLAN_FILE)
    code, out, err = told("campaign", *plan, *SMALL[4:8], "--out", small, "--resume", "--json")
    assert code == options.DONE, err
    after = json.loads(out)
    assert "designing" not in err
    assert after == before
    assert after["plan_sha256"] == read_plan(small / row_store.PLAN_FILE).plan_sha256


@pytest.mark.usefixtures("nothing_designed")
def test_a_campaign_of_another_plan_is_not_completed(small, told):
    """As a machine would refuse it that designs otherwise, which says what to fly instead."""
    of_another_plan(small)
    plan = ("--plan", small / row_store.PLAN_FILE)
    sentence = refused(told, "campaign", *plan, *SMALL[4:8], "--out", small, "--resume")
    assert 'begun with another flight plan: it was "000000000000…", and now is' in sentence
    assert f"give --plan {small}/flight.plan in place of a mission again" in sentence


@pytest.mark.usefixtures("nothing_designed")
def test_a_replay_from_another_plan_is_refused_by_name(small, told):
    of_another_plan(small)
    sentence = refused(told, "replay", small, 66)
    assert 'flown with another flight plan: it was "000000000000…", and now is' in sentence
    assert "put that back to replay its runs" in sentence


def of_another_plan(folder):
    """Write down that the campaign was flown from another plan than the one beside it."""
    order = json.loads((folder / "order.json").read_text())
    order["identity"]["plan"] = "0" * 64
    (folder / "order.json").write_text(json.dumps(order))


@pytest.mark.parametrize("command", ["fly", "campaign"])
@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ((), "MISSION must name a mission in the catalog"),
        (("athena", "--plan", "a.plan"), "--plan a.plan has its mission in it, but athena is"),
        (("--plan", "a.plan", "--set", "a.b=3"), "--set and --fault change what is designed"),
        (("--plan", "a.plan", "--fault", "altimeter-dead"), "give them to `perilune plan`"),
        (("--plan", "a.plan"), "There is no plan file a.plan; check the path"),
    ],
)
@pytest.mark.usefixtures("here")
def test_a_plan_beside_what_would_change_it_is_refused(told, command, words, sentence):
    assert sentence in refused(told, command, *words)


@pytest.mark.usefixtures("nothing_designed")
def test_a_plan_that_cannot_be_written_is_refused_before_it_is_designed(here, told):
    (here / "notes.plan").write_text("mine")
    assert "is no plan; name another file" in refused(told, "plan", "athena", "--out", "notes.plan")
    assert (here / "notes.plan").read_text() == "mine"
