"""What an envelope says in words: values of a factor, where levels are crossed, what fails."""

from collections.abc import Mapping

from perilune.report.unit_labels import NOTHING

HELD, HALF = 0.99, 0.5
UNTOLD, TOLD = "not told", "told"
_PRINTED = {"deg": "°"}


def unit_words(factor: Mapping) -> str:
    """The factor's unit as it is printed."""
    return _PRINTED.get(factor["unit"], factor["unit"])


def value_words(factor: Mapping, value: float) -> str:
    """A value with its unit, and its sign where it is a change."""
    sign = "" if factor["change"] == "set" or value == 0.0 else "+" if value > 0.0 else ""
    text = f"{sign}{value:.4g}".replace("-", "\N{MINUS SIGN}")
    unit = unit_words(factor)
    return text + ("" if unit == "°" else "\N{NO-BREAK SPACE}") + unit


def crossing_of(factor: Mapping, level: float) -> Mapping:
    """Where a level is crossed."""
    return next(each for each in factor["crossings"] if each["level"] == level)


def holds_words(factor: Mapping, level: float) -> str:
    """Up to where the estimate is at a level or above it."""
    found = crossing_of(factor, level)
    if found["holds_to"] is None:
        return "not even as it is"
    if found["lost_at"] is None:
        return f"{value_words(factor, factor['furthest'])}, the furthest value"
    return value_words(factor, found["holds_to"])


def between_words(factor: Mapping, level: float) -> str:
    """Between which values the estimate falls through a level."""
    found = crossing_of(factor, level)
    if found["holds_to"] is None:
        return holds_words(factor, level)
    if found["lost_at"] is None:
        return f"beyond {value_words(factor, factor['furthest'])}"
    near, far = (value_words(factor, found[end]) for end in ("holds_to", "lost_at"))
    return f"{near} to {far}"


def shown_words(factor: Mapping, level: float) -> str:
    """Between which values the interval says that it does; a dash where it says nothing."""
    found = crossing_of(factor, level)
    near, far = found["shown_to"], found["shown_lost_at"]
    if far is None and near is None:
        return NOTHING
    if far is None:
        return f"beyond {value_words(factor, near)}"
    if near is None:
        return f"before {value_words(factor, far)}"
    return f"{value_words(factor, near)} to {value_words(factor, far)}"


def first_failure(factor: Mapping) -> str | None:
    """The most frequent first cause where the estimate is first below 0.99; None where it holds.

    Of a value that cannot be flown, `refused`.
    """
    at = crossing_of(factor, HELD)["lost_at"]
    point = next((each for each in factor["points"] if each["value"] == at), None)
    return None if point is None else cause_at(point)


def limit_words(factor: Mapping) -> str:
    """Of the first limit of the design, where it lies and how much of it holds 0.99."""
    if not factor["limits"]:
        return ""
    limit, held = factor["limits"][0], crossing_of(factor, HELD)["holds_to"]
    at = float(f"{limit['value']:.3g}")
    where = f"{limit['words']} at {value_words(factor, at)}"
    if held is None or factor["start"] != 0.0:
        return where
    return f"{where}, of which {100.0 * held / limit['value']:.0f}\N{NO-BREAK SPACE}%"


REFUSED = "refused"


def cause_at(point: Mapping) -> str | None:
    """The most frequent first cause at a point; None where all were clean."""
    if point["problem"] is not None:
        return REFUSED
    causes = point["causes"]
    return max(causes, key=causes.__getitem__) if causes else None


def cause_words(cause: str | None) -> str:
    """A cause as a label: `too fast down`."""
    return NOTHING if cause is None else cause.replace("_", " ")
