"""Touchdowns of a lander by itself, from names to the files of its stability map."""

import csv
import functools
import io
import json
import math
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from pydantic import ValidationError

from perilune.app.quantity_options import quantity
from perilune.atomic_files import replace_file
from perilune.errors import InputError
from perilune.folders import Folders
from perilune.mission.mission_files import find, read
from perilune.mission.soil import Soil
from perilune.mission.validation_messages import sentences
from perilune.output_folder import out_folder

if TYPE_CHECKING:
    from perilune.flight.stability_grid import Asked, Columns

FILES = ("touchdown.json", "touchdown.csv", "touchdown.svg")
LOWEST_M, FURTHEST_M = 0.001, 100.0
"""What a wall's height and its distance may be."""
EVERY_AZIMUTH_DEG = tuple(45.0 * step for step in range(8))


def azimuths_deg(words: str) -> tuple[float, ...]:
    """Of `--azimuth`: every 45 degrees, or the one that is given."""
    if words == "all":
        return EVERY_AZIMUTH_DEG
    try:
        azimuth = float(words)
    except ValueError:
        azimuth = math.nan
    if not math.isfinite(azimuth):
        raise InputError(f"--azimuth must be a number of degrees or `all`, but is `{words}`.")
    return (azimuth,)


def wall_sizes_m(height: str | None, distance: str) -> tuple[float | None, float]:
    """Of `--stop` and `--stop-distance`, m; no height where there is no wall."""
    distance_m = quantity("--stop-distance", "m", 0.0, FURTHEST_M)(distance)
    if height is None:
        return None, distance_m
    return quantity("--stop", "m", LOWEST_M, FURTHEST_M)(height), distance_m


def soil_of(name: str | None, folders: Folders) -> Soil | None:
    """The soil of a site by its name or path; None, which is rock, without a name or a `[soil]`."""
    if name is None:
        return None
    document = read(find("site", name, Path.cwd(), folders.catalog))
    values = document.values.get("soil")
    if values is None:
        return None
    try:
        return Soil.model_validate(values)
    except ValidationError as error:
        raise InputError(sentences(error, Soil, {"soil": document.label}, values)[0]) from error


class Place(NamedTuple):
    """A lander and the site whose soil it comes down on, as they are named; what is changed."""

    lander: str
    site: str | None
    settings: Sequence[str]
    folders: Folders


def drop_and_write(
    place: Place, asked: "Asked", out: str | None, notify: Callable[[str], None]
) -> tuple[dict[str, Any], Path]:
    """(the document of the touchdowns asked for, the folder of the map); `notify` hears of stages.

    Raises InputError for what a user can correct.
    """
    from perilune.flight.stability_grid import flown_grid
    from perilune.mission.lander_file import lander_of
    from perilune.report.figures.stability_map import stability_svg

    found = lander_of(place.lander, place.settings, place.folders).lander
    soil = soil_of(place.site, place.folders)
    folder = out_folder(out, Path("runs") / f"{found.name}-touchdown")
    _check(folder)
    columns = flown_grid(found, soil, asked, notify)
    speeds = (asked.vertical_speed_m_s, asked.horizontal_speed_m_s)
    ground = "rock" if soil is None else f"the soil of {place.site}"
    if asked.wall_height_m is not None:
        ground += f" with a stop of {asked.wall_height_m:g} m"
    document = _document(found.name, ground, asked, columns)
    title = f"{found.title}: touchdowns on {ground}"
    texts = (
        json.dumps(document, indent=2, ensure_ascii=False, allow_nan=False) + "\n",
        _table(columns),
        stability_svg(columns, title, speeds),
    )
    _write(folder, dict(zip(FILES, texts, strict=True)))
    return document, folder


def _check(folder: Path) -> None:
    there = {each.name for each in folder.iterdir()} if folder.is_dir() else set()
    if (folder.exists() and not folder.is_dir()) or there - set(FILES):
        raise InputError(
            f"--out must be a new folder or one of touchdowns, but {folder} holds something else; "
            "name another."
        )


def _write(folder: Path, texts: Mapping[str, str]) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, text in texts.items():
            replace_file(folder / name, functools.partial(_put, text))
    except OSError as error:
        raise InputError(
            f"{folder} cannot be written ({error.strerror}); name another with --out."
        ) from error


def _put(text: str, aside: Path) -> None:
    aside.write_text(text, encoding="utf-8")


def _rows(columns: "Columns") -> list[dict[str, Any]]:
    from perilune.flight.stability_grid import ending_words

    shown: dict[str, list[Any]] = {
        name: [_plain(each) for each in values] for name, values in columns.items()
    }
    shown["ending"] = [ending_words(each) for each in columns["ending"]]
    return [dict(zip(shown, row, strict=True)) for row in zip(*shown.values(), strict=True)]


def _plain(value: Any) -> float | bool | None:
    plain = value.item()
    return None if isinstance(plain, float) and not math.isfinite(plain) else plain


def _table(columns: "Columns") -> str:
    text = io.StringIO()
    writer = csv.DictWriter(text, list(columns), lineterminator="\n")
    writer.writeheader()
    writer.writerows(_rows(columns))
    return text.getvalue()


def _document(lander: str, ground: str, asked: "Asked", columns: "Columns") -> dict[str, Any]:
    """What was asked for, touchdown by touchdown, and how many of the map end how."""
    rows = _rows(columns)
    speeds = (asked.vertical_speed_m_s, asked.horizontal_speed_m_s)
    here = [
        row for row in rows if (row["vertical_speed_m_s"], row["horizontal_speed_m_s"]) == speeds
    ]
    endings = [row["ending"] for row in rows]
    return {
        "lander": lander,
        "ground": ground,
        "heading_deg": asked.heading_deg,
        "lean_deg": asked.lean_deg,
        "lean_azimuth_deg": asked.lean_azimuth_deg,
        "cutoff_s": asked.cutoff_s,
        "propellant_kg": asked.propellant_kg,
        "stop_height_m": asked.wall_height_m,
        "stop_distance_m": None if asked.wall_height_m is None else asked.wall_distance_m,
        "touchdowns": here,
        "map": {name: endings.count(name) for name in sorted(set(endings))},
    }
