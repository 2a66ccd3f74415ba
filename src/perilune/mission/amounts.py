"""Amounts in a list of dispersions as SI numbers: values, sigmas, bounds, correlations."""

import re
from collections.abc import Mapping, Sequence
from math import inf, isfinite, sqrt

from perilune.errors import InputError
from perilune.interfaces.quantities import NUMBER_AND_UNIT, in_words, si_value, wanted
from perilune.interfaces.table import NEVER
from perilune.mission.mission_files import nearest
from perilune.mission.parameters import Leaf


class WrongEntryError(Exception):
    """Half a sentence: what is wrong with an entry."""


def amount(key: str, value: str | float, leaf: Leaf) -> float:
    """A value as the file has it, in SI."""
    if value == NEVER and leaf.may_never:
        return inf
    try:
        if isinstance(value, str):
            return si_value(value, leaf.unit)
    except InputError as error:
        raise WrongEntryError(f"`{key}` {error}.") from error
    if leaf.unit:
        raise WrongEntryError(f"`{key}` must be {wanted(leaf.unit)}, but is {value}.")
    return float(value)


def sigma_si(key: str, value: str | float, leaf: Leaf, known: Mapping[str, Leaf]) -> float:
    """One sigma in SI: a fraction of the value, a quantity, or the number at a path."""
    if key == "sigma_fraction":
        if not isinstance(value, int | float) or value < 0.0:
            raise WrongEntryError(
                f"`sigma_fraction` must be a number that is not negative, but is {value}."
            )
        if leaf.value == 0.0:
            raise WrongEntryError("its value is zero, of which there is no fraction; give `sigma`.")
        return value * abs(leaf.value)
    if isinstance(value, str) and not re.match(NUMBER_AND_UNIT, value) and "." in value:
        found = known.get(value)
        if found is None:
            cure = nearest(value, sorted(path for path in known if path.startswith(value[:8])))
            raise WrongEntryError(f"`sigma` names `{value}`, where there is no number; {cure}")
        if found.unit != leaf.unit:
            raise WrongEntryError(
                f"`sigma` must be {wanted(leaf.unit)}, but `{value}` is in {found.unit}."
            )
        sigma = found.value
    else:
        sigma = amount(key, value, leaf)
    if sigma < 0.0 or not isfinite(sigma):
        raise WrongEntryError(f"`sigma` must not be negative, but is {value}.")
    return sigma


def check_sigma(leaf: Leaf, sigma: float) -> None:
    """A sigma no wider than what the value may be, or its draws would only fill that evenly."""
    if sigma > leaf.high - leaf.low:
        ends = " to ".join(in_words(each, leaf.unit) for each in (leaf.low, leaf.high))
        raise WrongEntryError(
            f"`sigma` must be at most {in_words(leaf.high - leaf.low, leaf.unit)}, as the value "
            f"itself may be {ends}, but is {in_words(sigma, leaf.unit)}."
        )


def check_within(leaf: Leaf, low: float, high: float) -> None:
    """Bounds in their order, and inside what the file's own value may be."""
    if low >= high and isfinite(low) and isfinite(high):
        raise WrongEntryError("`low` must be below `high`.")
    if (isfinite(low) and low < leaf.low) or (isfinite(high) and high > leaf.high):
        ends = " to ".join(in_words(each, leaf.unit) for each in (leaf.low, leaf.high))
        raise WrongEntryError(f"it must stay within {ends}, as in a file; correct the bounds.")


def cholesky(correlation: Sequence[Sequence[float]], count: int) -> list[tuple[float, ...]]:
    """The Cholesky factor of a correlation matrix, row by row; checked on the way."""
    if len(correlation) != count or any(len(row) != count for row in correlation):
        raise WrongEntryError(
            f"`correlation` must have {count} rows of {count}, as `paths` name so many."
        )
    if any(abs(correlation[i][i] - 1.0) > 1e-9 for i in range(count)):
        raise WrongEntryError(
            "`correlation` must have ones on its diagonal; sigmas stand in `sigma`."
        )
    factor = [[0.0] * count for _ in range(count)]
    for i in range(count):
        for j in range(i + 1):
            if abs(correlation[i][j] - correlation[j][i]) > 1e-9:
                raise WrongEntryError("`correlation` must be symmetric; correct one of the halves.")
            rest = correlation[i][j] - sum(a * b for a, b in zip(factor[i], factor[j], strict=True))
            if i == j and rest <= 1e-12:
                raise WrongEntryError(
                    "`correlation` must be positive definite, but its entries contradict one "
                    "another."
                )
            factor[i][j] = sqrt(rest) if i == j else rest / factor[j][j]
    return [tuple(row) for row in factor]
