"""The verdict, at the edge of every limit, with what did not happen, and for a batch."""

import dataclasses
import itertools
import math

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from perilune.flight.carry import CONSISTENCY, CheckPoint
from perilune.flight.fly import FlightSummary, Places
from perilune.flight.outcome import Outcome
from perilune.interfaces.events import Event
from perilune.mechanics.projection import direction_from_angles
from perilune.truth.dynamics.ground_clearance import GroundRelativeState
from perilune.truth.dynamics.state import LegState
from perilune.verdict import Limits, clean_mask, judge, limits_of

PLACES = list(itertools.product(("true", "map"), ("latitude", "longitude")))
LIMITS = Limits(
    vertical_speed_m_s=2.0,
    horizontal_speed_m_s=1.0,
    tilt_rad=math.radians(10.0),
    body_rate_rad_s=math.radians(2.0),
    leg_stroke_m=0.3,
    miss_m=200.0,
)
AIM_M = 1.74e6 * direction_from_angles(math.radians(-84.79), math.radians(29.2))
PLACE_M = 1.74e6 * direction_from_angles(math.radians(-84.8), math.radians(29.2))


def summary_of(outcome=Outcome.LANDED, stroke_m=0.1, hull_n=0.0, bell_n=0.0, **contact):
    """A landing inside every limit, but for what is given."""
    figures = {
        "down": 1.0,
        "across": 0.1,
        "rate": 0.01,
        "tilt": 0.05,
        "miss": 90.0,
        "broken": 0,
    } | contact
    events = np.full(len(Event), np.nan)
    events[[Event.START, Event.CONTACT]] = 0.0, 4177.0
    stroke, peak = np.zeros((6, 1, 2)), np.zeros(18)
    stroke[2, 0, 0], peak[:6], peak[9], peak[17] = stroke_m, 3000.0, hull_n, bell_n
    struck_m = np.array([0.7, 0.0, 0.85]) if hull_n or bell_n else np.full(3, np.nan)
    broken = np.arange(6) < figures["broken"]
    down, across, rate, tilt = (figures[name] for name in ("down", "across", "rate", "tilt"))
    return FlightSummary(
        outcome=np.asarray(int(outcome)),
        event_time_s=events,
        contact=GroundRelativeState(*map(np.asarray, (down, across, 0.02, rate))),
        rest=GroundRelativeState(*map(np.asarray, (0.0, 0.0, tilt, 0.0))),
        places=Places(AIM_M, AIM_M, PLACE_M, PLACE_M),
        miss_m=np.asarray(figures["miss"]),
        propellant_kg=np.asarray(134.0),
        cold_gas_kg=np.asarray(16.0),
        legs=LegState(stroke, np.zeros(6), np.full(6, 0.03), broken),
        peak_force_n=peak,
        strike_body_m=struck_m,
        bell_clearance_m=np.asarray(0.52),
        consistency=np.full((len(CheckPoint), len(CONSISTENCY)), np.nan),
        height_error_100_m=np.asarray(0.1),
        peak_thrust_fraction=np.asarray(0.9),
        thrust_short_s=np.asarray(0.0),
        torque_short_s=np.asarray(0.0),
        innovations=np.zeros((0, 2)),
        leg_count=6,
        bell_count=4,
        compared=(),
    )


def never_down(outcome):
    """A flight that ended before anything touched the ground."""
    nothing = np.asarray(np.nan)
    flown = summary_of(outcome, stroke_m=0.0, miss=np.nan)
    return dataclasses.replace(
        flown,
        event_time_s=np.where(np.arange(len(Event)) == Event.START, 0.0, np.nan),
        contact=GroundRelativeState(*[nothing] * 4),
        rest=GroundRelativeState(*[nothing] * 4),
        places=Places(AIM_M, AIM_M, *[np.full(3, np.nan)] * 2),
        peak_force_n=np.zeros(18),
    )


def met(verdict):
    return {each.name: each.met for each in verdict.criteria}


def test_a_landing_inside_every_limit_is_clean():
    verdict = judge(summary_of(), LIMITS)
    assert verdict.outcome == "LANDED"
    assert verdict.clean
    assert all(met(verdict).values())


@pytest.mark.parametrize(
    ("name", "figure", "limit"),
    [
        ("vertical_speed_m_s", "down", 2.0),
        ("horizontal_speed_m_s", "across", 1.0),
        ("tilt_deg", "tilt", math.radians(10.0)),
        ("body_rate_deg_s", "rate", math.radians(2.0)),
    ],
)
def test_a_limit_is_met_at_its_edge_and_not_past_it(name, figure, limit):
    at, past = (
        judge(summary_of(**{figure: value}), LIMITS)
        for value in (limit, np.nextafter(limit, math.inf) * (1.0 + 1e-12))
    )
    assert at.clean
    assert met(at)[name]
    assert not past.clean
    assert [each for each, fine in met(past).items() if not fine] == [name]


def test_a_broken_leg_makes_a_landing_unclean_and_is_counted():
    verdict = judge(summary_of(broken=2), LIMITS)
    assert not verdict.clean
    assert [name for name, fine in met(verdict).items() if not fine] == ["broken_legs_count"]
    assert {each.name: each.value for each in verdict.criteria}["broken_legs_count"] == 2.0


def test_a_strike_is_named_with_its_force_and_place_and_none_is_none():
    struck, clear = (judge(summary_of(hull_n=n), LIMITS).touchdown for n in (500.0, 0.0))
    place = (struck.strike_x_m, struck.strike_y_m, struck.strike_z_m)
    assert (struck.strike_n, place) == (500.0, (0.7, 0.0, 0.85))
    assert (clear.strike_n, clear.strike_x_m) == (None, None)
    assert clear.pad_sinkage_m == 0.03


