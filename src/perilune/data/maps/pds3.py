"""PDS3 map images: what their labels declare, and their pixels read where needed."""

import re
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from jaxtyping import Float, Shaped

from perilune.data.maps.height_units import Stored, is_undeclared, metres_per_unit
from perilune.data.maps.pds3_layout import layout_of, sphere_radius_m
from perilune.data.maps.pds_labels import LabelKeys, read_label
from perilune.data.maps.pixel_reader import Opened, opened
from perilune.errors import InputError

BYTE_ORDERS = {"LSB": "<", "PC": "<", "VAX": "<", "MSB": ">", "IEEE": ">", "SUN": ">", "MAC": ">"}
NUMBER_KINDS = {"INTEGER": "i", "UNSIGNED_INTEGER": "u", "REAL": "f"}
ALIASES = {"INTEGER": "MSB_INTEGER", "UNSIGNED_INTEGER": "MSB_UNSIGNED_INTEGER"}
ALIASES |= {"REAL": "IEEE_REAL", "FLOAT": "IEEE_REAL"}
SPECIAL = (
    *("MISSING_CONSTANT", "MISSING", "NULL", "CORE_NULL", "INVALID_CONSTANT", "INVALID"),
    *("NULL_CONSTANT", "UNKNOWN_CONSTANT", "NOT_APPLICABLE_CONSTANT", "UNDEFINED_CONSTANT"),
    *("CORE_LOW_REPR_SATURATION", "CORE_LOW_INSTR_SATURATION"),
    *("CORE_HIGH_REPR_SATURATION", "CORE_HIGH_INSTR_SATURATION"),
)
"""Keys of a label whose values are no heights."""
PAD_BYTES = 32_768
"""What may follow an image that has a file of its own: the rest of its last record."""


def open_pds3(label_path: Path) -> Opened:
    """The map of a label, its own file or the head of the image's; InputError names what it lacks.

    Pixel = DN * SCALING_FACTOR + OFFSET, a distance from the Moon's centre where OFFSET is the
    sphere's radius, a height above that sphere where it is not.
    """
    label = read_label(label_path)
    keys = LabelKeys(label, label_path, "IMAGE")
    if label.get("IMAGE.BANDS", ("1", ""))[0] != "1":
        raise InputError(
            f"{label_path}: a map must have one band; take or cut out that of heights."
        )
    encoding = keys.text("ENCODING_TYPE").upper() if keys.has("ENCODING_TYPE") else "NONE"
    if encoding not in ("NONE", "UNCOMPRESSED"):
        raise InputError(
            f"{label_path}: the image must be uncompressed, but ENCODING_TYPE is {encoding}; "
            "convert it to GeoTIFF with `gdal_translate`."
        )
    kind = _stored_as(keys)
    image = _image(keys, kind)
    pixels = image.mapped()
    layout = layout_of(label, label_path, image.shape)
    stored = _stored(keys, label_path, sphere_radius_m(label, label_path))
    nodata = [_as_stored(each, stored, kind) for each in keys.constants(SPECIAL, kind)]

    def read(rows: slice, columns: slice) -> Float[np.ndarray, "row column"]:
        raw = np.asarray(pixels[rows, columns])
        with np.errstate(all="ignore"):  # signalling not-a-numbers, constants of another type
            numbers = raw.astype(np.float64)
            for each in nodata:
                numbers[raw == np.asarray(each).astype(kind)] = np.nan
        return numbers

    names = (label.get(key, ("", ""))[0] for key in ("DATA_SET_ID", "PRODUCT_ID"))
    about = {
        "kind": "PDS3 image",
        "projection": label["MAP_PROJECTION_TYPE"][0].lower(),
        "provenance": " ".join(["PDS3", *(name for name in names if name)]),
    }
    return opened(layout, lambda: nullcontext(read), stored, about, _undeclared_scale(keys, kind))


def _as_stored(value: float, stored: Stored, kind: np.dtype) -> float:
    """A value of no height as a stored number; some labels give it as scaled, out of its range."""
    if kind.kind == "f" or np.iinfo(kind).min <= value <= np.iinfo(kind).max:
        return value
    number = round((value - stored.number_offset) / stored.number_scale)
    return number if np.iinfo(kind).min <= number <= np.iinfo(kind).max else np.nan


def _undeclared_scale(keys: LabelKeys, kind: np.dtype) -> tuple[str, ...]:
    """A note where whole numbers are taken as they stand."""
    if kind.kind == "f" or keys.has("SCALING_FACTOR"):
        return ()
    return (f"{keys.path}: the label has no SCALING_FACTOR, so 1 is taken.",)


