"""The command touchdown: a lander by itself, dropped on a slope."""

import dataclasses
import json
import sys
from typing import Annotated

import typer

from perilune.app import options
from perilune.app.shared_options import spread

SHOWN = ("slope_deg", "azimuth_deg", "ending", "tilt_deg", "slid_m", "leg_stroke_m")


@dataclasses.dataclass(frozen=True, kw_only=True)
class DropOptions:
    """How a lander comes down, and on what."""

    vertical_m_s: Annotated[
        float, typer.Option("--vertical", metavar="M_S", min=0.05, max=20.0, help="Down, m/s.")
    ] = 1.0
    horizontal_m_s: Annotated[
        float, typer.Option("--horizontal", metavar="M_S", min=0.0, max=20.0, help="Across, m/s.")
    ] = 0.0
    slope: Annotated[
        list[float] | None,
        typer.Option(min=0.0, max=45.0, help="Of the ground, deg; may be repeated. Default: 0."),
    ] = None
    azimuth: Annotated[
        str, typer.Option(metavar="DEG", help="Of the way, from straight downhill; or all.")
    ] = "0"
    heading_deg: Annotated[
        float,
        typer.Option("--heading", metavar="DEG", help="Of body +x, from straight downhill, deg."),
    ] = 0.0
    cutoff_s: Annotated[
        float,
        typer.Option(
            "--cutoff",
            metavar="S",
            min=0.0,
            max=20.0,
            help="How long the engine carries the weight, s.",
        ),
    ] = 0.0
    propellant_kg: Annotated[
        float, typer.Option("--propellant", metavar="KG", min=0.0, help="In the tanks, kg.")
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
    from perilune.environment_variables import named_folders
    from perilune.flight.stability_grid import Asked

    wall_height_m, wall_distance_m = wall_sizes_m(asked.stop, asked.stop_distance)
    drops = Asked(
        vertical_speed_m_s=asked.vertical_m_s,
        horizontal_speed_m_s=asked.horizontal_m_s,
        slopes_deg=asked.slope or [0.0],
        azimuths_deg=azimuths_deg(asked.azimuth),
        heading_deg=asked.heading_deg,
        cutoff_s=asked.cutoff_s,
        propellant_kg=asked.propellant_kg,
        wall_height_m=wall_height_m,
        wall_distance_m=wall_distance_m,
    )
    place = Place(lander, asked.site, tuple(asked.settings or ()), named_folders())
    document, folder = drop_and_write(place, drops, asked.out)
    if asked.as_json:
        sys.stdout.write(json.dumps(document, indent=2, ensure_ascii=False) + "\n")
        return
    for row in document["touchdowns"]:
        words = ", ".join(f"{name} {_shown(row[name])}" for name in SHOWN)
        sys.stdout.write(f"{words}\n")
    counts = ", ".join(f"{count} {name}" for name, count in document["map"].items())
    sys.stdout.write(f"of the map: {counts}\n{folder}\n")


def _shown(value: float | str) -> str:
    return value if isinstance(value, str) else f"{value:.3g}"


def add_to(app: typer.Typer) -> None:
    """Give this command to the command line."""
    app.command()(touchdown)
