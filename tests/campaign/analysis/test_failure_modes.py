import json

import pyarrow as pa
import pytest

from perilune.campaign.analysis.failure_modes import WORDS, first_cause, groups, severity, violated
from perilune.flight.outcome import Outcome

CLEAN = {
    "run": 0,
    "clean": True,
    "outcome": "LANDED",
    "contact_s": 5000.0,
    "event_tank_dry_s": None,
    "event_vertical_descent_s": 4970.0,
    "vertical_speed_m_s": 1.0,
    "margin_vertical_speed_m_s": 2.0,
    "horizontal_speed_m_s": 0.2,
    "margin_horizontal_speed_m_s": 0.8,
    "body_rate_deg_s": 0.5,
    "margin_body_rate_deg_s": 4.5,
    "leg_stroke_m": 0.1,
    "margin_leg_stroke_m": 0.2,
    "broken_legs_count": 0.0,
    "hull_contact_n": 0.0,
    "bell_contact_n": 0.0,
    "tilt_deg": 2.0,
    "margin_tilt_deg": 8.0,
    "margin_at_rest": 0.0,
    "height_error_100_m": 0.5,
}
NEVER_DOWN = {name: None for name in CLEAN if name.startswith(("margin", "contact", "event"))}
NEVER_DOWN |= dict.fromkeys(("vertical_speed_m_s", "horizontal_speed_m_s", "body_rate_deg_s"))
NEVER_DOWN |= {"margin_at_rest": -1.0, "leg_stroke_m": None, "tilt_deg": None}
HARD = {"vertical_speed_m_s": 6.0, "margin_vertical_speed_m_s": -3.0}
SKIDDING = {"horizontal_speed_m_s": 1.5, "margin_horizontal_speed_m_s": -0.5}
NO_REST = {"tilt_deg": None, "margin_tilt_deg": None, "margin_at_rest": -1.0}
BLIND = {"height_error_100_m": -30.0}

ENDINGS = {
    "numerical_failure": NEVER_DOWN | {"outcome": "NUMERICAL_FAILURE", "event_tank_dry_s": 9.0},
    "blind_descent": BLIND | HARD | {"outcome": "CRASHED"},
    "tank_dry": HARD | {"outcome": "CRASHED", "event_tank_dry_s": 4990.0},
    "spun_up": NEVER_DOWN | {"outcome": "SPUN_UP"},
    "timed_out": NEVER_DOWN | {"outcome": "TIMED_OUT"},
    "early_ground": HARD | {"outcome": "CRASHED", "event_vertical_descent_s": None},
    "too_fast_down": HARD | SKIDDING | {"outcome": "CRASHED"},
    "too_fast_across": SKIDDING | NO_REST | {"outcome": "TIPPED_OVER"},
    "turning_too_fast": {"body_rate_deg_s": 7.0, "margin_body_rate_deg_s": -2.0},
    "leg_stroke_used_up": {"leg_stroke_m": 0.3, "margin_leg_stroke_m": 0.0, "bell_contact_n": 9.0},
    "leg_broken": {"broken_legs_count": 1.0, "bell_contact_n": 50.0, "hull_contact_n": 50.0},
    "bell_contact": {"bell_contact_n": 100.0},
    "tipped_over": NO_REST | {"outcome": "TIPPED_OVER", "hull_contact_n": 50.0},
    "hull_contact": {"outcome": "ON_ITS_HULL", "hull_contact_n": 50.0},
    "tilted_at_rest": {"tilt_deg": 12.0, "margin_tilt_deg": -2.0},
    "never_at_rest": NO_REST | {"outcome": "TIMED_OUT"},
    "unexplained": {},
}


def rows(*endings):
    flights = [
        CLEAN | {"run": i, "clean": one is None} | (one or {}) for i, one in enumerate(endings)
    ]
    return pa.Table.from_pylist(flights)


@pytest.mark.parametrize("cause", WORDS)
def test_each_way_to_fail_is_called_by_its_first_cause(cause):
    assert first_cause(rows(ENDINGS[cause])) == [cause]


def test_a_leg_at_its_stroke_violates_it_and_another_value_at_its_limit_does_not():
    at_limit = {"leg_stroke_m": 0.3, "margin_leg_stroke_m": 0.0, "margin_tilt_deg": 0.0}
    table = rows(None, at_limit, NEVER_DOWN)
    assert violated(table, "leg_stroke_m").tolist() == [False, True, True]
    assert violated(table, "tilt_deg").tolist() == [False, False, True]


def test_a_clean_flight_has_no_cause_and_a_far_miss_is_none():
    assert first_cause(rows(None)) == [None]
    far = CLEAN | {"miss_m": 900.0, "margin_miss_m": -700.0}
    assert first_cause(pa.Table.from_pylist([far])) == [None]


