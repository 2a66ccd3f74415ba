"""The one table of units: how a name ends, what pint calls it, how a person writes it."""

import functools
import re
from dataclasses import dataclass


@dataclass(frozen=True)
class Unit:
    """A unit, SI but for degrees: `velocity_site_m_s` ends in the suffix `m_s`."""

    pint: str
    """As pint spells it; "" for a pure number."""
    printed: str
    """As reports write it."""
    kind: str = ""
    """What is measured in it, with its article; "" where no key of a mission file has it."""
    example: str = ""
    """A quantity as a mission file writes it."""


BY_SUFFIX = {
    "m": Unit("m", "m", "a length", "100 km"),
    "m2": Unit("m**2", "m²"),
    "m3": Unit("m**3", "m³"),
    "s": Unit("s", "s", "a duration", "0.15 s"),
    "kg": Unit("kg", "kg", "a mass", "625 kg"),
    "n": Unit("N", "N", "a force", "4.0 kN"),
    "n_m": Unit("N*m", "N m"),
    "hz": Unit("Hz", "Hz", "a frequency", "2 kHz"),
    "j": Unit("J", "J"),
    "deg": Unit("deg", "°"),
    "rad": Unit("rad", "rad", "an angle", "10 deg"),
    "deg_s": Unit("deg/s", "°/s"),
    "rad_s": Unit("rad/s", "rad/s", "an angular rate", "2 deg/s"),
    "rad_s2": Unit("rad/s**2", "rad/s²"),
    "m_s": Unit("m/s", "m/s", "a speed", "1.0 m/s"),
    "m_s2": Unit("m/s**2", "m/s²", "an acceleration", "300 ug0"),
    "m_s3": Unit("m/s**3", "m/s³", "a jerk", "0.0057 m/s**3"),
    "kg_s": Unit("kg/s", "kg/s", "a mass flow", "0.2 kg/s"),
    "kg_m2": Unit("kg*m**2", "kg m²", "a moment of inertia", "900 kg*m**2"),
    "kg_m3": Unit("kg/m**3", "kg/m³", "a density", "1141 kg/m**3"),
    "m2_s": Unit("m**2/s", "m²/s", "a kinematic viscosity", "1.7e-7 m**2/s"),
    "m3_s2": Unit("m**3/s**2", "m³/s²"),
    "n_per_m": Unit("N/m", "N/m", "a stiffness", "200 kN/m"),
    "n_per_m2": Unit("N/m**2", "N/m²"),
    "kg_per_m2": Unit("kg/m**2", "kg/m²"),
    "pa": Unit("Pa", "Pa", "a pressure", "35 kPa"),
    "n_s_per_m": Unit("N*s/m", "N s/m", "a damping", "2 kN*s/m"),
    "rad_per_sqrt_s": Unit("rad/s**0.5", "rad/√s", "an angular random walk", "0.07 deg/sqrt(h)"),
    "m_s_per_sqrt_s": Unit("m/s**1.5", "m/s/√s", "a velocity random walk", "35 ug0/sqrt(Hz)"),
    "rad_s_per_m_s2": Unit("rad*s/m", "rad s/m", "a drift per push", "0.1 deg/h/g0"),
    "rad_per_m_s2": Unit("rad*s**2/m", "rad s²/m", "an angle per push", "50 urad/g0"),
    "s2_per_m": Unit("s**2/m", "s²/m", "a push per square of a vibration", "50 ug0/g0**2"),
    "fraction": Unit("", ""),
    "factor": Unit("", ""),
    "count": Unit("", ""),
}

_LONGEST_FIRST = sorted(BY_SUFFIX, key=len, reverse=True)
_PRINTED = {each.pint: each.printed for each in BY_SUFFIX.values() if each.pint != each.printed}
_UNIT_OF_PINT = re.compile(
    rf"(?<![\w*/])(?:{'|'.join(map(re.escape, sorted(_PRINTED, key=len, reverse=True)))})(?![\w*/])"
)


@functools.cache
def suffix_of(name: str) -> str | None:
    """The unit suffix of a name without its underscore, or None where it has none."""
    for suffix in _LONGEST_FIRST:
        if name == suffix and not BY_SUFFIX[suffix].pint:
            return suffix
        if name.endswith("_" + suffix):
            return suffix
    return None


def unit_of(name: str) -> str:
    """The unit, as pint spells it, that a name ends in; "" for `_fraction`, `_factor`, `_count`.

    Raises LookupError for a name that names no unit.
    """
    suffix = suffix_of(name)
    if suffix is None:
        raise LookupError(f"`{name}` names no unit; end it in one of {', '.join(BY_SUFFIX)}.")
    return BY_SUFFIX[suffix].pint


def printed_unit_of(name: str) -> str:
    """The unit that a name ends in, as a person writes it: `m/s²`; "" where it names none."""
    suffix = suffix_of(name)
    return BY_SUFFIX[suffix].printed if suffix else ""


def printed(words: str) -> str:
    """Words with the units as a person writes them: `3 m/s**2` is `3 m/s²`, `2 deg` is `2°`."""
    words = _UNIT_OF_PINT.sub(lambda found: _PRINTED[found[0]], words)
    return re.sub(r"(?<=\d)[ \N{NO-BREAK SPACE}]°", "°", words)


def bare_name(name: str) -> str:
    """The name without its unit: `max_thrust_n` is `max_thrust`; `friction_factor` stays."""
    suffix = suffix_of(name)
    if suffix is None or not BY_SUFFIX[suffix].pint:
        return name
    return name[: -len(suffix) - 1]
