"""Parts of a lander that do not fit one another are refused when the mission is read."""

import pytest

from perilune.errors import InputError
from tests.truth.dynamics.test_struts_and_soil import CANTILEVER
from validation import landers


def refusal(folder, **parts):
    with pytest.raises(InputError) as caught:
        landers.mission_with(folder, **parts)
    return str(caught.value)


@pytest.mark.parametrize("direction", [[0, 0, -1], [1, 0, 0]], ids=["up", "aside"])
def test_an_engine_that_does_not_push_up_is_refused(tmp_path, direction):
    """The axes of its mount follow from the shortest turn of z, of which there is none to -z."""
    engine = landers.fixed() | {"direction": direction}
    assert "must be within 60 deg of the body's +z" in refusal(tmp_path, engine=engine)


def test_more_engines_than_telemetry_has_columns_for_are_refused(tmp_path):
    many = {f"e{number}": landers.fixed() for number in range(13)}
    words = refusal(tmp_path, engine=many)
    assert "must have at most 12 engines" in words
    assert "but has 13" in words


def test_an_engine_that_draws_from_no_tank_of_the_lander_is_refused(tmp_path):
    words = refusal(tmp_path, engine=landers.fixed() | {"tanks": ["kerosene"]})
    assert "must name tanks of the lander (oxygen, methane), but has `kerosene`" in words


PLACES_M = ((2.0, 0.0), (-1.0, 1.8), (-1.0, -1.8))
PADS = [{"position": [f"{x} m", f"{y} m", "0 m"]} for x, y in PLACES_M]


def test_pads_must_be_as_many_as_the_legs(tmp_path):
    legs = landers.five_legs() | {"pads": PADS, "tread_radius": "2.0591 m"}
    assert "must have an entry for each of the 5 legs" in refusal(tmp_path, legs=legs)


def test_the_tread_must_reach_to_the_furthest_pad(tmp_path):
    """The hypotenuse of 1 m and 1.8 m is 2.059 m; Nova-C's is 2.3 m."""
    legs = landers.five_legs() | {"pads": PADS, "count": 3}
    words = refusal(tmp_path, legs=legs)
    assert "must be the distance of the furthest of `pads` from the axis, 2.059 m" in words


def test_pads_of_legs_with_struts_across_crush_as_these_have_it(tmp_path):
    way = {"crush_direction": [1, 0, 0]}
    pads = [{"position": [f"{x} m", f"{y} m", "0 m"]} | way for x, y in PLACES_M]
    legs = CANTILEVER | {"count": 3, "pads": pads, "tread_radius": "2.0591 m"}
    assert "must have no `crush_direction`" in refusal(tmp_path, legs=legs)


def test_a_curve_of_impulse_goes_by_rising_throttle(tmp_path):
    curve = [{"throttle_fraction": t, "impulse_factor": 1.0} for t in (0.5, 0.3)]
    words = refusal(tmp_path, engine=landers.fixed() | {"impulse_curve": curve})
    assert "must go by rising `throttle_fraction`, but has 0.5, 0.3" in words


BAND = {"ceiling_fraction": 0.66, "full_above_fraction": 0.63, "throttled_below_fraction": 0.57}


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"ceiling_fraction": 0.6}, "in this order, but has 0.25, 0.57, 0.63, 0.6"),
        ({"throttled_below_fraction": 0.2}, "in this order, but has 0.25, 0.2, 0.63, 0.66"),
    ],
)
def test_a_throttle_band_has_its_thresholds_where_the_engine_is_throttled(tmp_path, change, told):
    engine = landers.fixed() | {"throttle_band": BAND | change}
    engine |= {"max_thrust": "4 kN", "min_thrust": "1 kN"}
    assert told in refusal(tmp_path, engine=engine)


@pytest.mark.parametrize(
    "table", [{"throttle_band": BAND}, {"gimbal_drive": {"rate": "0.2 deg/s"}}], ids=str
)
def test_engines_have_a_band_or_a_slow_drive_together(tmp_path, table):
    two = {"north": landers.fixed() | table, "south": landers.fixed()}
    assert f"`{next(iter(table))}`" in refusal(tmp_path, engine=two)


def test_the_liquid_of_all_tanks_sways_or_of_none(tmp_path):
    first, *others = landers.nova_c()["tanks"]
    del first["slosh"]
    words = refusal(tmp_path, tanks=[first, *others])
    assert "must have a table `slosh` if another tank has one" in words


PULSING = {"min_on": "20 ms", "min_off": "20 ms"}
FIXED_N = {"max_thrust": "4 kN", "min_thrust": "4 kN"}


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"min_thrust": "1 kN"}, "must be `max_thrust`, 4000 N, as an engine with `pulsing` is on"),
        ({"throttle_band": BAND}, "must be left out, as an engine with `pulsing` is not throttled"),
        ({"pulsing": {"min_on": "80 ms"}}, "leaves half a tick no choice of thrusts"),
    ],
)
def test_an_engine_that_pulses_is_on_or_off(tmp_path, change, told):
    assert told in refusal(
        tmp_path, engine=landers.fixed() | FIXED_N | {"pulsing": PULSING} | change
    )


def test_a_floor_is_at_most_full_thrust(tmp_path):
    landers.mission_with(tmp_path, engine=landers.fixed() | FIXED_N)
    words = refusal(tmp_path, engine=landers.fixed() | FIXED_N | {"min_thrust": "4.1 kN"})
    assert "must be at most `lander.engine.max_thrust`, which is 4000 N, but is 4100 N" in words
