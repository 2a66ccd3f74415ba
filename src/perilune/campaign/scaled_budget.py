"""What if a source of error were larger or smaller, and the filter did not know it.

A linear analysis is of the gains that flew: a source taken twice as large makes twice the error,
and nothing else changes, so that an analysis at hand answers without a flight.
"""

import math
from collections.abc import Iterable, Mapping
from typing import Any

from perilune.campaign.covariance_document import DIGITS, ranked
from perilune.errors import InputError

Scales = Mapping[str, float]
"""Source → what its sigma is multiplied by."""


def read_scales(words: Iterable[str]) -> dict[str, float]:
    """The scales of `SOURCE=FACTOR` each; InputError for what is none."""
    return dict(map(_scale, words))


def _scale(words: str) -> tuple[str, float]:
    source, _, factor = words.rpartition("=")
    try:
        value = float(factor)
    except ValueError:
        value = math.nan
    if not source.strip() or not 0.0 <= value < math.inf:
        raise InputError(
            f"--scale must be a source and what its sigma is multiplied by, 0 or more, such as "
            f"'camera: bias=2', but is {words!r}; correct it."
        )
    return source.strip(), value


def scaled(document: Mapping[str, Any], scales: Scales) -> dict[str, Any]:
    """The document with some sources scaled, by the names that its `sources` have."""
    unknown = [name for name in scales if name not in document["sources"]]
    if unknown:
        raise InputError(
            f"--scale must name a source of this analysis, but {unknown[0]!r} is none; name one "
            f"of: {', '.join(document['sources'])}."
        )
    moments = [{**each, **_moment(each, scales)} for each in document["moments"]]
    over_time = {**document["over_time"], **_over_time(document["over_time"], scales)}
    known = {"moments": moments, "over_time": over_time, "sources": ranked(moments)}
    return {**document, "scales": dict(scales), **known}


def _moment(moment: Mapping[str, Any], scales: Scales) -> dict[str, Any]:
    by_source = {
        name: {axis: scales.get(name, 1.0) * each for axis, each in of.items()}
        for name, of in moment["by_source"].items()
    }
    true = {
        axis: math.sqrt(sum(of[axis] ** 2 for of in by_source.values())) for axis in moment["true"]
    }
    return {"by_source": by_source, "true": true}


def _over_time(along: Mapping[str, Any], scales: Scales) -> dict[str, Any]:
    by_source = {
        name: {axis: [scales.get(name, 1.0) * one for one in each] for axis, each in of.items()}
        for name, of in along["by_source"].items()
    }
    true = {
        axis: [
            float(f"{math.hypot(*at_once):.{DIGITS}g}")
            for at_once in zip(*(of[axis] for of in by_source.values()), strict=True)
        ]
        for axis in along["true"]
    }
    return {"by_source": by_source, "true": true}
