"""The command touchdown: a lander by itself, dropped on a slope."""

import dataclasses
import json
import math
import sys
from collections.abc import Iterator
from typing import Annotated, Any

import typer

from perilune.app import options
from perilune.app.quantity_options import quantity
from perilune.app.shared_options import spread

SHOWN = (
    ("slope", "slope_deg", "{:g}°"),
    ("way", "azimuth_deg", "{:g}°"),
    ("ending", "ending", "{}"),
    ("tilt at rest", "tilt_deg", "{:.1f}°"),
    ("slid", "slid_m", "{:.2f} m"),
    ("most leg stroke", "leg_stroke_m", "{:.3f} m"),
)
"""Of each touchdown at the speeds asked for: head, column and form."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class DropOptions:
    """How a lander comes down, and on what."""

    vertical_m_s: Annotated[
        float,
        typer.Option(
            "--vertical",
            metavar="M_S",
            parser=quantity("--vertical", "m/s", 0.05, 20.0),
            help="Down, m/s.",
        ),
    ] = 1.0
    horizontal_m_s: Annotated[
        float,
        typer.Option(
            "--horizontal",
            metavar="M_S",
            parser=quantity("--horizontal", "m/s", 0.0, 20.0),
            help="Across, m/s.",
        ),
    ] = 0.0
    slope: Annotated[
        list[float] | None,
        typer.Option(
            metavar="DEG",
            parser=quantity("--slope", "deg", 0.0, 45.0),
            help="Of the ground, deg; may be repeated. Default: 0.",
        ),
    ] = None
    azimuth: Annotated[
        str, typer.Option(metavar="DEG", help="Of the way, from straight downhill; or all.")
    ] = "0"
    heading_deg: Annotated[
        float,
        typer.Option(
            "--heading",
            metavar="DEG",
            parser=quantity("--heading", "deg"),
            help="Of body +x, from straight downhill, deg.",
        ),
    ] = 0.0
    lean_deg: Annotated[
        float,
        typer.Option(
            "--lean",
            metavar="DEG",
            parser=quantity("--lean", "deg", 0.0, 45.0),
            help="Of body z from the vertical at contact, deg.",
        ),
    ] = 0.0
    lean_azimuth_deg: Annotated[
        float,
        typer.Option(
            "--lean-azimuth",
            metavar="DEG",
            parser=quantity("--lean-azimuth", "deg"),
            help="Towards which it leans, from body +x to +y, deg.",
        ),
    ] = 0.0
    cutoff_s: Annotated[
        float,
        typer.Option(
            "--cutoff",
            metavar="S",
            parser=quantity("--cutoff", "s", 0.0, 20.0),
            help="How long the engine carries the weight, s.",
        ),
    ] = 0.0
    propellant_kg: Annotated[
        float,
        typer.Option(
            "--propellant",
            metavar="KG",
            parser=quantity("--propellant", "kg", 0.0),
            help="In the tanks, kg.",
        ),
    ] = 0.0
    site: Annotated[
        str | None, typer.Option(metavar="SITE", help="Whose soil it comes down on; default: rock.")
    ] = None
    stop: Annotated[
        str | None,
        typer.Option(metavar="HEIGHT", help='Of a straight wall across the way, such as "20 cm".'),
    ] = None
    stop_distance: Annotated[
        str,
        typer.Option(metavar="LENGTH", help="From the foremost pad to that wall, at the start."),
    ] = "30 cm"
    settings: options.Settings = None
    out: Annotated[
        str | None, typer.Option(metavar="DIR", help="Output folder; default: runs/….")
    ] = None
    as_json: options.AsJson = False


@spread
def touchdown(
    asked: DropOptions,
    lander: Annotated[
        str,
        typer.Argument(
            metavar="LANDER", help="A lander or a mission: a name in the catalog or a path."
        ),
    ],
) -> None:
    """Drop a lander on a slope; map the speeds at which it stands, slides, breaks or tips.

    Example: perilune touchdown nova-c --vertical 3.3 --horizontal 0.65 --slope 12 --azimuth all
    """
    from perilune.app.drop_lander import Place, azimuths_deg, drop_and_write, wall_sizes_m
    from perilune.app.flight_screen import progress
    from perilune.environment_variables import named_folders
    from perilune.flight.stability_grid import Asked

    wall_height_m, wall_distance_m = wall_sizes_m(asked.stop, asked.stop_distance)
    drops = Asked(
        vertical_speed_m_s=asked.vertical_m_s,
        horizontal_speed_m_s=asked.horizontal_m_s,
        slopes_deg=asked.slope or [0.0],
        azimuths_deg=azimuths_deg(asked.azimuth),
        heading_deg=asked.heading_deg,
        lean_deg=asked.lean_deg,
        lean_azimuth_deg=asked.lean_azimuth_deg,
        cutoff_s=asked.cutoff_s,
        propellant_kg=asked.propellant_kg,
        wall_height_m=wall_height_m,
        wall_distance_m=wall_distance_m,
    )
    place = Place(lander, asked.site, tuple(asked.settings or ()), named_folders())
    with progress() as notify:
        document, folder = drop_and_write(place, drops, asked.out, notify)
    if asked.as_json:
        sys.stdout.write(json.dumps(document, indent=2, ensure_ascii=False) + "\n")
        return
    sys.stdout.write("".join(f"{line}\n" for line in _lines(document)) + f"{folder}\n")


def _lines(document: dict[str, Any]) -> Iterator[str]:
    """The touchdowns at the speeds that were asked for, and how those of the whole map end."""
    from perilune.app.check_lines import table

    every = document["touchdowns"]
    first, counts = every[0], document["map"]
    yield (
        f"{first['vertical_speed_m_s']:g} m/s down, {first['horizontal_speed_m_s']:g} m/s across, "
        f"on {document['ground']}; way: from straight downhill"
    )
    rows = [[form.format(_known(row[name])) for _, name, form in SHOWN] for row in every]
    yield from table([head for head, _, _ in SHOWN], rows)
    parts = ", ".join(f"{count} {name}" for name, count in counts.items())
    yield f"of the map's {sum(counts.values())} touchdowns, at speeds about these: {parts}"


def _known(value: float | str | None) -> float | str:
    return math.nan if value is None else value


def add_to(app: typer.Typer) -> None:
    """Give this command to the command line."""
    app.command()(touchdown)
