"""How a quantity is written in a mission file: a number and its unit in a string."""

import functools
import math
import re
from typing import Any

from perilune.errors import InputError
from perilune.mechanics.si_units import BY_SUFFIX

EXAMPLES = {unit.pint: (unit.kind, unit.example) for unit in BY_SUFFIX.values() if unit.kind}

_SQUARE_ROOT = re.compile(r"sqrt\(([^()]*)\)")
_LETTER, _BEFORE = "[A-Za-zµ%°]", r"[^\s\d.A-Za-zµ%°][^\sA-Za-zµ%°]*"
NUMBER_AND_UNIT = (
    r"^\s*([-+]\s*)?(\d+(\.\d*)?|\.\d+)([eE][-+]?\d+)?\s*" + f"({_BEFORE})?{_LETTER}.*$"
)
"""No letter can be matched by two parts of it, so that a long wrong value costs no time."""


@functools.cache
def registry() -> Any:
    """Pint's units, their parsed definitions kept in pint's own cache folder: it saves 0.1 s."""
    import pint

    try:
        return pint.UnitRegistry(cache_folder=":auto:")
    except Exception:  # no folder to write in, or another process is just writing
        return pint.UnitRegistry()


def wanted(unit: str) -> str:
    """What a quantity in this unit must be, in words with an example."""
    if not unit:
        return "a bare number"
    kind, example = EXAMPLES[unit]
    return f'{kind} such as "{example}"'


@functools.lru_cache(maxsize=4096)
def si_value(text: str, unit: str) -> float:
    """The value of `text` ("3.1 kN") in `unit`, the SI unit as `mechanics.si_units` spells it.

    Dimensionless quantities (unit "") may be written "1 %". Raises InputError with the half
    sentence after the key's name: what was expected and what came.
    """
    complaint = InputError(f'must be {wanted(unit)}, but is "{text}"')
    if not re.match(NUMBER_AND_UNIT, text):
        raise complaint
    try:
        quantity = registry().Quantity(_SQUARE_ROOT.sub(r"((\1)**0.5)", text))
        same = _root(quantity) == _root(registry().Quantity(1.0, unit))
        value = float(quantity.to(unit).magnitude) if same else math.nan
    except Exception as error:  # pint raises a dozen kinds, its tokenizer some more
        raise complaint from error
    if not math.isfinite(value):
        raise complaint
    return value


def _root(quantity: Any) -> Any:
    """Its units down to the roots, where pint still distinguishes 1 rad/s from 1 Hz."""
    return quantity.to_root_units().units


def in_words(value: float, unit: str) -> str:
    """A value in SI with its unit, angles in degrees: the way messages show a limit."""
    if unit.startswith("rad"):
        return f"{math.degrees(value):.9g} {unit.replace('rad', 'deg', 1)}"
    return f"{value:.9g} {unit}".rstrip()


def at_most(value: float, digits: int = 4) -> str:
    """A bound from above in so many digits, rounded inward: what is printed keeps the bound."""
    return _inward(value, digits, -1.0)


def at_least(value: float, digits: int = 4) -> str:
    """A bound from below in so many digits, rounded inward: what is printed keeps the bound."""
    return _inward(value, digits, 1.0)


def _inward(value: float, digits: int, way: float) -> str:
    near = float(f"{value:.{digits - 1}e}")
    if (near - value) * way < 0.0:
        near += way * 10.0 ** (math.floor(math.log10(abs(value))) - digits + 1)
    return f"{float(f'{near:.{digits - 1}e}'):.9g}"


def is_quantity(value: Any) -> bool:
    """Whether a value of a file is a number, or text that begins with one and names a unit."""
    if isinstance(value, str):
        return re.match(NUMBER_AND_UNIT, value) is not None
    return isinstance(value, int | float) and not isinstance(value, bool)
