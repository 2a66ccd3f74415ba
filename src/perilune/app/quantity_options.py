"""Options that are quantities: a bare number in the unit of the option, or one with its own."""

import math
from collections.abc import Callable

from perilune.errors import InputError

FURTHEST = 1e9


def quantity(
    option: str, unit: str, least: float = -FURTHEST, most: float = FURTHEST
) -> Callable[[str | float], float]:
    """How an option is read: "3.3", "3.3 m/s" and "11.9 km/h" are one speed where unit is "m/s".

    InputError, a sentence, for what is no such quantity or not between least and most.
    """

    def read(given: str | float) -> float:
        try:
            value = float(given)
        except ValueError:
            value = _with_unit(option, unit, str(given))
        if not least <= value <= most:  # not-a-number neither
            bounds = f"between {least:g} and {most:g}" if most < FURTHEST else f"at least {least:g}"
            if least <= -FURTHEST:
                bounds = "finite"
            raise InputError(f"{option} must be {bounds} {unit}, but is {given}.")
        return value

    return read


def _with_unit(option: str, unit: str, given: str) -> float:
    from perilune.interfaces.quantities import si_value

    si = "rad" if unit == "deg" else unit
    try:
        value = si_value(given, si)
    except InputError as error:
        raise InputError(
            f'{option} must be a number in {unit}, or one with its unit such as "1 {unit}", but '
            f'is "{given}".'
        ) from error
    return math.degrees(value) if si != unit else value
