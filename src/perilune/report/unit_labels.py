"""How names and values read to a person."""

import re
from collections.abc import Mapping

from perilune.mechanics.si_units import bare_name
from perilune.mechanics.si_units import printed_unit_of as unit_of

NOTHING = "\N{EN DASH}"
YES_OR_NO = {"at_rest"}
"""Criteria that are 1 or 0."""


def spelled_out(name: str) -> str:
    """A name as words, without its unit: `vertical_speed_m_s` is `Vertical speed`."""
    words = bare_name(name).replace("_", " ").replace("-", " ").strip()
    return words[:1].upper() + words[1:]


def shown(value: object, unit: str = "") -> str:
    """A value to four figures with its unit; nothing that happened is a dash."""
    if value is None:
        return NOTHING
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return _with_unit(f"{value:,}" if abs(value) >= 10_000 else str(value), unit)
    return _with_unit(figures(value), unit) if isinstance(value, float) else str(value)


def criterion_cells(criterion: Mapping) -> tuple[str, str, str]:
    """Value, limit and margin as a person reads them."""
    if criterion["name"] in YES_OR_NO:
        return shown(bool(criterion["value"])), shown(bool(criterion["limit"])), NOTHING
    unit = unit_of(criterion["name"])
    value, limit, margin = (shown(criterion[each], unit) for each in ("value", "limit", "margin"))
    return value, limit, margin


def figures(value: float) -> str:
    """A number for people: four figures, thousands separated, an exponent only where needed."""
    if value != 0 and not 1e-4 <= abs(value) < 1e9:
        return f"{value:.3g}"
    if abs(value) >= 1000:
        return f"{value:,.0f}"
    return f"{value:.4g}"


def to_four_figures(words: str) -> str:
    """These words with the longer of their numbers to four figures."""
    return re.sub(r"\d+\.\d{4,}", lambda found: f"{float(found[0]):.4g}", words)


def _with_unit(text: str, unit: str) -> str:
    text = "\N{MINUS SIGN}" + text[1:] if text.startswith("-") else text
    return text + ("" if unit in {"", "°", "°/s"} else "\N{NO-BREAK SPACE}") + unit
