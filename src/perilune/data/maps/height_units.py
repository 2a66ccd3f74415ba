"""What a map's stored numbers are: heights or radii, in which unit, and which are no heights."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from jaxtyping import Bool, Float

from perilune.errors import InputError
from perilune.mechanics.constants import MOON_RADIUS_M

LOWEST_M, HIGHEST_M = -9_300.0, 10_900.0
"""The Moon's own range, -9.2 to +10.8 km (LOLA: Smith et al. 2010), and 0.1 km on either side."""
RADIUS_SPAN_M = 20_000.0
HUGE = 1e30
NO_HEIGHTS: tuple[float, ...] = (-32768.0, -32767.0, -32766.0, 32767.0, 65535.0, -9999.0, -99999.0)
"""Values that files use for pixels without a height; one of them counts where it is impossible."""
NO_HEIGHTS += (-999999.0, -2147483648.0, 2147483647.0, 4294967295.0, 99999.0, 0.0, 1e20, -1e20)
LEAST_RELIEF_PER_EXTENT, LEAST_RELIEF_M = 1e-3, 20.0
METRES_PER_UNIT = {
    **dict.fromkeys(("m", "metre", "metres", "meter", "meters", "mtr"), 1.0),
    **dict.fromkeys(("km", "kilometre", "kilometres", "kilometer", "kilometers"), 1000.0),
    **dict.fromkeys(("dm", "decimetre", "decimetres", "decimeter", "decimeters"), 0.1),
    **dict.fromkeys(("cm", "centimetre", "centimetres", "centimeter", "centimeters"), 0.01),
    **dict.fromkeys(("mm", "millimetre", "millimetres", "millimeter", "millimeters"), 0.001),
    **dict.fromkeys(("ft", "foot", "feet", "international foot"), 0.3048),
    **dict.fromkeys(("us-ft", "ftus", "us survey foot", "us survey feet"), 1200.0 / 3937.0),
}
SILENT_UNITS = ("", "n/a", "na", "none", "unknown", "elevation", "height", "topography", "dn")
MISTAKES = (
    ("in feet, not metres", 0.3048),
    ("half metres, as LOLA products store them, without their scale of 0.5", 0.5),
    ("in decimetres", 0.1),
    ("in centimetres", 0.01),
    ("in millimetres", 0.001),
)
BODY_RADII_M = {"the Earth's": 6.371e6, "Venus's": 6.052e6, "Mars's": 3.39e6, "Mercury's": 2.44e6}
BODY_SPAN_M = 35_000.0
"""Heights and flattening of any of these."""


class Declared(NamedTuple):
    """Unit, scale and offset of stored values as one file declares them; as here where silent."""

    unit: str = ""
    scale: float = 1.0
    offset: float = 0.0


@dataclass(frozen=True, kw_only=True)
class Stored:
    """What a file declares of its numbers: height = unit * (scale * number + offset).

    `nodata` is looked for among scaled numbers too, which some files mean by it.
    """

    where: str
    unit: str = ""
    number_scale: float = 1.0
    number_offset: float = 0.0
    datum_radius_m: float = MOON_RADIUS_M
    nodata: tuple[float, ...] = ()
    cure: str = "declare the unit, for instance with `gdal_edit.py -units km`"


@dataclass(frozen=True)
class HeightRule:
    """Height, m, above the 1,737,400 m sphere = metres_per_number * number + base_m."""

    where: str
    metres_per_number: float
    base_m: float
    nodata: tuple[float, ...] = ()


def metres_per_unit(where: str, unit: str) -> float:
    """Metres in the unit that a file spells in its own way; an undeclared one is the metre."""
    word = unit.strip().strip("<>[]()\"'").replace("_", " ").strip().lower()
    if is_undeclared(unit):
        return 1.0
    if word not in METRES_PER_UNIT:
        raise InputError(
            f"{where}: heights must be in m, km or ft, but the unit is `{unit}`; convert them, or "
            "declare the unit they are in."
        )
    return METRES_PER_UNIT[word]


def is_undeclared(unit: str) -> bool:
    """Whether a file declares no unit."""
    return unit.strip().strip("\"'").lower() in SILENT_UNITS


def heights_m(rule: HeightRule, numbers: Float[np.ndarray, "..."]) -> Float[np.ndarray, "..."]:
    """Heights of stored numbers, not-a-number in gaps; InputError where one is no lunar height."""
    with np.errstate(invalid="ignore", over="ignore"):
        height_m = rule.metres_per_number * numbers + rule.base_m
        wrong = (height_m < LOWEST_M) | (height_m > HIGHEST_M)
    if not wrong.any():
        return height_m
    values = numbers[wrong]
    empty = np.isin(values, rule.nodata) | np.isin(values, NO_HEIGHTS) | (np.abs(values) >= HUGE)
    if not empty.all():
        raise InputError(_impossible(rule.where, height_m[wrong][~empty]))
    height_m[wrong] = np.nan
    return height_m


