"""GeoTIFF maps of every common convention give one closed-form ground, or are refused."""

import numpy as np
import pyproj
import pytest
from rasterio.transform import Affine

from perilune.data.maps.map_files import open_source
from perilune.errors import InputError
from perilune.mechanics.constants import MOON_RADIUS_M as RADIUS_M
from tests.data.maps.geotiff_ground import (
    DEGREES,
    PLACES,
    TENTH,
    assert_ground,
    ground_m,
    pixels_m,
    square,
    write,
)

GLOBAL = np.radians(
    [[10.3, 10.3, -89.8, 89.95, -90.0, 0.0], [-30.2, 0.1, 12.0, -170.0, 5.0, 180.0]]
)


@pytest.mark.parametrize("west_deg", [0.0, -180.0, -90.0, 20.0])
@pytest.mark.parametrize("crs", [DEGREES, "+proj=eqc +R=1737400 +lon_0={} +units=m"])
@pytest.mark.parametrize("southward", [True, False])
def test_a_map_of_the_whole_moon_begins_at_any_longitude(tmp_path, west_deg, crs, southward):
    per_degree = 1.0 if crs == DEGREES else np.radians(1.0) * RADIUS_M
    crs = crs.format(west_deg + 180.0)
    west = west_deg if crs == DEGREES else -180.0
    turn = Affine(per_degree, 0.0, west * per_degree, 0.0, -per_degree, 90.0 * per_degree)
    heights_m = ground_m(
        np.radians(89.5 - np.arange(180.0))[:, None],
        np.radians(west_deg + 0.5 + np.arange(360.0))[None, :],
    )
    if not southward:
        turn = Affine(per_degree, 0.0, west * per_degree, 0.0, per_degree, -90.0 * per_degree)
        heights_m = heights_m[::-1]
    path = write(tmp_path / "g.tif", heights_m.astype("float32"), crs, turn)
    assert open_source(path).grid.turn_count == 360
    # The ground is not smooth over the pole along a meridian: a pixel is 1 degree there.
    assert_ground(path, atol=0.5, places=GLOBAL)


def test_a_grid_whose_last_column_repeats_its_first_and_whose_rows_hold_the_poles(tmp_path):
    transform = Affine(1.0, 0.0, -0.5, 0.0, -1.0, 90.5)
    heights_m = ground_m(
        np.radians(90.0 - np.arange(181.0))[:, None], np.radians(np.arange(361.0))[None, :]
    )
    assert_ground(write(tmp_path / "g.tif", heights_m, DEGREES, transform), 0.5, GLOBAL[:, :5])


@pytest.mark.parametrize("west_deg", [170.0, -190.0, 530.0])
def test_a_window_across_the_seam_is_one_map(tmp_path, west_deg):
    transform = Affine(0.1, 0.0, west_deg, 0.0, -0.1, 10.0)
    longitude_rad = np.radians(west_deg + 0.05 + 0.1 * np.arange(200))
    heights_m = ground_m(np.radians(9.95 - 0.1 * np.arange(200))[:, None], longitude_rad[None, :])
    path = write(tmp_path / "s.tif", heights_m, DEGREES, transform)
    places = np.radians([[3.3, 3.3, -4.2, 0.0], [179.99, -179.99, 175.0, 188.0]])
    assert_ground(path, places=places)
    assert np.isnan(open_source(path).sample(*np.radians([[0.0], [0.0]])))


def test_a_band_round_the_whole_moon_leaks_over_no_pole(tmp_path):
    def slope_m(latitude_rad, longitude_rad):
        return 1_000.0 + 1_500.0 * np.sin(2 * latitude_rad) + 2_000.0 * np.cos(longitude_rad)

    transform = Affine(0.5, 0.0, -180.0, 0.0, -0.5, 60.0)
    latitude_rad = np.radians(59.75 - 0.5 * np.arange(240))
    longitude_rad = np.radians(-179.75 + 0.5 * np.arange(720))
    heights_m = slope_m(latitude_rad[:, None], longitude_rad[None, :])
    source = open_source(write(tmp_path / "b.tif", heights_m, DEGREES, transform))
    places = np.radians([[59.5, 58.9, -59.7, 0.0], [0.3, 0.3, 180.0, -179.9]])
    np.testing.assert_allclose(source.sample(*places), slope_m(*places), atol=0.1)
    assert np.isnan(source.sample(*np.radians([[61.0], [0.0]])))


POLAR = "+proj=stere +lat_0=-90 +lon_0=0 +k=1 +R=1737400 +units={}"


POLAR_PLACES = np.radians([[-86.3, -88.0, -87.1], [118.0, 40.0, -60.0]])


