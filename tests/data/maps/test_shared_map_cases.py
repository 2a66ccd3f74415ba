"""Small failing maps that lie beside the data folder, where they do, with their closed forms."""

import numpy as np
import pytest

from perilune.data.maps.map_files import open_source
from perilune.errors import InputError

A, B, GAP = (3.3, 25.7, 1_085.81), (-4.2, 33.3, 930.69), (3.3, 37.0, None)
ROUNDED_A, ROUNDED_B = (3.3, 25.7, 1_085.64), (-4.2, 33.3, 930.68)
RIGHT = {
    "nodata_positive_in_middle.tif": (A, B),
    "radii_nan_in_middle.tif": (A, B),
    "unit_meters.tif": (A, B),
    "global_lon_0_360.tif": (
        (10.3, -30.2, 1_202.93),
        (10.3, 0.1, 1_410.83),
        (-89.8, 12.0, 1_730.8),
    ),
    "nodata_not_declared.tif": (GAP,),
    "mask_band.tif": (GAP,),
    "ramp_beside_nodata.tif": ((3.3, 34.9, 7_425.0),),
    "HEX_MISSING.LBL": (A, B),
    "CORE_NULL.LBL": (GAP, A),
    "INVALID_CONSTANT.LBL": (GAP, ROUNDED_A),
    "COMMENT.LBL": (ROUNDED_A, ROUNDED_B),
    "POINTER_OFFSET.LBL": (ROUNDED_A, ROUNDED_B),
    "KILOMETERS_PER_PIXEL.LBL": ((-86.3, 118.0, 561.01),),
    "rows_south_to_north.npz": (A,),
    "pixels_not_square.npz": (A,),
}
COARSE = {
    "OFFSET_ZERO.LBL": (A, B),  # whole metres, cut off: half a metre low
    "BAND_60S_60N.LBL": ((59.5, 0.3, 4_311.9), (58.9, 0.3, 4_326.84)),  # pixels of 15 km
}
REFUSED = ("kilometres_no_unit.tif", "download_error_page.tif", "lfs_pointer.npz", "ROTATED.LBL")


@pytest.fixture
def case(data_folder):
    folder = data_folder.parent / "cases" / "files"
    if not folder.is_dir():
        pytest.skip("needs the folder cases/files beside the data folder")
    return lambda name: folder / name


@pytest.mark.parametrize("name", [*RIGHT, *COARSE])
def test_a_case_gives_its_closed_form(case, name):
    source = open_source(case(name))
    for latitude_deg, longitude_deg, right_m in RIGHT.get(name, ()) + COARSE.get(name, ()):
        found_m = source.sample(np.radians([latitude_deg]), np.radians([longitude_deg]))[0]
        if right_m is None:
            assert np.isnan(found_m)
        else:
            assert found_m == pytest.approx(right_m, abs=0.01 if name in RIGHT else 0.6)


@pytest.mark.parametrize("name", REFUSED)
def test_a_case_that_is_no_map_of_heights_is_refused(case, name):
    with pytest.raises(InputError):
        open_source(case(name))


def test_a_projection_in_kilometres_has_its_resolution_in_metres(case):
    assert open_source(case("crs_in_kilometres.tif")).resolution_m == 1_000.0