def test_a_row_is_judged_by_itself_alone():
    endings = [None, *ENDINGS.values(), None]
    together = first_cause(rows(*endings))
    assert together == [None, *ENDINGS, None]
    assert together == [one for ending in endings for one in first_cause(rows(ending))]


def test_a_height_error_that_the_landing_absorbed_is_not_the_cause():
    assert first_cause(rows(BLIND | ENDINGS["tilted_at_rest"])) == ["tilted_at_rest"]


def test_of_a_dry_tank_and_a_blind_descent_the_fall_and_the_errors_sign_tell_which_was_first():
    too_high = {"height_error_100_m": 30.0, "event_tank_dry_s": 4990.0, "outcome": "CRASHED"}
    # from rest at 100 m the Moon's pull gives 18.0 m/s
    slow = too_high | {"vertical_speed_m_s": 17.0, "margin_vertical_speed_m_s": -14.0}
    fast = too_high | {"vertical_speed_m_s": 19.0, "margin_vertical_speed_m_s": -16.0}
    assert first_cause(rows(slow, fast)) == ["blind_descent", "tank_dry"]
    # one that believes itself on the ground, kilometres up, hangs until the tank is dry
    hung = fast | {"height_error_100_m": -3500.0}
    assert first_cause(rows(hung)) == ["blind_descent"]


def test_a_tank_that_ran_dry_after_contact_is_not_the_cause():
    late = ENDINGS["too_fast_down"] | {"event_tank_dry_s": 5001.0}
    assert first_cause(rows(late)) == ["too_fast_down"]


def test_every_outcome_of_an_unclean_flight_has_a_cause():
    endings = [{"outcome": outcome.name} for outcome in Outcome]
    assert None not in first_cause(rows(*endings))
    bare = [NEVER_DOWN | {"outcome": outcome.name} for outcome in Outcome]
    assert set(first_cause(rows(*bare))) <= {
        "numerical_failure",
        "spun_up",
        "timed_out",
        "tipped_over",
        "hull_contact",
        "never_at_rest",
    }


def test_groups_count_and_name_the_typical_the_worst_and_the_mildest():
    speeds = [4.0, 9.0, 5.0, 3.5, 6.0]
    hard = [{"vertical_speed_m_s": v, "margin_vertical_speed_m_s": 3.0 - v} for v in speeds]
    first, second = groups(rows(None, *hard, ENDINGS["bell_contact"]))
    assert first == {
        "cause": "too_fast_down",
        "count": 5,
        "share": pytest.approx(5.0 / 6.0),
        "words": WORDS["too_fast_down"],
        "telling_runs": [3, 2, 4],
    }
    assert (second["cause"], second["count"], second["telling_runs"]) == ("bell_contact", 1, [6])
    json.dumps([first, second], allow_nan=False)


def test_a_campaign_without_failures_has_no_groups():
    assert groups(rows(None, None)) == []
    assert first_cause(rows(None).slice(0, 0)) == []


def test_a_height_error_blinds_beyond_ten_metres():
    errors_m = [10.0, -10.0, 10.2, -10.2]
    blind = [HARD | {"height_error_100_m": error, "outcome": "CRASHED"} for error in errors_m]
    assert first_cause(rows(*blind)) == ["too_fast_down"] * 2 + ["blind_descent"] * 2


def test_a_fall_of_100_m_tells_a_dry_tank_from_a_blind_descent_at_18_m_s():
    dry = HARD | {"height_error_100_m": 30.0, "event_tank_dry_s": 4990.0, "outcome": "CRASHED"}
    falls = [dry | {"vertical_speed_m_s": speed} for speed in (17.95, 18.05)]
    assert first_cause(rows(*falls)) == ["blind_descent", "tank_dry"]


def test_a_hull_that_felt_the_ground_is_the_cause_however_the_flight_ended():
    assert first_cause(rows({"hull_contact_n": 50.0})) == ["hull_contact"]
    assert first_cause(rows({"outcome": "ON_ITS_HULL"})) == ["hull_contact"]


def test_severity_at_contact_is_in_shares_of_the_limit_and_a_dry_tank_in_seconds():
    table = rows(HARD, ENDINGS["tank_dry"], BLIND)
    assert severity(table, "too_fast_down")[0] == pytest.approx(6.0 / 3.0)
    assert severity(table, "tank_dry")[1] == pytest.approx(10.0)
    assert severity(table, "blind_descent")[2] == pytest.approx(30.0)


def test_of_equally_bad_flights_the_first_is_shown_as_the_worst():
    alike = [ENDINGS["bell_contact"]] * 5
    assert groups(rows(*alike))[0]["telling_runs"] == [2, 0, 4]
