"""Whether a field's constants and first terms are the Moon's, and what they are where not."""

import itertools
import math

import numpy as np
from jaxtyping import Float

from perilune.errors import InputError
from perilune.mechanics.constants import (
    EARTH_GM_M3_S2,
    GRAVITY_RADIUS_M,
    MOON_GM_M3_S2,
    SUN_GM_M3_S2,
)

GM_FRACTION, RADIUS_FRACTION = 1e-4, 1e-3
"""Tolerances: the fields of the last thirty years lie within 1e-6, on 1,738 km or 1,737.4 km."""
MOON_C20, C20_FRACTION = -9.088e-5, 0.02
"""4-pi normalised; LP165P, GRGM660PRIM and GRGM1200L lie within 3e-4, tides add 5e-4."""
ORIENTED = {
    ("C", 2, 2): (3.467e-5, "the x axis does not point to the Earth"),
    ("C", 3, 1): (
        2.637e-5,
        "odd orders have the Condon-Shortley phase, or longitudes begin at 180",
    ),
    ("S", 3, 1): (5.456e-6, "longitudes are counted to the west"),
}
ORIENTED_FRACTION = 0.05
"""Terms that a turned or mirrored field has wrong, with what their wrong sign shows; the fields
named above lie within 3e-3."""
BODIES_GM_M3_S2 = {
    "the Sun's": SUN_GM_M3_S2,
    "Jupiter's": 1.26686534e17,
    "Saturn's": 3.793120749e16,
    "Neptune's": 6.8365299e15,
    "Uranus's": 5.793939e15,
    "the Earth's": EARTH_GM_M3_S2,
    "Venus's": 3.24858592e14,
    "Mars's": 4.282837e13,
    "Mercury's": 2.20318e13,
    "Ganymede's": 9.8878e12,
    "Titan's": 8.97814e12,
    "Callisto's": 7.17929e12,
    "Io's": 5.95991e12,
    "Europa's": 3.20271e12,
    "Ceres's": 6.26325e10,
    "Vesta's": 1.7288e10,
}
LARGEST_TERM = 1e-3
"""Ten times C20, the largest term of the Moon; a centre 3 km off would make one of degree 1."""
KM = 1e3
SCALE = {"km": KM, "m": 1.0}


def is_lunar(gm_m3_s2: float, radius_m: float) -> bool:
    """Whether both constants are the Moon's."""
    return _is_gm(gm_m3_s2) and _is_radius(radius_m)


def check_lunar(place: str, gm_m3_s2: float, radius_m: float, unit: str) -> None:
    """Raise InputError where GM and reference radius are not the Moon's, with the likely cause.

    `unit` is what the form has them in, "km" or "m".
    """
    if is_lunar(gm_m3_s2, radius_m):
        return
    cause = _cause(gm_m3_s2, radius_m, unit)
    scale = SCALE[unit]
    per = f"{unit}3/s2"
    raise InputError(
        f"{place}: GM must be the Moon's {MOON_GM_M3_S2 / scale**3:.6g} {per} and the reference "
        f"radius {GRAVITY_RADIUS_M / scale:.6g} {unit}, but they are "
        f"{gm_m3_s2 / scale**3:.10g} and {radius_m / scale:.10g}; {cause}."
    )


def check_terms(place: str, c20: float) -> list[str]:
    """Notes on the C20 of a field; InputError where it shows terms that are not normalised."""
    plain = MOON_C20 * math.sqrt(5.0)
    if math.isclose(c20, plain, rel_tol=C20_FRACTION):
        raise InputError(
            f"{place}: coefficients must be fully (4-pi) normalised, but C20 is {c20:.4g}, the "
            "Moon's without normalisation; divide each by its norm, or use the published file."
        )
    if any(math.isclose(-c20, each, rel_tol=C20_FRACTION) for each in (plain, MOON_C20)):
        raise InputError(
            f"{place}: C20 must be negative as the Moon's, {MOON_C20:.4g}, but is {c20:.4g}, as if "
            "it were J2; change the signs of the zonal terms, or use the published file."
        )
    if math.isclose(c20, MOON_C20, rel_tol=C20_FRACTION):
        return []
    return [f"C20 is {c20:.4g}, where the published lunar fields have {MOON_C20:.4g}"]


