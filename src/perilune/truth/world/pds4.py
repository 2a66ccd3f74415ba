"""PDS4 map images: read through GDAL, with the special constants of their labels."""

import re
from pathlib import Path
from xml.etree import ElementTree

import numpy as np

from perilune.errors import InputError
from perilune.truth.world.geotiff import open_raster
from perilune.truth.world.map_reading import Opened
from perilune.truth.world.pds_labels import constant

KINDS = {
    "SignedByte": "i1",
    "UnsignedByte": "u1",
    **{f"Signed{order}SB{n}": f"i{n}" for order in "LM" for n in (2, 4, 8)},
    **{f"Unsigned{order}SB{n}": f"u{n}" for order in "LM" for n in (2, 4, 8)},
    **{f"IEEE754{order}SBSingle": "f4" for order in "LM"},
    **{f"IEEE754{order}SBDouble": "f8" for order in "LM"},
}


def open_pds4(label_path: Path) -> Opened:
    """The map of an `.xml` label; InputError where it is no map or its file is not beside it."""
    try:
        root = ElementTree.parse(label_path).getroot()
    except (ElementTree.ParseError, ValueError) as error:
        raise InputError(
            f"{label_path}: a PDS4 label must be whole XML, but is not ({error}); fetch it again."
        ) from error
    tags = {_bare(each.tag): (each.text or "").strip() for each in reversed(list(root.iter()))}
    if "Array_2D_Image" not in tags and "Array_2D_Map" not in tags and "Array_2D" not in tags:
        raise InputError(
            f"{label_path}: a PDS4 map must be an Array_2D_Image, but the label has none; take the "
            "label of the map."
        )
    if "Cartography" not in tags:
        raise InputError(
            f"{label_path}: a PDS4 map must declare its projection in a Cartography area, but the "
            "label has none; convert it to GeoTIFF and declare it there."
        )
    _check_file(label_path, tags.get("file_name", ""))
    kind = np.dtype(KINDS.get(tags.get("data_type", ""), "f4"))
    found = (
        constant(each.text.strip(), kind)
        for each in root.iter()
        if each.text and re.search(r"_(constant|saturation)$", _bare(each.tag))
    )
    return open_raster(label_path, "PDS4", tuple(each for each in found if each is not None))


def _bare(tag):
    return tag.rpartition("}")[2] if isinstance(tag, str) else ""


def _check_file(label_path, name):
    if not label_path.with_name(name).is_file():
        raise InputError(
            f"{label_path.with_name(name)}: a PDS4 map must have the file that its label names "
            "beside it, but there is none; fetch it from where the label came from."
        )
