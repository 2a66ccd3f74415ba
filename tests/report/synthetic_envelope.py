"""A made-up envelope: a factor that crosses both levels, one that holds, one that is refused."""

import dataclasses

from perilune.campaign.envelope.crossings import LEVELS, Span, Tried, crossing
from perilune.campaign.statistics.binomial_interval import clopper_pearson
from tests.report.synthetic_campaign import document, rows

RUNS = 64
LOST = {"too_fast_down": 7, "early_ground": 2}


def point(value, clean, causes=None):
    flown = clean is not None
    return {
        "value": value,
        "settings": [],
        "folder": f"points/x/{value:g}" if flown else None,
        "problem": None if flown else "`lander.engine.min_thrust` must be below the weight.",
        "runs": RUNS if flown else None,
        "clean": clean,
        "probability": clean / RUNS if flown else None,
        "interval": [float(end) for end in clopper_pearson(clean, RUNS, 0.95)] if flown else None,
        "outcomes": {"LANDED": RUNS} if flown else None,
        "causes": (causes or {}) if flown else None,
    }


def factor(name, points, **changes):
    """A factor from its points, its crossings as an envelope has them."""
    span = Span(points[0]["value"], points[-1]["value"])
    tried = [Tried(each["value"], each["clean"] or 0, each["runs"] or 0) for each in points]
    return {
        "name": name,
        "title": name.title(),
        "paths": [f"truth.lander.{name}"],
        "change": "times",
        "unit": "%",
        "told": False,
        "fault": None,
        "start": span.start,
        "furthest": span.furthest,
        "points": points,
        "crossings": [dataclasses.asdict(crossing(span, tried, each, 0.95)) for each in LEVELS],
        "limits": [],
        "returned": 0,
    } | changes


def envelope():
    """What `envelope.json` holds."""
    lost = [
        point(0.0, RUNS),
        point(-10.0, RUNS),
        point(-12.0, RUNS - 9, LOST),
        point(-20.0, 0, {"early_ground": RUNS}),
    ]
    limits = [{"value": -12.5, "words": "peak of the course"}]
    refused = [point(0.0, RUNS), point(44.0, RUNS), point(50.0, None), point(150.0, None)]
    return {
        "schema": 1,
        "mission": "synthetic",
        "title": "Synthetic",
        "seed": 5,
        "faults": [],
        "settings": [],
        "runs": RUNS,
        "confidence": 0.95,
        "factors": [
            factor("thrust", lost, limits=limits, returned=3),
            factor("lag", [point(0.1, RUNS), point(2.0, RUNS)], change="set", unit="s"),
            factor("floor", refused, told=True),
        ],
        "left_out": [{"name": "gimbal-lag", "title": "Gimbal lag", "why": "no engine has one"}],
        "wall_s": 1.0,
        "provenance": document(rows(64, hardship=1.0))["provenance"],
    }
