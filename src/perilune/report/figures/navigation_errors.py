"""Figures of belief against truth: the estimate's error beside three of its own sigmas."""

import numpy as np
from jaxtyping import Float

from perilune.mechanics.si_units import printed_unit_of
from perilune.report.figures.axes import time_axis
from perilune.report.figures.figure import Figure, Row, Words, between, line, stack
from perilune.report.record import Record, has, powered_span_s, since_pdi_s

_LOCAL = ("along", "cross", "radial")
_SHOWN = (
    ("position", _LOCAL, "m"),
    ("velocity", _LOCAL, "m_s"),
    ("attitude", ("x", "y", "z"), "deg"),
    ("height", ("over_ground",), "m"),
)
_CAPTION = (
    "Estimate minus truth, and plus and minus three sigma of the filter. Each axis says what "
    "share of the time the error was outside this band or, if it never was, how many times "
    "larger the band was than the largest error: from 2 on the filter was cautious in this "
    "flight, with more than 1 % outside it was overconfident. One flight is one sample: only "
    "the NEES of a campaign shows whether the filter is consistent."
)
_CAPTION_NOMINAL = (
    "Estimate minus truth, and plus and minus three sigma of the filter. Every draw is off in "
    "this flight: the error is what the onboard models leave out and says nothing about the "
    "filter's consistency."
)
CAUTIOUS = 2.0
_OVERCONFIDENT = 0.01


def navigation_figures(record: Record) -> list[Figure]:
    """Position, velocity and attitude, each in three directions, and height over the ground."""
    return [_errors(record, *each) for each in _SHOWN if _known(record, *each)]


def share_outside(error: Float[np.ndarray, " row"], sigma: Float[np.ndarray, " row"]) -> float:
    """The share of the known errors beyond three sigma."""
    known = np.isfinite(error) & np.isfinite(sigma)
    return float(np.mean(np.abs(error[known]) > 3.0 * sigma[known])) if known.any() else 0.0


def room(error: Float[np.ndarray, " row"], sigma: Float[np.ndarray, " row"]) -> float | None:
    """How many times three sigma is the error at least, None where there is no error to compare."""
    known = np.isfinite(error) & np.isfinite(sigma) & (sigma > 0.0)
    most = float(np.max(np.abs(error[known]) / (3.0 * sigma[known]), initial=0.0))
    return 1.0 / most if most > 0.0 else None


def consistency_words(error: Float[np.ndarray, " row"], sigma: Float[np.ndarray, " row"]) -> str:
    """How the filter's band compares with its error, in a few words."""
    outside, wider = share_outside(error, sigma), room(error, sigma)
    if wider is None:
        return "no error known"
    if outside > 0.0:
        share = f"{100.0 * outside:.2g}" if outside < 0.1 else f"{100.0 * outside:.0f}"
        return f"{'overconfident: ' if outside > _OVERCONFIDENT else ''}{share} % outside"
    return f"{'cautious: ' if wider >= CAUTIOUS else ''}band {wider:.1f} times error"


def _errors(record: Record, what: str, parts: tuple[str, ...], unit: str) -> Figure:
    rows = [_row(record, what, part, unit) for part in parts]
    key, title = f"{what}-error", f"Navigation error: {what}"
    caption = _CAPTION_NOMINAL if record.is_nominal else _CAPTION
    return stack(Words(key, title, caption), time_axis(record), rows)


def _row(record: Record, what: str, part: str, unit: str) -> Row:
    time_s = since_pdi_s(record)
    error = record[f"{what}_error_{part}_{unit}"]
    sigma = record[f"{what}_sigma_{part}_{unit}"]
    low, _ = powered_span_s(record)
    shown = time_s >= low
    band = between(time_s, -3.0 * sigma, 3.0 * sigma, "±3 sigma of the filter", "--green")
    trace = line(time_s, error, "error", "--blue")
    axis = f"{part.replace('_', ' ')}, {printed_unit_of(f'error_{unit}')}"
    if not record.is_nominal:
        axis += f"<br>{consistency_words(error[shown], sigma[shown])}"
    return Row(axis, (*band, trace), span=_span(error[shown], sigma[shown]))


def _span(
    error: Float[np.ndarray, " row"], sigma: Float[np.ndarray, " row"]
) -> tuple[float, float]:
    """Wide enough for the band and the error of the time shown."""
    reach = np.nanmax(np.concatenate([3.0 * sigma, np.abs(error)]), initial=1e-6)
    return -1.1 * float(reach), 1.1 * float(reach)


def _known(record: Record, what: str, parts: tuple[str, ...], unit: str) -> bool:
    return all(has(record, f"{what}_error_{part}_{unit}") for part in parts)
