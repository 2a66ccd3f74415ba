"""Engines and gimbals as they burned."""

import numpy as np
import pytest

from perilune.report.figures.engine_plots import engine_figures, gimbal, shortfalls
from tests.report.figures.records import drawn, record


def test_the_gimbal_is_drawn_between_its_stops_and_only_while_the_engine_burns():
    columns = {
        "time_s": np.arange(4.0),
        "phase": np.ones(4),
        "thrust_n": np.array([0.0, 900.0, 900.0, 0.0]),
        "gimbal_x_deg": np.array([9.0, 1.0, -2.0, 9.0]),
    }
    figure = gimbal(record(columns, {"limits": {"gimbal_deg": 6.0}}))
    (turn,) = figure.body["data"]
    assert np.nanmax(drawn(turn["y"])) == 1.0
    levels = [shape["y0"] for shape in figure.body["layout"]["shapes"]]
    assert levels == [6.0, -6.0]


def test_several_engines_are_drawn_one_by_one_by_name_and_a_fixed_one_without_a_gimbal():
    time_s = np.arange(4.0)
    burning, off = np.array([0.0, 900.0, 950.0, 0.0]), np.zeros(4)
    columns = {"time_s": time_s, "phase": np.ones(4), "thrust_n": burning, "thrust_1_n": burning}
    columns |= {"thrust_2_n": off} | {f"gimbal_{n}_{a}_deg": time_s for n in (1, 2) for a in "xy"}
    extras = {"engines": {1: "north", 2: "south"}, "limits": {"gimbal_deg": 6.0}}
    thrust, swung, _ = engine_figures(record(columns, extras))
    (trace,) = thrust.body["data"]
    assert trace["name"] == "engine north"
    np.testing.assert_array_equal(drawn(trace["y"])[1:3], [900.0, 950.0])
    assert [each["name"] for each in swung.body["data"]] == ["engine north"] * 2
    fixed = engine_figures(record(columns, extras | {"limits": {"gimbal_deg": 0.0}}))
    assert [each.words.key for each in fixed] == ["engine-thrust", "shortfall"]


@pytest.mark.parametrize(("most", "span"), [(3e-14, [-1.0, 1.0]), (40.0, None)])
def test_what_falls_short_by_rounding_alone_is_drawn_as_nothing(most, span):
    columns = {"time_s": np.arange(4.0), "phase": np.ones(4), "thrust_short_n": np.zeros(4)}
    columns |= {f"torque_short_{a}_n_m": most * np.array([0.0, 1.0, -1.0, 0.0]) for a in "xyz"}
    layout = shortfalls(record(columns, {})).body["layout"]
    assert layout["yaxis"].get("range") == [-1.0, 1.0]
    assert layout["yaxis2"].get("range") == span