def _stored_as(keys: LabelKeys) -> np.dtype:
    sample_type, bits = keys.text("SAMPLE_TYPE").upper(), keys.whole("SAMPLE_BITS")
    order, _, kind = ALIASES.get(sample_type, sample_type).partition("_")
    if order in BYTE_ORDERS and kind in NUMBER_KINDS and bits in (8, 16, 32, 64):
        name = f"{BYTE_ORDERS[order]}{NUMBER_KINDS[kind]}{bits // 8}"
        if name[1:] not in ("f1", "f2"):
            return np.dtype(name)
    raise InputError(
        f"{keys.path}: SAMPLE_TYPE must be integers or reals such as LSB_INTEGER or PC_REAL, but "
        f"is {sample_type} of {bits} bits; convert the map to GeoTIFF."
    )


def _stored(keys: LabelKeys, path: Path, radius_m: float) -> Stored:
    unit = keys.text("UNIT") if keys.has("UNIT") else ""
    scale, offset = (
        keys.number(key, default) for key, default in (("SCALING_FACTOR", 1.0), ("OFFSET", 0.0))
    )
    metres = metres_per_unit(str(path), unit)
    if metres != 1000.0 and abs(1000.0 * offset - radius_m) < 20_000.0:
        declared = "no UNIT" if is_undeclared(unit) else f"UNIT is {unit}"
        raise InputError(
            f"{path}: OFFSET must be in the unit of the heights, but is {offset:g}, the Moon's "
            f"radius in kilometres, where the label has {declared}; correct the label."
        )
    cure = "correct UNIT in the label"
    return Stored(
        where=str(path),
        unit=unit,
        number_scale=scale,
        number_offset=offset,
        datum_radius_m=radius_m,
        cure=cure,
    )


@dataclass(frozen=True)
class _Image:
    """Where in which file the pixels lie; each line may have bytes before and after them."""

    path: Path
    kind: np.dtype
    shape: tuple[int, int]
    begin_byte_count: int
    around_byte_count: tuple[int, int]

    def mapped(self) -> Shaped[np.ndarray, "row column"]:
        """The pixels, mapped into memory and read where they are needed."""
        held = self.shape[1] * self.kind.itemsize
        before, after = self.around_byte_count
        line = before + held + after
        expected, size = self.shape[0] * line, self.path.stat().st_size - self.begin_byte_count
        spare = PAD_BYTES if self.begin_byte_count == 0 else size
        if not expected <= size <= expected + spare:
            raise InputError(
                f"{self.path}: the image must have the {expected} bytes its label declares, but "
                f"has {max(size, 0)}; fetch it and its label again."
            )
        flat = np.memmap(self.path, np.uint8, "r", self.begin_byte_count, (self.shape[0], line))
        strides = line, self.kind.itemsize
        return np.ndarray(self.shape, self.kind, flat, offset=before, strides=strides)


def _image(keys: LabelKeys, kind: np.dtype) -> _Image:
    path, begin_byte_count = _pointed(keys)
    with path.open("rb") as file:
        head = file.read(12)
    if head[4:8] == b"jP  " or head[:4] == b"\xffO\xffQ":
        raise InputError(
            f"{path}: the image must be uncompressed, but is JPEG 2000; convert it to GeoTIFF with "
            "`gdal_translate`."
        )
    before, after = (keys.whole(f"LINE_{side}_BYTES", 0, least=0) for side in ("PREFIX", "SUFFIX"))
    shape = keys.whole("LINES"), keys.whole("LINE_SAMPLES")
    return _Image(path, kind, shape, begin_byte_count, (before, after))


def _pointed(keys: LabelKeys) -> tuple[Path, int]:
    """The image's file and the byte its pixels begin at, from `^IMAGE`, in records or in bytes."""
    pointer, unit = keys.label.get("^IMAGE", ("", ""))
    name = re.search(r"[\"']?([^\"'(),<>\s]*\.\w+)[\"']?", pointer)
    place = re.search(r"(?:^|[\s(,])(\d+)\s*(<\s*bytes\s*>)?\s*\)?$", pointer, re.IGNORECASE)
    path = _beside(keys.path, Path(name[1]).name) if name else keys.path
    if not pointer:
        path = _beside(keys.path, keys.path.with_suffix(".IMG").name)
    if place is None:
        return path, 0
    if place[2] or "byte" in unit:
        return path, int(place[1]) - 1
    return path, (int(place[1]) - 1) * (keys.whole("RECORD_BYTES") if int(place[1]) > 1 else 1)


def _beside(label_path: Path, name: str) -> Path:
    found = beside(label_path, name)
    if found is None:
        raise InputError(
            f"{label_path.with_name(name)}: a PDS3 map must have its image beside its label, but "
            "there is none; fetch it from where the label came from."
        )
    return found


def beside(path: Path, name: str) -> Path | None:
    """The file of that name in the same folder, whatever the case of its letters."""
    exact = path.with_name(name)
    if exact.is_file():
        return exact
    alike = (each for each in path.parent.iterdir() if each.name.lower() == name.lower())
    return next((each for each in sorted(alike) if each.is_file()), None)
