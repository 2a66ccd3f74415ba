"""What if a source were larger: squares add up, and nothing else moves."""

import math

import pytest

from perilune.campaign.scaled_budget import read_scales, scaled
from perilune.errors import InputError

DOCUMENT = {
    "sources": ["a: bias", "b: noise"],
    "moments": [
        {
            "point": "gate",
            "claimed": {"height_m": 6.0},
            "true": {"height_m": 5.0},
            "by_source": {"a: bias": {"height_m": 4.0}, "b: noise": {"height_m": 3.0}},
        }
    ],
    "over_time": {
        "time_s": [0.0, 1.0],
        "claimed": {"height_m": [6.0, 6.0]},
        "true": {"height_m": [5.0, 13.0]},
        "by_source": {"a: bias": {"height_m": [4.0, 12.0]}, "b: noise": {"height_m": [3.0, 5.0]}},
    },
}


def test_a_source_of_another_size_adds_its_square_to_the_others():
    found = scaled(DOCUMENT, read_scales(["b: noise=4"]))
    (moment,) = found["moments"]
    assert moment["by_source"] == {"a: bias": {"height_m": 4.0}, "b: noise": {"height_m": 12.0}}
    assert moment["true"]["height_m"] == pytest.approx(math.sqrt(4.0**2 + 12.0**2))
    assert found["over_time"]["by_source"]["b: noise"]["height_m"] == [12.0, 20.0]
    assert found["over_time"]["true"]["height_m"] == pytest.approx(
        [math.hypot(4.0, 12.0), math.hypot(12.0, 20.0)], rel=1e-4
    )


def test_what_the_filter_says_stays():
    found = scaled(DOCUMENT, {"b: noise": 4.0})
    assert found["moments"][0]["claimed"] == {"height_m": 6.0}
    assert found["over_time"]["claimed"] == DOCUMENT["over_time"]["claimed"]


def test_the_largest_source_comes_first_and_the_scales_are_told():
    assert scaled(DOCUMENT, {})["sources"] == ["a: bias", "b: noise"]
    found = scaled(DOCUMENT, {"b: noise": 4.0})
    assert found["sources"] == ["b: noise", "a: bias"]
    assert found["scales"] == {"b: noise": 4.0}


def test_no_scale_and_factors_of_one_leave_the_document_as_it_is():
    for scales in ({}, {"a: bias": 1.0}):
        assert scaled(DOCUMENT, scales) == {**DOCUMENT, "scales": scales}


def test_a_source_left_out_makes_nothing():
    found = scaled(DOCUMENT, {"a: bias": 0.0})
    assert found["moments"][0]["true"]["height_m"] == 3.0


def test_a_name_with_an_equals_sign_is_read_to_the_last_one():
    assert read_scales(["a=b: bias=0.5"]) == {"a=b: bias": 0.5}


@pytest.mark.parametrize("words", ["a: bias", "=2", "a: bias=", "a: bias=-1", "a: bias=inf"])
def test_what_is_no_scale_is_refused(words):
    with pytest.raises(InputError, match="--scale must be a source"):
        read_scales([words])


def test_a_source_that_the_analysis_has_not_is_refused_and_its_own_are_named():
    with pytest.raises(InputError, match="name one of: a: bias, b: noise"):
        scaled(DOCUMENT, {"c": 2.0})
