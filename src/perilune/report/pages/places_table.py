"""The table of places: aim point and rest, where they truly are and where the map draws them."""

from collections.abc import Mapping

from perilune.report.pages.content import Paragraph, Part, Table
from perilune.report.sentence import aside_words
from perilune.report.unit_labels import NOTHING, shown

_SAME_M = 0.005


def places_table(result: Mapping) -> list[Part]:
    """What is true ground and what is the map's, then the coordinates of both."""
    aim, touchdown = result["aim"], result["touchdown"] or {}
    rows = [
        (f"{spoken}, {where}", *_angles(of, f"{what}_{on}"))
        for spoken, of, what in (("Aim point", aim, "aim"), ("At rest", touchdown, "rest"))
        for where, on in (("true", "true"), ("on the map", "map"))
    ]
    heads = ("Place", "Latitude", "Longitude, east")
    return [Paragraph(_words(aim, touchdown)), Table(heads, rows, "places")]


def _words(aim: Mapping, touchdown: Mapping) -> str:
    east, north = aim["map_error_east_m"], aim["map_error_north_m"]
    if max(abs(east), abs(north)) < _SAME_M:
        laid = "The map of this flight is registered exactly: its coordinates are true coordinates."
    else:
        laid = (
            f"The map is misregistered: the true ground lies {aside_words(east, north)} of its "
            "place on the map. True coordinates are in MOON_ME; coordinates on the map are "
            "those of the same ground as mapped."
        )
    missed = touchdown.get("miss_m")
    if missed is None:
        return laid
    return (
        f"{laid} The miss of {shown(missed, 'm')} is measured over the true ground, from where the "
        "aim point truly is to where the lander rests: "
        f"{aside_words(touchdown['miss_east_m'], touchdown['miss_north_m'])}."
    )


def _angles(places: Mapping, what: str) -> list[str]:
    return [_degrees(places.get(f"{what}_{angle}_deg")) for angle in ("latitude", "longitude")]


def _degrees(value: float | None) -> str:
    """To six decimals, three centimetres."""
    return NOTHING if value is None else f"{value:.6f}°".replace("-", "\N{MINUS SIGN}")
