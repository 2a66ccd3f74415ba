"""`covariance.json`: the model of a linear covariance analysis, by moment, axis and source."""

from collections.abc import Mapping, Sequence
from typing import Any, Literal

import numpy as np
from jaxtyping import Float
from pydantic import Field

from perilune.campaign.covariance.error_axes import AXES
from perilune.campaign.covariance.error_budget import Budget
from perilune.campaign.statistics.columns import numbers
from perilune.flight.carry import CheckPoint
from perilune.verdict.document import AtLeastOne, Count, Document, described, json_schema_of

SCHEMA = 1
DIGITS = 5
"""Of figures over time."""
LEAST_FLIGHTS = 32
"""Fewer flights show no spread worth a comparison."""
NOTHING_FLOWN: dict[str, Any] = {"flown": None, "flights": None}
GROUPS = (
    *(f"position_{axis}" for axis in ("along", "cross", "radial")),
    *(f"velocity_{axis}" for axis in ("along", "cross", "radial")),
    *(f"attitude_{axis}" for axis in ("cross_1", "cross_2", "roll")),
    "height",
)
"""Of the campaign's `nees_…` columns, in the order of `AXES`."""
ByAxis = dict[str, float]
"""Axis, whose name ends in the unit → a figure."""


class Sources(Document):
    """Errors at some moment, one sigma each; squares of `by_source` add up to that of `true`."""

    claimed: ByAxis = described("of the filter's own covariance")
    true: ByAxis = described("of all sources together")
    by_source: dict[str, ByAxis]


class Moment(Sources):
    """A check point of the flight."""

    point: str
    time_s: float = described("since the start of the flight")
    reference: ByAxis = described("error of the reference flight, with no error drawn; no sign")
    flown: dict[str, float | None] | None = described(
        "root mean square error of the campaign beside; null: none, or not for this axis"
    )
    flights: AtLeastOne | None = described("of that campaign, at most by axis; null: none")


class OverTime(Document):
    """The same along the flight: lists, one figure a moment."""

    time_s: list[float] = described("since ignition, or since the start where there is none")
    claimed: dict[str, list[float]]
    true: dict[str, list[float]]
    by_source: dict[str, dict[str, list[float]]]


class CovarianceProvenance(Document):
    """What the analysis was made from."""

    made: str
    software: dict[str, Any]
    files: dict[str, Any]
    plan_sha256: str
    data_folder: Literal["given", "none"]
    gravity: str
    terrain: str
    beside: str | None = described("folder of the campaign; null: none")


class CovarianceDocument(Document):
    """One sigma of the navigation's errors along one flight, by source."""

    schema_version: Literal[1] = Field(alias="schema", description="version of this format")
    mission: str
    title: str
    seed: Count = described("by whose chance readings drop out")
    faults: list[str]
    settings: list[str]
    scales: dict[str, float] = described("source → by what its sigma was multiplied; filter as is")
    sources: list[str] = described("largest share of any error first")
    moments: list[Moment]
    over_time: OverTime
    wall_s: dict[str, float]
    provenance: CovarianceProvenance


def covariance_json_schema() -> dict[str, Any]:
    """The JSON schema (2020-12) that every `covariance.json` satisfies."""
    return json_schema_of(CovarianceDocument, "covariance")


def moments_document(
    budget: Budget,
    points: tuple[CheckPoint, ...],
    consistency: Float[np.ndarray, "10 13"],
) -> list[dict[str, Any]]:
    """The moments of a budget at check points, with nothing flown beside."""
    return [
        {
            "point": point.name.lower(),
            "time_s": float(budget.time_s[row]),
            **_sources(budget, row),
            "reference": _by_axis(budget.claimed[row] * _roots(consistency, point)),
            **NOTHING_FLOWN,
        }
        for row, point in enumerate(points)
    ]


def over_time(budget: Budget, time_s: Float[np.ndarray, " rows"]) -> dict[str, Any]:
    """A budget along the flight."""
    return {
        "time_s": time_s.tolist(),
        "claimed": _lists(budget.claimed),
        "true": _lists(budget.true),
        "by_source": {name: _lists(each) for name, each in budget.by_source.items()},
    }


def ranked(moments: Sequence[Mapping[str, Any]]) -> list[str]:
    """The sources, that with the largest share of the variance of any error first."""

    def share(name: str) -> float:
        squares = [
            (of["by_source"][name][axis], true)
            for of in moments
            for axis, true in of["true"].items()
        ]
        return max((each / true) ** 2 for each, true in squares if true > 0.0)

    return sorted(moments[0]["by_source"], key=share, reverse=True)


def _roots(consistency: Float[np.ndarray, "10 13"], point: CheckPoint) -> Float[np.ndarray, "10"]:
    """The size of the reference flight's errors over the filter's sigmas."""
    height, axes = consistency[point][3], consistency[point][4:]
    return np.sqrt(np.nan_to_num(np.append(axes, height)))


def _sources(budget: Budget, row: int) -> dict[str, Any]:
    return {
        "claimed": _by_axis(budget.claimed[row]),
        "true": _by_axis(budget.true[row]),
        "by_source": {name: _by_axis(each[row]) for name, each in budget.by_source.items()},
    }


def with_flown(document: Mapping[str, Any], rows: Any | None, folder: str | None) -> dict[str, Any]:
    """The document with a campaign beside it, a table of its rows, if there is one."""
    if rows is None:
        return {**document, "provenance": {**document["provenance"], "beside": None}}
    moments = [{**each, **_flown(rows, each)} for each in document["moments"]]
    provenance = {**document["provenance"], "beside": folder}
    return {**document, "moments": moments, "provenance": provenance}


def _flown(rows: Any, moment: Mapping[str, Any]) -> dict[str, Any]:
    """Root mean squares by the campaign's NEES, which are over the filter's own variance."""
    columns = [numbers(rows, f"nees_{moment['point']}_{group}") for group in GROUPS]
    known = [each[np.isfinite(each)] for each in columns]
    count = max(map(len, known))
    if count < LEAST_FLIGHTS:
        return NOTHING_FLOWN
    flown = {
        axis: None if len(each) < LEAST_FLIGHTS else moment["claimed"][axis] * _rms(each)
        for (axis, _), each in zip(AXES, known, strict=True)
    }
    return {"flown": flown, "flights": count}


def _rms(squares: Float[np.ndarray, " flights"]) -> float:
    return float(np.sqrt(np.mean(squares)))


def _by_axis(figures: Float[np.ndarray, "10"]) -> ByAxis:
    return {axis: float(each) for (axis, _), each in zip(AXES, figures, strict=True)}


def _lists(figures: Float[np.ndarray, "rows 10"]) -> Mapping[str, list[float]]:
    return {
        axis: [float(f"{each:.{DIGITS}g}") for each in figures[:, place]]
        for place, (axis, _) in enumerate(AXES)
    }
