"""What share of a figure's variance goes with each drawn input, from any campaign."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
from jaxtyping import Float, Int
from scipy import stats
from scipy.sparse.csgraph import connected_components

from perilune.campaign.analysis.tornado import FIGURES
from perilune.campaign.statistics.columns import DrawnInput, number_or_none, numbers
from perilune.campaign.statistics.minimum_counts import too_few
from perilune.campaign.statistics.multiple_testing import holm

LEAST_COUNT = 100
"""Fewer flights give shares no wider than their own error."""
CELLS = (4, 64)
"""Fewest and most cells an input is cut into: about the root of the count between them."""
TOGETHER = (0.1, 5.0)
"""Inputs are drawn together above this correlation, and above so many of its standard errors."""
DRAWN_TOGETHER = "correlated with"
"""What the `distribution` of an input contains that was drawn in a group."""
WIDEST_REST = 0.25
"""The rest is given only where its interval reaches no farther to either side."""


class Share(NamedTuple):
    """A first-order index, its standard error and influence function, and the p value of zero."""

    sobol: float
    error: float
    influence: Float[np.ndarray, " n"]
    p: float


def first_order(
    table: pa.Table,
    inputs: Sequence[DrawnInput],
    figures: Sequence[str] = FIGURES,
    confidence: float = 0.95,
) -> list[dict[str, Any]]:
    """One dict a figure: `figure, count, mean, sigma, shares, rest, rest_lo, rest_hi, words`.

    A share has `column, path, share, lo, hi, p, p_adjusted, significant, together`: Sobol's
    first-order index Var(E[figure | input]) / Var(figure) of the flights that came to the figure,
    its interval at `confidence`, and the F test of its being zero with Holm's correction over the
    inputs. Where `together`, it is the others' of the input's group too, and such shares overlap.
    `rest` is what no input or group explains by itself: what acts together across groups, and the
    noise drawn tick by tick; None where so few flights leave it anywhere. Largest share first.
    What could not be estimated is None, and `words` gives the reason.
    """
    columns = [numbers(table, one.column) for one in inputs]
    return [
        _figure(figure, numbers(table, figure), inputs, columns, confidence) for figure in figures
    ]


def _figure(
    figure: str,
    values: Float[np.ndarray, " n"],
    inputs: Sequence[DrawnInput],
    columns: Sequence[Float[np.ndarray, " n"]],
    confidence: float,
) -> dict[str, Any]:
    came = np.isfinite(values)
    values = values[came]
    row = {"figure": figure, "count": len(values), "mean": None, "sigma": None, "shares": []}
    row |= dict.fromkeys(("rest", "rest_lo", "rest_hi"))
    if len(values) < LEAST_COUNT:
        return row | {"words": too_few(len(values), LEAST_COUNT, "flights to decide")}
    row |= {"mean": float(np.mean(values)), "sigma": float(np.std(values, ddof=1))}
    varied = [(one, drawn[came]) for one, drawn in zip(inputs, columns, strict=True)]
    varied = [(one, drawn) for one, drawn in varied if _varies(drawn)]
    if row["sigma"] == 0.0 or not varied:
        return row | {"words": "nothing varied"}
    z = stats.norm.ppf(0.5 + confidence / 2.0)
    shares = _shares(varied, values, z, 1.0 - confidence)
    rest = _rest([drawn for _, drawn in varied], values, z)
    return row | {"shares": shares} | rest


def _shares(
    varied: Sequence[tuple[DrawnInput, Float[np.ndarray, " n"]]],
    values: Float[np.ndarray, " n"],
    z: float,
    allowed: float,
) -> list[dict[str, Any]]:
    found = [share(drawn, values) for _, drawn in varied]
    adjusted = holm([p for *_, p in found])
    paired = together(*zip(*varied, strict=True))
    rows = [
        {
            "column": one.column,
            "path": one.path,
            "share": _clipped(index),
            "lo": _clipped(index - z * error),
            "hi": _clipped(index + z * error),
            "p": number_or_none(p),
            "p_adjusted": number_or_none(p_adjusted),
            "significant": bool(p_adjusted <= allowed),
            "together": one.column in paired,
        }
        for (one, _), (index, error, _, p), p_adjusted in zip(varied, found, adjusted, strict=True)
    ]
    return sorted(rows, key=lambda row: -row["share"])


def share(drawn: Float[np.ndarray, " n"], values: Float[np.ndarray, " n"]) -> Share:
    """The `Share` of one input in one figure's variance.

    The index is the correlation ratio over cells of equal count, less its bias (Kelley's
    epsilon squared, PNAS 21, 1935, 554-559). Its error is that of its influence function,
    -((y - E[y|x])² - (1 - S)(y - E[y])²) / Var y, plus the part of second order that is left
    when S = 0, which makes it wide there. p is the F test's.
    """
    cell = cells(drawn)
    count, cell_count = len(values), np.max(cell) + 1
    means = np.bincount(cell, values) / np.bincount(cell)
    departure, residual = values - np.mean(values), values - means[cell]
    within = np.sum(residual**2) / (count - cell_count)
    variance = np.sum(departure**2) / (count - 1)
    index = 1.0 - within / variance
    squares = residual**2 * count / (count - cell_count)
    influence = -(squares - (1.0 - index) * departure**2) / variance
    error = np.sqrt(np.mean(influence**2) / count + _second_order(index, cell_count, count))
    between = (np.sum(departure**2) - np.sum(residual**2)) / (cell_count - 1)
    p = stats.f.sf(between / within, cell_count - 1, count - cell_count) if within > 0.0 else 0.0
    return Share(index, error, influence, p)


def _second_order(index: float, cell_count: int, count: int) -> float:
    return 2.0 * (cell_count - 1) * (1.0 - index) ** 2 / count**2


def cells(drawn: Float[np.ndarray, " n"]) -> Int[np.ndarray, " n"]:
    """Whole numbers from 0: cells of equal count by rank; equal values share a cell."""
    few, most = CELLS
    wanted = int(np.clip(np.sqrt(len(drawn)), few, most))
    distinct, place = np.unique(drawn, return_inverse=True)
    if len(distinct) <= wanted:
        return place
    by_rank = np.floor((stats.rankdata(drawn) - 0.5) / len(drawn) * wanted)
    return np.unique(by_rank, return_inverse=True)[1]


def _rest(
    columns: Sequence[Float[np.ndarray, " n"]], values: Float[np.ndarray, " n"], z: float
) -> dict[str, Any]:
    """The share that no input explains, nor any independent part of inputs drawn together."""
    found = [(share(part, values), np.max(cells(part)) + 1) for part in apart(columns)]
    count = len(values)
    rest = 1.0 - sum(index for (index, *_), _ in found)
    influence = np.sum([influence for (_, _, influence, _), _ in found], axis=0)
    second = sum(_second_order(index, number, count) for (index, *_), number in found)
    error = np.sqrt(np.mean(influence**2) / count + second)
    return _rest_row(count, rest, z * error)


def _rest_row(count: int, rest: float, reach: float) -> dict[str, Any]:
    """The rest with its interval; where that is too wide, how many flights it takes.

    The reach of the interval falls as the count to the power -3/4, since cells are as the root of
    the count.
    """
    if reach > WIDEST_REST:
        least = int(np.ceil(count * (reach / WIDEST_REST) ** (4.0 / 3.0) / 100.0) * 100)
        words = f"too few flights for the rest: {count:,}, about {least:,} are needed"
        return dict.fromkeys(("rest", "rest_lo", "rest_hi")) | {"words": words}
    return {
        "rest": _clipped(rest),
        "rest_lo": _clipped(rest - reach),
        "rest_hi": _clipped(rest + reach),
        "words": "of the flights that came to it",
    }


def apart(columns: Sequence[Float[np.ndarray, " n"]]) -> list[Float[np.ndarray, " n"]]:
    """The columns with those drawn together turned to their principal components.

    A correlated group's first-order shares overlap and cannot be added; its components', which
    are independent if the group is Gaussian, can.
    """
    scaled, group = _grouped(columns)
    return [part for one in np.unique(group) for part in _components(scaled[:, group == one])]


def together(inputs: Sequence[DrawnInput], columns: Sequence[Float[np.ndarray, " n"]]) -> set[str]:
    """The columns' names of inputs drawn together with others: so declared, or seen in the draws.

    `columns` are the numbers drawn of each; what did not vary is drawn with nothing.
    """
    declared = {one.column for one in inputs if DRAWN_TOGETHER in getattr(one, "distribution", "")}
    varied = [(one, drawn) for one, drawn in zip(inputs, columns, strict=True) if _varies(drawn)]
    if not varied:
        return declared
    _, group = _grouped([drawn for _, drawn in varied])
    return declared | {
        one.column for (one, _), mine in zip(varied, group, strict=True) if sum(group == mine) > 1
    }


def _varies(drawn: Float[np.ndarray, " n"]) -> bool:
    return bool(drawn.size and np.ptp(drawn) > 0.0)


def _grouped(
    columns: Sequence[Float[np.ndarray, " n"]],
) -> tuple[Float[np.ndarray, "n d"], Int[np.ndarray, " d"]]:
    """((n, d) columns of mean 0 and sigma 1, (d,) the number of each one's group)."""
    scaled = np.stack([(one - np.mean(one)) / np.std(one) for one in columns], axis=1)
    correlation = scaled.T @ scaled / len(scaled)
    least = max(TOGETHER[0], TOGETHER[1] / np.sqrt(len(scaled)))
    return scaled, connected_components(np.abs(correlation) > least, directed=False)[1]


def _components(scaled: Float[np.ndarray, "n d"]) -> list[Float[np.ndarray, " n"]]:
    if scaled.shape[1] == 1:
        return [scaled[:, 0]]
    sizes, directions = np.linalg.eigh(scaled.T @ scaled / len(scaled))
    return [scaled @ one for size, one in zip(sizes, directions.T, strict=True) if size > 1e-9]


def _clipped(value: float) -> float:
    return float(np.clip(value, 0.0, 1.0))