@pytest.mark.parametrize(("unit", "metres"), [("m", 1.0), ("km", 1_000.0), ("ft", 0.3048)])
@pytest.mark.parametrize("turned_deg", [0.0, 30.0, 200.0])
@pytest.mark.parametrize("sheared", [0.0, 0.2])
def test_a_projection_in_any_unit_may_be_rotated_and_sheared(
    tmp_path, unit, metres, turned_deg, sheared
):
    step = 1_000.0 / metres
    cosine, sine = step * np.cos(np.radians(turned_deg)), step * np.sin(np.radians(turned_deg))
    across, down = (cosine, sine), (sine + sheared * cosine, -cosine + sheared * sine)
    corner = [-150.0 * (each + other) for each, other in zip(across, down, strict=True)]
    transform = Affine(across[0], down[0], corner[0], across[1], down[1], corner[1])
    crs = POLAR.format(unit)
    path = write(tmp_path / "p.tif", pixels_m(crs, transform, (300, 300)), crs, transform)
    assert_ground(path, places=POLAR_PLACES)
    assert open_source(path).resolution_m == pytest.approx(1_000.0 * np.hypot(1.0, sheared))


@pytest.mark.parametrize(("unit", "unit_rad"), [("Radian", 1.0), ("Grad", np.pi / 200.0)])
def test_a_grid_of_angles_may_have_any_unit(tmp_path, unit, unit_rad):
    crs = (
        'GEOGCS["Moon",DATUM["Moon",SPHEROID["Moon",1737400,0]],PRIMEM["Meridian",0],'
        f'UNIT["{unit}",{unit_rad!r}]]'
    )
    per_degree = np.radians(1.0) / unit_rad
    transform = Affine.scale(per_degree) @ TENTH
    assert_ground(write(tmp_path / "t.tif", square(), crs, transform))


@pytest.mark.parametrize(
    "crs",
    [
        "+proj=ortho +lat_0=3 +lon_0=28",
        "+proj=lcc +lat_1=-5 +lat_2=15 +lat_0=3 +lon_0=28",
        "+proj=laea +lat_0=3 +lon_0=28",
        "+proj=aeqd +lat_0=3 +lon_0=28",
        "+proj=stere +lat_0=3 +lon_0=28",
        "+proj=gnom +lat_0=3 +lon_0=28",
        "+proj=tmerc +lat_0=3 +lon_0=28",
        "+proj=omerc +lat_0=3 +lonc=28 +alpha=30",
        "+proj=sinu +lon_0=28",
    ],
)
def test_any_projection_of_the_moon_that_proj_knows_is_read(tmp_path, crs):
    """300 by 300 pixels of 4 km about 3 N 28 E; places are where PROJ puts them."""
    crs = f"{crs} +R=1737400 +units=m +no_defs"
    middle = pyproj.Transformer.from_crs(DEGREES, crs, always_xy=True).transform(28.0, 3.0)
    west, north = middle[0] - 600e3, middle[1] + 600e3
    transform = Affine(4e3, 0.0, west, 0.0, -4e3, north)
    path = write(tmp_path / "a.tif", pixels_m(crs, transform, (300, 300)), crs, transform)
    assert_ground(path, places=np.radians([[3.3, -4.2, 9.0], [25.7, 33.3, 22.0]]))


def test_the_moons_own_codes_are_read(tmp_path):
    """IAU_2015:30135, south polar stereographic."""
    transform = Affine(1e3, 0.0, -150e3, 0.0, -1e3, 150e3)
    crs = "IAU_2015:30135"
    path = write(tmp_path / "i.tif", pixels_m(crs, transform, (300, 300)), crs, transform)
    assert_ground(path, places=POLAR_PLACES)


def test_heights_above_another_sphere_are_put_on_that_of_the_missions_and_noted(tmp_path):
    """The sphere of 1,738 km, as of the Unified Lunar Control Network: 600 m up."""
    crs = DEGREES.replace("1737400", "1738000")
    source = open_source(write(tmp_path / "u.tif", square() - 600.0, crs))
    np.testing.assert_allclose(source.sample(*PLACES), ground_m(*PLACES), atol=0.02)
    assert any("1738000" in note and "+600 m" in note for note in source.notes)


def test_a_projection_of_the_earth_is_refused_by_its_name_with_the_cure(tmp_path):
    transform = Affine(1e3, 0.0, 5e5, 0.0, -1e3, 5e6)
    path = write(tmp_path / "e.tif", square(), "EPSG:32633", transform)
    with pytest.raises(InputError, match=r"e\.tif.*6378137 m, the Earth's; .*gdal_edit\.py -a_srs"):
        open_source(path)


def test_pixels_that_are_not_square_and_points_instead_of_areas(tmp_path):
    transform = Affine(0.2, 0.0, 20.0, 0.0, -0.1, 10.0)
    heights_m = pixels_m(DEGREES, transform, (200, 100))
    path = write(tmp_path / "r.tif", heights_m, transform=transform)
    assert_ground(path)
    assert open_source(path).resolution_m == pytest.approx(np.radians(0.2) * RADIUS_M)
    point = write(tmp_path / "p.tif", square("float64"), tags={"AREA_OR_POINT": "Point"})
    assert_ground(point)
