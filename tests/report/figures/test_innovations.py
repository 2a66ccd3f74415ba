"""Readings taken and turned away, a figure for each unit."""

import numpy as np

from perilune.report.figures.innovations import SENSORS, innovation_figures, judged
from tests.report.figures.records import record


def test_a_reading_outside_the_gate_is_turned_away_and_one_that_is_no_good_is_neither():
    columns = {
        "time_s": np.arange(5.0),
        "phase": np.ones(5),
        "altimeter_canted_innovation_m": np.array([1.0, -9.0, 2.0, 9.0, np.nan]),
        "altimeter_canted_gate_m": np.full(5, 5.0),
        "altimeter_canted_valid": np.array([1, 1, 0, 0, 1]),
    }
    taken, refused = judged(record(columns), SENSORS[0], "canted")
    assert taken.tolist() == [True, False, False, False, False]
    assert refused.tolist() == [False, True, False, False, False]


def test_what_the_software_says_it_took_goes_before_the_gate():
    columns = {
        "time_s": np.arange(2.0),
        "phase": np.ones(2),
        "camera_along_innovation_m": np.ones(2),
        "camera_along_gate_m": np.full(2, 5.0),
        "camera_valid": np.ones(2),
        "camera_used": np.array([1, 0]),
    }
    taken, refused = judged(
        record(columns), next(each for each in SENSORS if each.key == "camera"), "along"
    )
    assert taken.tolist() == [True, False]
    assert not refused.any()


def test_each_unit_of_a_kind_has_a_figure_of_its_own():
    columns = {"time_s": np.arange(4.0), "phase": np.ones(4)}
    for stem in ("altimeter_left_canted", "altimeter_right_axial", "camera_along"):
        columns |= {f"{stem}_innovation_m": np.ones(4), f"{stem}_gate_m": np.full(4, 5.0)}
    drawn = innovation_figures(record(columns))
    assert [each.words.title for each in drawn] == [
        "Innovations: laser altimeter left",
        "Innovations: laser altimeter right",
        "Innovations: camera position fixes",
    ]
    assert len({each.words.key for each in drawn}) == 3
