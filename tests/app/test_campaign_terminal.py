"""What a terminal says of a campaign's conclusions."""

import io

from rich.console import Console

from perilune.app.campaign_terminal import campaign_lines

DOCUMENT = {
    "runs": 200,
    "clean": 150,
    "outcomes": {"LANDED": 150, "CRASHED": 50},
    "violations": {},
    "drivers": [
        {"path": "lander.altimeter.bias", "words": "higher in unclean flights", "significant": True}
    ],
    "failure_groups": [],
    "probability": 0.75,
    "confidence": 0.95,
    "interval": [0.684, 0.808],
}


def test_a_driver_is_told_with_its_inputs_name():
    out = io.StringIO()
    campaign_lines(DOCUMENT, "runs/x")(Console(file=out, width=120))
    assert "driver: lander.altimeter.bias, higher in unclean flights\n" in out.getvalue()
