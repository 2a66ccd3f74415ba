"""Figures of belief against truth: the estimate's error inside three of its own sigmas."""

import numpy as np

from perilune.report.axes import time_axis
from perilune.report.figure import Figure, Row, between, line, stack
from perilune.report.record import Record, has, powered_span_s, since_pdi_s

_LOCAL = ("along", "cross", "radial")
_SHOWN = (
    ("position", _LOCAL, "m"),
    ("velocity", _LOCAL, "m_s"),
    ("attitude", ("x", "y", "z"), "deg"),
    ("height", ("over_ground",), "m"),
)
_UNIT = {"m": "m", "m_s": "m/s", "deg": "°"}
_SAYS = (
    "Estimated less true, inside three times the filter's own sigma. Outside the band for more "
    "than 0.3 % of the time, the filter is surer than it should be."
)


def navigation_figures(record: Record) -> list[Figure]:
    """Position, velocity and attitude, each in three directions, and height over the ground."""
    return [_errors(record, *each) for each in _SHOWN if _known(record, *each)]


def share_outside(error: np.ndarray, sigma: np.ndarray) -> float:
    """The share of the known errors beyond three sigma."""
    known = np.isfinite(error) & np.isfinite(sigma)
    return float(np.mean(np.abs(error[known]) > 3.0 * sigma[known])) if known.any() else 0.0


def _errors(record: Record, what: str, parts: tuple[str, ...], unit: str) -> Figure:
    rows = [_row(record, what, part, unit) for part in parts]
    key, title = f"{what}-error", f"Navigation error: {what}"
    return stack((key, title, _SAYS), time_axis(record), rows)


def _row(record: Record, what: str, part: str, unit: str) -> Row:
    time_s = since_pdi_s(record)
    error = record[f"{what}_error_{part}_{unit}"]
    sigma = record[f"{what}_sigma_{part}_{unit}"]
    low, _ = powered_span_s(record)
    shown = time_s >= low
    band = between(time_s, -3.0 * sigma, 3.0 * sigma, "±3 sigma of the filter", "--green")
    trace = line(time_s, error, "error", "--blue")
    outside = 100.0 * share_outside(error[shown], sigma[shown])
    axis = f"{part}, {_UNIT[unit]}<br>{outside:.1f} % outside"
    return Row(axis, (*band, trace), span=_span(error[shown], sigma[shown]))


def _span(error: np.ndarray, sigma: np.ndarray) -> tuple[float, float]:
    """Wide enough for the band and the error of the time shown."""
    reach = np.nanmax(np.concatenate([3.0 * sigma, np.abs(error)]), initial=1e-6)
    return -1.1 * float(reach), 1.1 * float(reach)


def _known(record: Record, what: str, parts: tuple[str, ...], unit: str) -> bool:
    return all(has(record, f"{what}_error_{part}_{unit}") for part in parts)
