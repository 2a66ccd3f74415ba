"""PDS3 and PDS4 labels of every common spelling give one closed-form ground, or are refused."""

import re

import numpy as np
import pytest
import rasterio
from rasterio.transform import Affine

from perilune.data.maps.map_files import open_source
from tests.data.maps.pds_ground import (
    GAP,
    IN_GAP,
    STEP_M,
    assert_ground,
    refusal,
    square_m,
)


def pds4(folder, values, image_format="RAW", nodata=-32768.0):
    """A label and its file, as GDAL writes them."""
    transform = Affine(STEP_M, 0.0, 200 * STEP_M, 0.0, -STEP_M, 100 * STEP_M)
    kind = {"width": 200, "height": 200, "count": 1, "dtype": values.dtype.name, "nodata": nodata}
    crs = "+proj=eqc +R=1737400 +lon_0=0 +units=m"
    path = folder / "M.xml"
    with rasterio.open(
        path, "w", driver="PDS4", crs=crs, transform=transform, IMAGE_FORMAT=image_format, **kind
    ) as file:
        file.write(values, 1)
    return path


def relabel(path, *changes):
    text = path.read_text()
    for old, new in changes:
        assert re.search(old, text, re.DOTALL), old
        text = re.sub(old, new, text, flags=re.DOTALL)
    path.write_text(text)
    return path


@pytest.mark.parametrize("image_format", ["RAW", "GEOTIFF"])
def test_a_pds4_map_is_read_by_its_label(tmp_path, image_format):
    values = square_m().astype("float32")
    values[GAP] = values[95:105, 95:105] = -32768.0
    path = pds4(tmp_path, values, image_format)
    assert_ground(path)
    assert np.isnan(open_source(path).sample(*IN_GAP))


def test_a_lola_label_in_half_metres_of_radius(tmp_path):
    half = (2.0 * square_m()).round().astype("int16")
    half[GAP] = -3_000
    path = relabel(
        pds4(tmp_path, half),
        (
            "</data_type>",
            "</data_type><unit>m</unit><scaling_factor>0.5</scaling_factor>"
            "<value_offset>1737400</value_offset>",
        ),
        ("<missing_constant>.*</missing_constant>", "<invalid_constant>-3000</invalid_constant>"),
    )
    assert_ground(path, atol=0.5)
    assert np.isnan(open_source(path).sample(*IN_GAP))


def test_an_lroc_label_has_metres_in_pixel_scale_and_may_have_its_corner_reversed(tmp_path):
    scale = "".join(
        f'<cart:pixel_{what}_{axis} unit="{unit}/pixel">{number}</cart:pixel_{what}_{axis}>'
        for what, unit, number in (("resolution", "deg", 0.1), ("scale", "m", STEP_M))
        for axis in "xy"
    )
    path = relabel(
        pds4(tmp_path, square_m().astype("float32")),
        ("</data_type>", "</data_type><unit>Elevation</unit>"),
        ("<cart:pixel_resolution_x.*</cart:pixel_scale_y>", scale),
    )
    assert_ground(path)
    relabel(path, (r'(upperleft_corner_x unit="m">)', r"\1-"))
    assert_ground(path)


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ((("M.img", "GONE.img"),), "GONE.img"),
        ((("Positive East", "Positive West"),), "positive east"),
        ((("cart:Cartography", "cart:Other"),), "Cartography"),
        ((("</Product_Observational>", ""),), "XML"),
        (((r'(upperleft_corner_y unit="m">)', r"\g<1>9"),), "bounding"),
        ((("Array_3D_Image", "Table_Binary"),), "Array_2D_Image"),
        ((('<offset unit="byte">0', '<offset unit="byte">900'),), "fetch it again"),
    ],
)
def test_a_pds4_label_that_is_no_map_is_refused(tmp_path, changes, named):
    assert named in refusal(relabel(pds4(tmp_path, square_m().astype("float32")), *changes))
