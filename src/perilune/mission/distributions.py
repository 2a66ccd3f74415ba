"""What each distribution makes of an entry: rows of one number each, SI."""

import enum
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import singledispatch
from math import inf, isfinite, isinf, log
from typing import Any

from perilune.interfaces.quantities import in_words
from perilune.interfaces.table import NEVER, Table
from perilune.mission.amounts import (
    WrongEntryError,
    amount,
    check_sigma,
    check_within,
    cholesky,
    sigma_si,
)
from perilune.mission.dispersion_entry import (
    Choice,
    LogNormal,
    Normal,
    TruncatedNormal,
    Uniform,
)
from perilune.mission.parameters import Leaf


class Kind(enum.IntEnum):
    """How a row is drawn; a normal one within bounds is truncated there."""

    NORMAL = 0
    LOG_NORMAL = 1
    UNIFORM = 2
    CHOICE = 3


@dataclass(frozen=True, kw_only=True)
class Row:
    """One drawn number, SI."""

    leaf: Leaf
    kind: Kind
    scale: float = 0.0  # one sigma; of the logarithm where log-normal
    low: float = -inf
    high: float = inf
    values: tuple[float, ...] = ()
    weights: tuple[float, ...] = ()
    mix: tuple[float, ...] = (1.0,)  # this row of the group's Cholesky factor
    place: int = 0  # of this row in its group
    words: str = ""
    source: str = ""
    is_epistemic: bool = False

    @property
    def path(self) -> str:
        """Its path, down to the component."""
        return self.leaf.path


@singledispatch
def row_of(entry: Table, leaf: Leaf, known: Mapping[str, Leaf]) -> Row:
    """The row of an entry at one number; `known` are all numbers, by their paths."""
    raise TypeError(f"{entry}, of {len(known)} numbers {leaf.path}, has no distribution.")


def _sigma_of(entry: Any, leaf: Leaf, known: Mapping[str, Leaf]) -> float:
    key = "sigma" if entry.sigma is not None else "sigma_fraction"
    return sigma_si(key, getattr(entry, key), leaf, known)


def _need_value(leaf: Leaf) -> None:
    if isinf(leaf.value):
        raise WrongEntryError("it never comes, so nothing can be drawn about it; give it a value.")


@row_of.register
def _normal(entry: Normal, leaf: Leaf, known: Mapping[str, Leaf]) -> Row:
    return _about_the_value(entry, leaf, known)


def _about_the_value(entry: Any, leaf: Leaf, known: Mapping[str, Leaf]) -> Row:
    _need_value(leaf)
    scale = _sigma_of(entry, leaf, known)
    check_sigma(leaf, scale)
    words = f"normal, sigma {in_words(scale, leaf.unit)}"
    return Row(leaf=leaf, kind=Kind.NORMAL, scale=scale, low=leaf.low, high=leaf.high, words=words)


@row_of.register
def _truncated(entry: TruncatedNormal, leaf: Leaf, known: Mapping[str, Leaf]) -> Row:
    row = _about_the_value(entry, leaf, known)
    low = leaf.low if entry.low is None else amount("low", entry.low, leaf)
    high = leaf.high if entry.high is None else amount("high", entry.high, leaf)
    check_within(leaf, low, high)
    sides = ((low, "from"), (high, "to"))
    ends = [f"{word} {in_words(end, leaf.unit)}" for end, word in sides if isfinite(end)]
    return Row(
        leaf=leaf,
        kind=Kind.NORMAL,
        scale=row.scale,
        low=low,
        high=high,
        words=f"truncated {row.words}, {' '.join(ends)}",
    )


@row_of.register
def _log_normal(entry: LogNormal, leaf: Leaf, known: Mapping[str, Leaf]) -> Row:
    del known
    _need_value(leaf)
    if leaf.value == 0.0:
        raise WrongEntryError(
            "its value is zero, which no factor changes; draw it otherwise, or take the entry out "
            "of the file's `dispersions`."
        )
    words = f"log-normal, sigma factor {entry.sigma_factor:g}"
    scale = log(entry.sigma_factor)
    return Row(
        leaf=leaf, kind=Kind.LOG_NORMAL, scale=scale, low=leaf.low, high=leaf.high, words=words
    )


@row_of.register
def _uniform(entry: Uniform, leaf: Leaf, known: Mapping[str, Leaf]) -> Row:
    del known
    low, high = amount("low", entry.low, leaf), amount("high", entry.high, leaf)
    check_within(leaf, low, high)
    if not isfinite(high - low):
        raise WrongEntryError("`low` and `high` must be finite times.")
    words = f"uniform, {in_words(low, leaf.unit)} to {in_words(high, leaf.unit)}"
    return Row(leaf=leaf, kind=Kind.UNIFORM, scale=0.0, low=low, high=high, words=words)


@row_of.register
def _choice(entry: Choice, leaf: Leaf, known: Mapping[str, Leaf]) -> Row:
    del known
    values = tuple(amount("values", each, leaf) for each in entry.values)
    weights = entry.weights or (1.0,) * len(values)
    for value in values:
        check_within(leaf, value, inf)
        check_within(leaf, -inf, value)
    shares = tuple(weight / sum(weights) for weight in weights)
    named = (f"{_said(v, leaf)} ({s:.3g})" for v, s in zip(values, shares, strict=True))
    row = Row(
        leaf=leaf,
        kind=Kind.CHOICE,
        scale=0.0,
        low=leaf.low,
        high=leaf.high,
        words=f"choice of {', '.join(named)}",
    )
    return replace(row, values=values, weights=shares)


def _said(value: float, leaf: Leaf) -> str:
    return NEVER if isinf(value) else in_words(value, leaf.unit)


def group_rows(
    entry: Normal, leaves: Sequence[Sequence[Leaf]], known: Mapping[str, Leaf]
) -> list[Row]:
    """Several normal rows with one correlation between them."""
    key = "sigma" if entry.sigma is not None else "sigma_fraction"
    sigmas = getattr(entry, key)
    if not isinstance(sigmas, tuple):
        sigmas = (sigmas,) * len(leaves)
    if len(sigmas) != len(leaves):
        raise WrongEntryError(
            f"`{key}` must be as many as `paths`, {len(leaves)}, but are {len(sigmas)}."
        )
    flat = [(leaf, sigma) for some, sigma in zip(leaves, sigmas, strict=True) for leaf in some]
    factor = cholesky(entry.correlation, len(flat))
    rows = []
    for place, (leaf, sigma) in enumerate(flat):
        _need_value(leaf)
        scale = sigma_si(key, sigma, leaf, known)
        check_sigma(leaf, scale)
        words = f"normal, sigma {in_words(scale, leaf.unit)}, correlated with {len(flat) - 1} more"
        row = Row(
            leaf=leaf,
            kind=Kind.NORMAL,
            scale=scale,
            low=leaf.low,
            high=leaf.high,
            words=words,
            place=place,
        )
        rows.append(replace(row, mix=factor[place]))
    return rows
