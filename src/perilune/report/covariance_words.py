"""A budget of errors in words: moments, axes and figures as people read them."""

from collections.abc import Mapping
from typing import Any

from perilune.mechanics.si_units import printed_unit_of
from perilune.report.unit_labels import NOTHING, spelled_out

ARC = 3600.0
"""Seconds of arc to a degree: attitude is shown in them."""
STEERING = ("height_100_m", "height_10_m", "gate")
"""Check points where height and speed steer, the first that a flight has is shown first."""


def axis_words(axis: str) -> str:
    """`position_along_m` is `Position along, m`."""
    return f"{spelled_out(axis)}, {unit_words(axis)}"


def unit_words(axis: str) -> str:
    """The unit that figures of an axis are shown in."""
    unit = printed_unit_of(axis)
    return "″" if unit == "°" else unit


def told(axis: str, value: float) -> float:
    """A figure in the unit that it is shown in."""
    return value * ARC if axis.endswith("_deg") else value


def figure_words(axis: str, value: float | None) -> str:
    """A figure to three places, without its unit."""
    if value is None:
        return NOTHING
    shown = told(axis, value)
    return f"{shown:.0f}" if shown >= 100.0 else f"{shown:.3g}"


def point_words(point: str) -> str:
    """`height_100_m` is `100 m up`."""
    parts = point.split("_")
    if parts[0] == "height":
        return f"{parts[1]} m up"
    if parts[0] == "braking":
        return f"{parts[1]} s of braking"
    words = "cut-off of the descent-orbit burn" if point == "deorbit_cutoff" else " ".join(parts)
    return words[:1].upper() + words[1:]


def last_moment(document: Mapping[str, Any]) -> Mapping[str, Any]:
    """The moment where height steers, or the last one."""
    by_point = {each["point"]: each for each in document["moments"]}
    named = [by_point[point] for point in STEERING if point in by_point]
    return named[0] if named else document["moments"][-1]


def largest(moment: Mapping[str, Any], axis: str) -> str:
    """The source of most of an error."""
    return max(moment["by_source"], key=lambda name: moment["by_source"][name][axis])