def check_orientation(
    place: str,
    cosine: Float[np.ndarray, "degrees orders"],
    sine: Float[np.ndarray, "degrees orders"],
) -> None:
    """Raise InputError where a term of an order above zero is the Moon's with the other sign."""
    for (name, n, m), (lunar, cause) in ORIENTED.items():
        if n >= len(cosine):
            continue
        found = float((cosine if name == "C" else sine)[n, m])
        if math.isclose(-found, lunar, rel_tol=ORIENTED_FRACTION):
            raise InputError(
                f"{place}: {name}{n}{m} must be {lunar:.4g} as the Moon's, but is {found:.4g}, as "
                f"where {cause}; convert the field, or use the published file."
            )


def check_sizes(
    place: str,
    cosine: Float[np.ndarray, "degrees orders"],
    sine: Float[np.ndarray, "degrees orders"],
) -> None:
    """Raise InputError where C00 is not 1 or another term is too large for so round a body."""
    if abs(cosine[0, 0] - 1.0) > 1e-6:
        raise InputError(
            f"{place}: C00 must be 1, as GM has the whole mass, but is {cosine[0, 0]:.6g}; correct "
            "the row or fetch the file again."
        )
    for name, terms in (("C", cosine), ("S", sine)):
        sizes = np.abs(terms) * (np.arange(len(terms))[:, None] > 0)
        n, m = np.unravel_index(np.argmax(sizes), sizes.shape)
        if not sizes[n, m] <= LARGEST_TERM:
            raise InputError(
                f"{place}: normalised terms of the Moon lie within {LARGEST_TERM:g}, but {name} of "
                f"n = {n}, m = {m} is {terms[n, m]:.6g}; correct the row or fetch the file again."
            )


def _is_gm(gm_m3_s2: float) -> bool:
    return math.isclose(gm_m3_s2, MOON_GM_M3_S2, rel_tol=GM_FRACTION)


def _is_radius(radius_m: float) -> bool:
    return math.isclose(radius_m, GRAVITY_RADIUS_M, rel_tol=RADIUS_FRACTION)


def _cause(gm_m3_s2: float, radius_m: float, unit: str) -> str:
    """The likely cause, and its cure."""
    scale = SCALE[unit]
    words = (gm_m3_s2 / scale**3, radius_m / scale)  # as they stand in the file
    if mistakes := _misreadings(words, unit):
        return f"{' and '.join(mistakes)}; write both as this form has them"
    if body := _other_body(words):
        return f"GM is {body}, so this is a field of that body; name one of the Moon"
    if _is_gm(gm_m3_s2):
        return "the radius is no lunar reference radius; correct it or fetch the file again"
    if _is_radius(radius_m):
        return "this GM is not the Moon's; correct it or fetch the file again"
    return "neither is the Moon's; name a lunar field"


def _misreadings(words: tuple[float, float], unit: str) -> list[str]:
    """In which order and units the two words are the Moon's, in words; [] where in none."""
    for swapped, gm_unit, radius_unit in itertools.product((False, True), ("km", "m"), ("km", "m")):
        gm, radius = words[::-1] if swapped else words
        if is_lunar(gm * SCALE[gm_unit] ** 3, radius * SCALE[radius_unit]):
            found = {
                "the two are in each other's place": swapped,
                f"GM is in {gm_unit}3/s2": gm_unit != unit,
                f"the radius is in {radius_unit}": radius_unit != unit,
            }
            return [mistake for mistake, is_made in found.items() if is_made]
    return []


def _other_body(words: tuple[float, float]) -> str | None:
    """The body whose GM the file has, in either place and either unit; None for no known body."""
    for gm in (each * size for each in words for size in (1.0, KM**3)):
        for body, theirs in BODIES_GM_M3_S2.items():
            if math.isclose(gm, theirs, rel_tol=1e-3):
                return body
    return None