def height_rule(
    stored: Stored, numbers: Float[np.ndarray, " n"], extent_m: float
) -> tuple[HeightRule, tuple[str, ...]]:
    """How stored numbers become heights, judged by many of them, and what a user ought to know.

    `numbers` (n,) are float64, not-a-number where declared empty, from all over the map; `extent_m`
    is how far the map reaches. Refuses what cannot be the Moon.
    """
    metres = metres_per_unit(stored.where, stored.unit)
    if not (np.isfinite([stored.number_scale, stored.number_offset]).all() and stored.number_scale):
        raise InputError(
            f"{stored.where}: scale and offset must be numbers, and the scale not 0, but they are "
            f"{stored.number_scale:g} and {stored.number_offset:g}; declare them as they are."
        )
    scale, offset_m = metres * stored.number_scale, metres * stored.number_offset
    values_m = scale * numbers[np.isfinite(numbers) & (np.abs(numbers) < HUGE)] + offset_m
    radii = int(np.sum(np.abs(values_m - MOON_RADIUS_M) < RADIUS_SPAN_M))
    is_radius = radii > np.sum(_possible(values_m + stored.datum_radius_m - MOON_RADIUS_M))
    above_m = 0.0 if is_radius else stored.datum_radius_m
    base_m = offset_m + above_m - MOON_RADIUS_M
    rule = HeightRule(stored.where, scale, base_m, _undeclared(stored, numbers, scale, base_m))
    held_m = heights_m(rule, numbers)
    notes = [*_assumed(rule, stored, is_radius), *_relief(stored, held_m, extent_m)]
    return rule, tuple(f"{stored.where}: {note}" for note in notes)


def _possible(height_m: Float[np.ndarray, "..."]) -> Bool[np.ndarray, "..."]:
    return (height_m >= LOWEST_M) & (height_m <= HIGHEST_M)


def _undeclared(
    stored: Stored, numbers: Float[np.ndarray, " n"], scale: float, base_m: float
) -> tuple[float, ...]:
    """A single impossible value, far from all heights, is the file's word for no height."""
    finite = numbers[np.isfinite(numbers)]
    with np.errstate(over="ignore"):
        wrong = finite[~_possible(scale * finite + base_m)]
        scaled = stored.number_scale * wrong + stored.number_offset
    known = np.isin(wrong, NO_HEIGHTS) | (np.abs(wrong) >= HUGE)
    known |= np.isin(scaled, stored.nodata)
    others = np.unique(wrong[~known])
    far_m = np.abs(scale * others + base_m) - HIGHEST_M
    if others.size == 1 and far_m[0] > 5_000.0 and wrong.size < finite.size:
        known = np.ones(wrong.shape, bool)
    return tuple(float(each) for each in np.unique(wrong[known])[:4])


def _assumed(rule: HeightRule, stored: Stored, is_radius: bool) -> Iterator[str]:
    if rule.nodata:
        listed = ", ".join(f"{each:.6g}" for each in rule.nodata)
        yield f"pixels of {listed} are no lunar heights and are taken as gaps; declare nodata."
    if is_radius and abs(rule.base_m) > RADIUS_SPAN_M:
        yield "the values are distances from the Moon's centre, read as heights above 1737.4 km."
    elif not is_radius and stored.datum_radius_m != MOON_RADIUS_M:
        yield (
            f"heights are above a sphere of {stored.datum_radius_m:.0f} m, so "
            f"{stored.datum_radius_m - MOON_RADIUS_M:+.0f} m is added to each."
        )


def _relief(stored: Stored, height_m: Float[np.ndarray, " n"], extent_m: float) -> Iterator[str]:
    """Refuses, or notes, ground far flatter or steeper than any on the Moon: a unit mistaken."""
    held_m = height_m[np.isfinite(height_m)]
    if not held_m.size:
        return
    low_m, high_m = float(held_m.min()), float(held_m.max())
    if low_m == high_m:
        if held_m.size > 1:
            yield f"all heights are the same, {low_m:.6g} m."
        return
    if high_m - low_m > extent_m and height_m.size > 4:
        yield (
            f"heights lie between {low_m:.6g} and {high_m:.6g} m over only {extent_m:.6g} m, "
            "steeper than the Moon; most likely pixels are placed in another unit than declared."
        )
    least_m = min(LEAST_RELIEF_PER_EXTENT * extent_m, LEAST_RELIEF_M)
    if high_m - low_m >= least_m:
        return
    middle_km = 0.5 * (low_m + high_m)
    what = "radii" if abs(middle_km - 1e-3 * MOON_RADIUS_M) < 12.0 else "heights"
    body = body_of(1e3 * low_m, 1e3 * high_m)
    what = f"distances from {body} centre" if body else what
    found = (
        f"heights lie between {low_m:.6g} and {high_m:.6g} m over {1e-3 * extent_m:.6g} km, far "
        f"flatter than the Moon; they are most likely {what} in kilometres"
    )
    if is_undeclared(stored.unit) and (body or max(abs(low_m), abs(high_m)) < 2_000.0):
        raise InputError(f"{stored.where}: {found}; {stored.cure}, or `m` if they are metres.")
    yield f"{found}; {stored.cure} if so."


def body_of(low_m: float, high_m: float) -> str | None:
    """Whose radii two distances are, other than the Moon's; None where nobody's."""
    for body, radius_m in BODY_RADII_M.items():
        if max(abs(low_m - radius_m), abs(high_m - radius_m)) < BODY_SPAN_M:
            return body
    return None


def _impossible(where: str, wrong_m: Float[np.ndarray, " n"]) -> str:
    low_m, high_m = float(wrong_m.min()), float(wrong_m.max())
    body = body_of(low_m, high_m) or body_of(low_m + MOON_RADIUS_M, high_m + MOON_RADIUS_M)
    causes = (
        [f"distances from {body} centre, so a map of that body"]
        if body
        else [
            words
            for words, factor in MISTAKES
            if _possible(factor * np.array([low_m, high_m])).all()
        ]
    )
    likely = f"; they are most likely {causes[0]}" if causes else ""
    if len(causes) > 1:
        likely += f", or {causes[1]}"
    return (
        f"{where}: heights must lie on the Moon, -9200 to 10800 m above the sphere of 1737.4 km, "
        f"but {len(wrong_m)} pixels lie between {low_m:.6g} and {high_m:.6g} m{likely}; declare "
        "unit, scale, offset, datum and nodata as they are."
    )
