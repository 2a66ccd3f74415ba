"""What `perilune inspect` says of a file: how it is read as a map or as a gravity field."""

import dataclasses
import math
import stat
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from perilune.errors import InputError

MAP_ENDINGS = (".npz", ".img", ".lbl", ".tif", ".tiff", ".xml")
LONGITUDES_DEG, LATITUDES_DEG = (-180.0, 360.0), (-90.0, 90.0)
LABEL_BYTES = 65_536
MAP_LINES = (
    ("read as", "map, {kind}"),
    ("projection", "{projection}"),
    ("datum", "{datum}"),
    ("unit in the file", "{unit}"),
    ("size", "{row_count} rows, {column_count} columns"),
    ("resolution", "{resolution_m:.6g} m"),
    ("heights", "{heights}"),
    ("empty", "{empty_fraction:.2%} of {examined}"),
    ("provenance", "{provenance}"),
)
FIELD_LINES = (
    ("read as", "gravity field, {form}"),
    ("GM", "{gm_m3_s2:.12g} m3/s2"),
    ("reference radius", "{radius_m:.8g} m"),
    ("degree", "{degree}"),
    ("normalisation", "{normalisation}"),
    ("tide system", "{tide_words}"),
    ("C20", "{c20:.10g}"),
)


def place_of(file: str, words: list[str]) -> tuple[float, float] | None:
    """(latitude, longitude) in degrees from two words, None from none; InputError otherwise.

    A misspelt option arrives among `file` and `words`, where negative numbers are let through.
    """
    if options := [word for word in (file, *words) if word.startswith("--")]:
        raise InputError(f"No such option: {options[0]}; see `perilune inspect --help`.")
    if not words:
        return None
    if len(words) != 2:
        raise InputError(
            "A place must be two numbers, latitude and longitude in degrees such as -84.79 29.2, "
            f"but is `{' '.join(words)}`."
        )
    latitude_deg = _degrees("latitude", words[0], LATITUDES_DEG)
    return latitude_deg, _degrees("longitude", words[1], LONGITUDES_DEG)


def inspection(file: str, place: tuple[float, float] | None) -> dict:
    """How a file is read, as a document fit for JSON; at a `place`, `height_m` there or None.

    Raises InputError, one sentence, where the file cannot be read.
    """
    path = Path(file).expanduser()
    _check_file(file, path)
    is_map = path.suffix.lower() in MAP_ENDINGS
    document = _map(path) if is_map else _field(path)
    if place is not None:
        document |= {"latitude_deg": place[0], "longitude_deg": place[1], "height_m": None}
        if is_map:
            from perilune.data.maps.map_description import height_m

            document["height_m"] = height_m(path, *map(math.radians, place))
    return document


def _check_file(file: str, path: Path) -> None:
    """InputError where there is no file of bytes to look into, whatever it may hold."""
    if not file.strip():
        raise InputError("FILE must be the path of a map or a gravity field, but is empty.")
    try:
        kind = path.stat().st_mode
    except OSError as error:
        raise InputError(
            f"{file}: it cannot be opened ({error.strerror}); correct the path."
        ) from error
    if not stat.S_ISREG(kind):
        raise InputError(
            f"{file}: this must be a file with a map or a gravity field, but is "
            f"{'a folder' if stat.S_ISDIR(kind) else 'a pipe or a device'}; name a file."
        )


def inspection_lines(document: dict) -> list[str]:
    """The document for people, a line a figure."""
    lines = [(name, text.format(**_in_words(document))) for name, text in _lines_of(document)]
    lines += [("note", note) for note in document["notes"]]
    if "height_m" in document:
        place = f"{document['latitude_deg']:g}, {document['longitude_deg']:g} deg"
        lines.append((f"height at {place}", _height_words(document)))
    width = max(len(name) for name, _ in lines)
    return [document["path"], *(f"  {name:<{width}}  {text}".rstrip() for name, text in lines)]


def _lines_of(document: Mapping[str, Any]) -> Any:
    return FIELD_LINES if document["is"] == "gravity field" else MAP_LINES


def _in_words(document: dict[str, Any]) -> dict[str, Any]:
    if document["is"] == "gravity field":
        return document | {"tide_words": document["tide"] or "not declared"}
    low, high = document["lowest_m"], document["highest_m"]
    heights = "none" if low is None else f"{low:.1f} m to {high:.1f} m above the 1,737.4 km sphere"
    share = document["examined_fraction"]
    examined = "all pixels" if share >= 1.0 else f"the {share:.2%} of pixels examined"
    return document | {"heights": heights, "examined": examined}


def _height_words(document: Mapping[str, Any]) -> str:
    height_m = document["height_m"]
    if document["is"] == "gravity field":
        return "none: a gravity field has no heights"
    return "none: outside the map, or in a gap of it" if height_m is None else f"{height_m:.2f} m"


def _map(path: Path) -> dict[str, Any]:
    _refuse_label_of_a_field(path)
    from perilune.data.maps.map_description import describe_map

    return {"is": "map", **_plain(describe_map(path))}


def _field(path: Path) -> dict[str, Any]:
    from perilune.data.gravity.gravity_files import describe_gravity

    return {"is": "gravity field", **_plain(describe_gravity(path))}


def _plain(description: Any) -> dict[str, Any]:
    """A description's fields; a tuple becomes a list, and what is not finite None."""
    return {
        name: list(value)
        if isinstance(value, tuple)
        else None
        if isinstance(value, float) and not math.isfinite(value)
        else value
        for name, value in dataclasses.asdict(description).items()
    }


def _refuse_label_of_a_field(path: Path) -> None:
    """A PDS label of a SHADR table ends in .lbl as a map's does."""
    if path.suffix.lower() != ".lbl" or not path.is_file():
        return
    with path.open("rb") as file:
        if b"SHADR" in file.read(LABEL_BYTES):
            raise InputError(
                f"{path}: this is the label of a gravity field, whose table it describes; inspect "
                f"{path.with_suffix('.tab').name} instead."
            )


def _degrees(what: str, word: str, limits: tuple[float, float]) -> float:
    try:
        value = float(word)
    except ValueError:
        value = math.nan
    if not limits[0] <= value <= limits[1]:
        raise InputError(
            f"The {what} must be a number of degrees from {limits[0]:g} to {limits[1]:g}, but is "
            f"`{word}`."
        )
    return value
