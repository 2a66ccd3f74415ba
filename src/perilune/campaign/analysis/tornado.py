"""How far each figure moves between the lowest and the highest fifth of every input."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import pyarrow as pa
from jaxtyping import Bool, Float

from perilune.campaign.statistics.columns import DrawnInput, number_or_none, numbers
from perilune.campaign.statistics.minimum_counts import LEAST_OF_EACH, too_few

FIGURES = ("vertical_speed_m_s", "tilt_deg", "miss_m")
"""Figures whose drivers are sought, beside whether a touchdown is clean."""
FIFTH = 0.2
LEAST_COUNT = 50
"""Fewer flights leave fewer than ten in each fifth: a mean of so few is mostly chance."""


def tornado(
    table: pa.Table, inputs: Sequence[DrawnInput], figures: Sequence[str] = ("clean", *FIGURES)
) -> list[Mapping[str, Any]]:
    """One dict a figure: `figure, count, bars, words`, the widest bar first.

    A bar has `column, path, low_mean, low_error, low_count, high_mean, high_error, high_count,
    span, span_error`: the figure's mean and its standard error over the flights that came to it,
    in the lowest and the highest fifth of the input, each in its own unit; `clean` is the share
    of clean flights. A choice gives its lowest and highest value. What did not
    vary gives no bar. Where there are too few flights for any, or too few clean or unclean ones
    for a share, `words` gives the reason; else None.
    """
    columns = [(one, numbers(table, one.column)) for one in inputs]
    return [_figure(table, columns, figure) for figure in figures]


def _figure(
    table: pa.Table, columns: Sequence[tuple[DrawnInput, Float[np.ndarray, " n"]]], figure: str
) -> dict[str, Any]:
    values = numbers(table, figure)
    came = np.isfinite(values)
    if words := _why_not(figure, values[came]):
        return {"figure": figure, "count": int(np.sum(came)), "bars": [], "words": words}
    spread = _error_of_share if figure == "clean" else _error_of_mean
    bars = [_bar(one, drawn[came], values[came], spread) for one, drawn in columns]
    kept = sorted(filter(None, bars), key=lambda bar: -abs(bar["span"]))
    return {"figure": figure, "count": int(np.sum(came)), "bars": kept, "words": None}


def _why_not(figure: str, values: Float[np.ndarray, " n"]) -> str | None:
    """Why no bar is given, or None."""
    if len(values) < LEAST_COUNT:
        return too_few(len(values), LEAST_COUNT)
    clean = int(np.sum(values)) if figure == "clean" else LEAST_OF_EACH
    if clean < LEAST_OF_EACH:
        return too_few(clean, LEAST_OF_EACH, "clean flights")
    if figure == "clean" and len(values) - clean < LEAST_OF_EACH:
        return too_few(len(values) - clean, LEAST_OF_EACH, "unclean flights")
    return None


def _bar(
    one: DrawnInput,
    drawn: Float[np.ndarray, " n"],
    values: Float[np.ndarray, " n"],
    spread: Callable[[Float[np.ndarray, " n"]], float],
) -> dict[str, Any] | None:
    known = np.isfinite(drawn)
    drawn, values = drawn[known], values[known]
    if len(drawn) == 0 or np.ptp(drawn) == 0.0:
        return None
    low, high = (values[side] for side in fifths(drawn))
    errors = spread(low), spread(high)
    return {
        "column": one.column,
        "path": one.path,
        "low_mean": float(np.mean(low)),
        "low_error": number_or_none(errors[0]),
        "low_count": len(low),
        "high_mean": float(np.mean(high)),
        "high_error": number_or_none(errors[1]),
        "high_count": len(high),
        "span": float(np.mean(high) - np.mean(low)),
        "span_error": number_or_none(np.hypot(*errors)),
    }


def fifths(
    drawn: Float[np.ndarray, " n"],
) -> tuple[Bool[np.ndarray, " n"], Bool[np.ndarray, " n"]]:
    """The lowest and the highest fifth; where one value fills both, all others.

    `drawn` must vary.
    """
    lowest, highest = np.quantile(drawn, (FIFTH, 1.0 - FIFTH))
    if lowest < highest:
        return drawn <= lowest, drawn >= highest
    if np.any(drawn > highest):
        return drawn <= highest, drawn > highest
    return drawn < lowest, drawn >= lowest


def _error_of_mean(values: Float[np.ndarray, " n"]) -> float:
    return np.std(values, ddof=1) / np.sqrt(len(values)) if len(values) > 1 else np.nan


def _error_of_share(values: Float[np.ndarray, " n"]) -> float:
    """The spread of the share's posterior from a flat prior: not zero when all are clean."""
    share = (np.sum(values) + 1.0) / (len(values) + 2.0)
    return np.sqrt(share * (1.0 - share) / (len(values) + 3.0))