def test_a_struck_part_is_named_with_its_force_and_counts_as_the_hull():
    """Of eight points of the hull the last two are the parts."""
    limits = dataclasses.replace(LIMITS, part_names=("antenna", "mast"))
    summary = summary_of()
    struck = summary.peak_force_n.copy()
    struck[13] = 700.0
    verdict = judge(dataclasses.replace(summary, peak_force_n=struck), limits)
    assert verdict.touchdown.parts_n == {"antenna": 0.0, "mast": 700.0}
    assert [name for name, fine in met(verdict).items() if not fine] == ["hull_contact_n"]
    assert judge(summary, limits).clean
    assert judge(summary, LIMITS).touchdown.parts_n == {}


def test_a_leg_may_use_less_than_its_stroke_but_not_all_of_it():
    assert judge(summary_of(stroke_m=0.2999), LIMITS).clean
    verdict = judge(summary_of(stroke_m=0.3), LIMITS)
    assert not verdict.clean
    assert not met(verdict)["leg_stroke_m"]


def test_the_hull_on_the_ground_is_no_landing_on_the_feet():
    verdict = judge(summary_of(Outcome.ON_ITS_HULL, hull_n=1e-3), LIMITS)
    assert verdict.outcome == "ON_ITS_HULL"
    assert not verdict.clean
    assert not met(verdict)["hull_contact_n"]


def test_the_bell_on_the_ground_makes_a_landing_unclean():
    verdict = judge(summary_of(bell_n=1e-3), LIMITS)
    assert verdict.outcome == "LANDED"
    assert not verdict.clean
    assert [name for name, fine in met(verdict).items() if not fine] == ["bell_contact_n"]


def test_a_miss_is_a_criterion_of_its_own_and_makes_nothing_unclean():
    verdict = judge(summary_of(miss=201.0), LIMITS)
    assert verdict.clean
    assert not met(verdict)["miss_m"]


def test_the_margin_is_how_far_inside_the_limit():
    by_name = {each.name: each for each in judge(summary_of(down=2.5), LIMITS).criteria}
    assert by_name["vertical_speed_m_s"].margin == pytest.approx(-0.5)
    assert by_name["horizontal_speed_m_s"].margin == pytest.approx(0.9)
    assert by_name["at_rest"].margin == 0.0


@pytest.mark.parametrize("outcome", [Outcome.TIMED_OUT, Outcome.NUMERICAL_FAILURE])
def test_without_a_touchdown_every_figure_is_none_and_nothing_is_met(outcome):
    verdict = judge(never_down(outcome), LIMITS)
    assert verdict.outcome == outcome.name
    assert verdict.touchdown is None
    assert not verdict.clean
    assert not any(met(verdict).values())
    figures = {each.name: each.value for each in verdict.criteria}
    assert figures.pop("at_rest") == 0.0
    assert set(figures.values()) == {None}


@pytest.mark.parametrize("outcome", [Outcome.TIPPED_OVER, Outcome.CRASHED, Outcome.TIMED_OUT])
def test_what_never_came_to_rest_has_figures_at_contact_and_none_at_rest(outcome):
    verdict = judge(summary_of(outcome), LIMITS)
    assert verdict.outcome == outcome.name
    assert not verdict.clean
    assert verdict.touchdown.vertical_speed_m_s == 1.0
    at_rest = ("tilt_deg", "miss_m", "miss_east_m", "miss_north_m")
    at_rest += tuple(f"rest_{on}_{angle}_deg" for on, angle in PLACES)
    assert {getattr(verdict.touchdown, name) for name in at_rest} == {None}
    assert not met(verdict)["tilt_deg"]


def test_latitude_and_longitude_are_those_of_where_it_rests_and_where_it_aimed():
    verdict = judge(summary_of(), LIMITS)
    touchdown = verdict.touchdown
    for on in ("true", "map"):
        assert getattr(touchdown, f"rest_{on}_latitude_deg") == pytest.approx(-84.8, abs=1e-12)
        assert getattr(touchdown, f"rest_{on}_longitude_deg") == pytest.approx(29.2, abs=1e-12)
        assert getattr(verdict.aim, f"aim_{on}_latitude_deg") == pytest.approx(-84.79, abs=1e-12)
        assert getattr(verdict.aim, f"aim_{on}_longitude_deg") == pytest.approx(29.2, abs=1e-12)
    assert (verdict.aim.map_error_east_m, verdict.aim.map_error_north_m) == (0.0, 0.0)
    assert touchdown.time_s == 4177.0


def test_a_batch_is_judged_as_each_of_its_flights_alone():
    flights = [
        summary_of(),
        summary_of(down=2.1),
        summary_of(stroke_m=0.3),
        summary_of(hull_n=5.0),
        summary_of(miss=999.0),
        summary_of(Outcome.TIPPED_OVER),
        never_down(Outcome.TIMED_OUT),
        never_down(Outcome.NUMERICAL_FAILURE),
    ]
    alone = [judge(each, LIMITS).clean for each in flights]
    batch = jax.tree.map(lambda *leaves: np.stack(leaves), *flights)
    assert alone == [True, False, False, False, True, False, False, False]
    assert clean_mask(batch, LIMITS).tolist() == alone
    compiled = jax.jit(clean_mask)(jax.tree.map(jnp.asarray, batch), LIMITS)
    assert compiled.tolist() == alone


def test_the_limits_are_those_of_the_landers_file(athena):
    assert limits_of(athena) == LIMITS
