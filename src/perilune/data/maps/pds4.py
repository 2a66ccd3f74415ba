"""PDS4 map images: read through GDAL, placed and bounded by their labels."""

import re
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
from rasterio.transform import Affine

from perilune.data.maps.file_kinds import check_regular
from perilune.data.maps.geotiff import open_raster
from perilune.data.maps.height_units import Declared, is_undeclared
from perilune.data.maps.pds_labels import constant
from perilune.data.maps.pixel_reader import Opened
from perilune.errors import InputError

KINDS = {
    "SignedByte": "i1",
    "UnsignedByte": "u1",
    **{f"Signed{order}SB{n}": f"i{n}" for order in "LM" for n in (2, 4, 8)},
    **{f"Unsigned{order}SB{n}": f"u{n}" for order in "LM" for n in (2, 4, 8)},
    **{f"IEEE754{order}SBSingle": "f4" for order in "LM"},
    **{f"IEEE754{order}SBDouble": "f8" for order in "LM"},
}
CYLINDRICAL = ("equirectangular", "simple cylindrical", "equidistant cylindrical")
BOUNDS = ("north", "west"), ("south", "east")


def open_pds4(label_path: Path) -> Opened:
    """The map of an `.xml` label; InputError where it is no map or its file is not beside it.

    A GeoTIFF is placed by its own tags; its unit, scale and offset may stand in the label. An image
    is placed by the label's corner and metres per pixel, whichever of pixel_resolution and
    pixel_scale has them; some labels give the corner's x with the wrong sign, which the label's
    bounding coordinates decide.
    """
    root = _root(label_path)
    elements = {_bare(each.tag): each for each in reversed(list(root.iter()))}
    image = label_path.with_name(_text(elements, "file_name"))
    check_regular(image)
    empty = _constants(root, np.dtype(KINDS.get(_text(elements, "data_type"), "f4")))
    if image.suffix.lower() in (".tif", ".tiff"):
        found = open_raster(image, empty=empty, stated=_numbers(root))
        _check_bounds(label_path, elements, found)
        return found
    if _text(elements, "longitude_direction").lower() not in ("", "positive east"):
        raise InputError(f"{label_path}: longitudes must be positive east; convert the map.")
    refusals = []
    for place in _places(elements):
        found = open_raster(label_path, "PDS4", empty, place)
        try:
            _check_bounds(label_path, elements, found)
        except InputError as error:
            refusals.append(error)
            continue
        return found
    raise refusals[0]


def _root(label_path: Path) -> ElementTree.Element:
    try:
        root = ElementTree.parse(label_path).getroot()
    except (ElementTree.ParseError, ValueError) as error:
        raise InputError(
            f"{label_path}: a PDS4 label must be whole XML, but is not ({error}); fetch it again."
        ) from error
    tags = {_bare(each.tag) for each in root.iter()}
    if not any(tag.startswith(("Array_2D", "Array_3D")) for tag in tags):
        raise InputError(
            f"{label_path}: a PDS4 map must be an Array_2D_Image or Array_3D_Image, but the label "
            "has none; take the label of the map."
        )
    if "Cartography" not in tags:
        raise InputError(
            f"{label_path}: a PDS4 map must declare its projection in a Cartography area, but the "
            "label has none; convert it to GeoTIFF and declare it there."
        )
    return root


def _bare(tag: str) -> str:
    return tag.rpartition("}")[2] if isinstance(tag, str) else ""


def _text(elements: dict[str, ElementTree.Element], tag: str) -> str:
    return (elements[tag].text or "").strip() if tag in elements else ""


def _constants(root: ElementTree.Element, kind: np.dtype) -> tuple[float, ...]:
    found = (
        constant(each.text.strip(), kind)
        for each in root.iter()
        if each.text and re.search(r"_(constant|saturation)$", _bare(each.tag))
    )
    return tuple(each for each in found if each is not None)


def _numbers(root: ElementTree.Element) -> Declared:
    """Unit, scale and offset of the stored values, as the label declares them."""
    array = next((each for each in root.iter() if _bare(each.tag) == "Element_Array"), root)
    elements = {_bare(each.tag): each for each in reversed(list(array))}
    unit = "" if is_undeclared(_text(elements, "unit")) else _text(elements, "unit")
    scale = _number(elements, "scaling_factor") if _text(elements, "scaling_factor") else 1.0
    offset = _number(elements, "value_offset") if _text(elements, "value_offset") else 0.0
    return Declared(unit, scale, offset)


def _length_m(elements: dict[str, ElementTree.Element], tag: str) -> float | None:
    """A length or a length per pixel in metres; None where it is absent or an angle."""
    unit = elements[tag].get("unit", "").lower() if tag in elements else ""
    found = re.fullmatch(r"(k?m)(/pix(?:el)?)?", unit)
    if found is None:
        return None
    return _number(elements, tag) * (1000.0 if found[1] == "km" else 1.0)


def _number(elements: dict[str, ElementTree.Element], tag: str) -> float:
    try:
        number = float(_text(elements, tag))
    except ValueError:
        number = np.nan
    if not np.isfinite(number):
        raise InputError(
            f"{tag} must be a number, but is `{_text(elements, tag)}`; take the label that was "
            "published with the file."
        )
    return number


def _places(elements: dict[str, ElementTree.Element]) -> list[Affine]:
    """The transforms that a label's lengths may mean; None, GDAL's own, where it has none."""
    steps = [
        next(
            (
                step
                for what in ("resolution", "scale")
                if (step := _length_m(elements, f"pixel_{what}_{axis}"))
            ),
            None,
        )
        for axis in "xy"
    ]
    corner = [_length_m(elements, f"upperleft_corner_{axis}") for axis in "xy"]
    (wide_m, high_m), (west_m, north_m) = steps, corner
    if wide_m is None or high_m is None or west_m is None or north_m is None:
        return [None]
    signs = (1.0, -1.0) if _text(elements, "north_bounding_coordinate") else (1.0,)
    return [Affine(wide_m, 0.0, sign * west_m, 0.0, -high_m, north_m) for sign in signs]


def _check_bounds(
    label_path: Path, elements: dict[str, ElementTree.Element], found: Opened
) -> None:
    """The corners of a cylindrical map must lie where the label bounds it, within two pixels."""
    kind = _text(elements, "map_projection_name").lower().replace("_", " ")
    tags = [f"{side}_bounding_coordinate" for pair in BOUNDS for side in pair]
    if kind not in CYLINDRICAL or not all(_text(elements, tag) for tag in tags):
        return
    rows, columns = found.grid.shape
    bounds = [_number(elements, tag) for tag in tags]
    for (latitude, longitude), corner in (
        (bounds[:2], (-0.5, -0.5)),
        (bounds[2:], (rows - 0.5, columns - 0.5)),
    ):
        place = found.grid.pixel_from_angles(np.radians(latitude), np.radians(longitude))
        off = [float(at - edge) for at, edge in zip(place, corner, strict=True)]
        turn = found.grid.turn_count
        off[1] = min(abs(off[1]), abs(abs(off[1]) - turn)) if turn else off[1]
        if not max(abs(each) for each in off) <= 2.0:
            raise InputError(
                f"{label_path}: the map's corners must lie at the label's bounding coordinates, "
                f"but that at {latitude:.6g} N {longitude:.6g} E is {off[0]:+.0f} rows and "
                f"{off[1]:+.0f} columns off; take the label that was published with the file."
            )
