"""State vectors that cannot be flown from are refused with place and cure."""

import pytest

from tests.mission.checked import check
from tests.state_missions import CATALOG, state_text, write_mission

PLACE_M, SPEED_M_S = (1_837_400.0, 0.0, 0.0), (0.0, 0.0, -1_633.0)
EPOCH_UTC = "2025-03-06T16:22:19Z"


def refused(tmp_path, lead_time=None, left_out=0, place=PLACE_M, speed=SPEED_M_S, **more):
    state = state_text(EPOCH_UTC, place, speed, **more)
    return check(write_mission(tmp_path / "mine.toml", state, lead_time, left_out))


def test_a_state_in_place_of_an_orbit_is_a_mission(tmp_path):
    assert refused(tmp_path) == []
    assert refused(tmp_path, lead_time="0 s", frame="moon_me") == []
    assert refused(tmp_path, left_out=3, at="ignition") == []


@pytest.mark.parametrize(
    ("more", "named"),
    [
        ({"speed": (0.0, 0.0, -2_400.0)}, "state.velocity` must be of a closed orbit"),
        ({"place": (1_737.4, 0.0, 0.0)}, "state.position` must be at least 5 km above"),
        ({"at": "ignition"}, "state.at` must be `orbit` where a phase is a descent-orbit burn"),
        ({"frame": "iau_moon"}, "frame"),
    ],
)
def test_a_state_that_leads_nowhere_is_refused(tmp_path, more, named):
    assert any(named in each and "mine.toml" in each for each in refused(tmp_path, **more))


def test_orbit_and_state_together_and_neither_are_refused(tmp_path):
    text = (CATALOG / "missions" / "athena.toml").read_text(encoding="utf-8")
    both = write_mission(
        tmp_path / "both.toml",
        state_text(EPOCH_UTC, PLACE_M, SPEED_M_S) + text[text.index("[orbit]") :].split("[m")[0],
    )
    assert "both; leave one of them out" in check(both)[0]
    assert "neither; add one" in check(write_mission(tmp_path / "none.toml", ""))[0]


def test_an_orbit_needs_a_lead_time_and_may_have_none_of_it(tmp_path):
    text = (CATALOG / "missions" / "athena.toml").read_text(encoding="utf-8")
    orbit = text[text.index("[orbit]") :].split("[masses]")[0]
    (found,) = check(write_mission(tmp_path / "mine.toml", orbit))
    assert "descent: `lead_time` is missing; add it" in found
