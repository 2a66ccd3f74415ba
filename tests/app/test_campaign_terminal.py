"""What a terminal says of a campaign's conclusions."""

import io

from rich.console import Console

from perilune.app.campaign_terminal import campaign_lines
from perilune.campaign.analysis.failure_modes import WORDS

DOCUMENT = {
    "runs": 200,
    "clean": 150,
    "outcomes": {"LANDED": 150, "CRASHED": 50},
    "violations": {},
    "drivers": [
        {"path": "lander.altimeter.bias", "words": "higher in unclean flights", "significant": True}
    ],
    "failure_groups": [],
    "rows_sha256": "0123456789abcdef" * 4,
    "plan_sha256": "fedcba9876543210" * 4,
    "probability": 0.75,
    "confidence": 0.95,
    "interval": [0.684, 0.808],
}


def printed(document):
    out = io.StringIO()
    campaign_lines(document, "runs/x")(Console(file=out, width=120))
    return out.getvalue()


def test_a_driver_is_printed_with_the_name_of_its_input():
    assert "driver: lander.altimeter.bias, higher in unclean flights\n" in printed(DOCUMENT)


def test_failures_are_printed_in_words():
    group = {"cause": "turning_too_fast", "count": 3, "telling_runs": [4, 1]}
    group["words"] = WORDS["turning_too_fast"]
    said = printed(DOCUMENT | {"failure_groups": [group]})
    assert "failures: 3 touched down turning too fast; runs 4, 1\n" in said
    assert "turning_too_fast" not in said


def test_a_miss_is_printed_as_what_makes_no_touchdown_unclean():
    said = printed(DOCUMENT | {"violations": {"tilt_deg": 5, "miss_m": 2}})
    assert "not met: miss (does not make a touchdown unclean)" in said
    assert said.count("does not make a touchdown unclean") == 1


def test_a_mean_of_nees_outside_its_band_is_printed_with_axis_and_height():
    row = {"group": "position_along", "point": "height_10_m", "verdict": "overconfident"}
    row |= {
        "ratio": 2.4,
        "count": 99,
        "words": "overconfident: its rms error is 2.40 times its sigma",
    }
    said = printed(DOCUMENT | {"consistency": [row, row, row]})
    assert (
        "navigation: overconfident in along-track position at 10 m height, its rms error is 2.40 "
        "times its sigma; 2 other means of NEES outside their band\n"
    ) in said


def test_the_hashes_of_rows_and_plan_are_one_line():
    line = "SHA-256 of the rows 0123456789abcdef, of the plan fedcba9876543210\n"
    assert line in printed(DOCUMENT)
