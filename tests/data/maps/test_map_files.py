import json

import numpy as np
import pyproj
import pytest
import rasterio
from rasterio.transform import Affine

from perilune.data.maps import map_files
from perilune.errors import InputError
from perilune.mechanics.constants import MOON_RADIUS_M as RADIUS_M

META = {
    "datum": "height above a 1737.4 km sphere, metres",
    "frame": "Moon mean-Earth/polar-axis, east-positive planetocentric",
    "source": "made for a test",
}
SOUTH = "south polar stereographic, true at the pole, R=1737400 m"
CRS = "+proj=stere +lat_0={pole} +lon_0=0 +k=1 +R=1737400 +units=m +no_defs"
MID = np.radians(np.array([[10.31, 10.9], [20.62, 20.18]]))


def ground_m(latitude_rad, longitude_rad):
    """Smooth heights of a few kilometres, the same at every turn."""
    x = np.cos(latitude_rad) * np.cos(longitude_rad)
    y = np.cos(latitude_rad) * np.sin(longitude_rad)
    return 2_000.0 * np.sin(3.0 * x) + 1_500.0 * y * np.sin(latitude_rad) - 500.0 * y


def write_npz(path, meta=META, **arrays):
    np.savez(path, meta=json.dumps(meta), **arrays)
    return path


def degree_square(path, meta=META, **more):
    lat_deg = 11.5 - (np.arange(64) + 0.5) / 32.0
    lon_deg = 19.5 + (np.arange(64) + 0.5) / 32.0
    height_m = ground_m(*np.radians(np.meshgrid(lat_deg, lon_deg, indexing="ij")))
    return write_npz(path, meta, height_m=height_m, lat_deg=lat_deg, lon_deg=lon_deg, **more)


def polar_grid(step_m=1_000.0, count=120, pole=-90):
    """Pixel centres of a polar map, and the heights there by PROJ's own inverse."""
    x_m = (np.arange(count) - 0.5 * (count - 1)) * step_m
    crs = pyproj.CRS.from_proj4(CRS.format(pole=pole))
    to_angles = pyproj.Transformer.from_crs(crs, crs.geodetic_crs, always_xy=True)
    lon_deg, lat_deg = to_angles.transform(*np.meshgrid(x_m, -x_m))
    return x_m, crs, ground_m(np.radians(lat_deg), np.radians(lon_deg))


def test_a_map_of_equal_angles_gives_the_ground_between_its_pixels(tmp_path):
    source = map_files.open_source(degree_square(tmp_path / "a.npz"))
    # Cubic spline on pixels of 0.03 deg: error far below a millimetre inside.
    np.testing.assert_allclose(source.sample(*MID), ground_m(*MID), atol=1e-3)
    assert source.resolution_m == pytest.approx(np.radians(1.0 / 32.0) * RADIUS_M)
    assert source.provenance == "made for a test"


def test_outside_a_map_there_is_no_number(tmp_path):
    source = map_files.open_source(degree_square(tmp_path / "a.npz"))
    latitude_rad, longitude_rad = np.radians([[10.5, 12.0, 10.5, 9.4], [25.0, 20.0, 200.0, 20.0]])
    assert np.isnan(source.sample(latitude_rad, longitude_rad)).all()


def test_longitudes_may_be_given_on_any_turn(tmp_path):
    source = map_files.open_source(degree_square(tmp_path / "a.npz"))
    for turn in (-2.0 * np.pi, 2.0 * np.pi):
        np.testing.assert_allclose(
            source.sample(MID[0], MID[1] + turn), source.sample(*MID), atol=1e-6
        )


def test_a_map_of_the_whole_moon_has_no_seam_and_no_hole_at_the_poles(tmp_path):
    lat = np.radians(90.0 - (np.arange(180) + 0.5))
    lon = np.radians(np.arange(360) + 0.5)
    meta = META | {"lat0": 89.5, "lon0": 0.5, "pixels_per_degree": 1}
    height_m = ground_m(*np.meshgrid(lat, lon, indexing="ij"))
    source = map_files.open_source(write_npz(tmp_path / "g.npz", meta, height_m=height_m))
    asked = np.radians([[0.2, 45.0, -89.9, 90.0, -30.0], [359.9, 0.1, 77.0, 3.0, 0.0]])
    np.testing.assert_allclose(source.sample(*asked), ground_m(*asked), atol=0.5)


@pytest.mark.parametrize("name", ["lat0", "lon0", "pixels_per_degree"])
def test_a_place_of_pixels_that_is_null_is_refused_by_its_name(tmp_path, name):
    meta = META | {"lat0": 89.5, "lon0": 0.5, "pixels_per_degree": 1} | {name: None}
    path = write_npz(tmp_path / "g.npz", meta, height_m=np.zeros((180, 360)))
    with pytest.raises(InputError, match=f"`{name}` in `meta` must be a number, but is None"):
        map_files.open_source(path)


def test_a_polar_map_lies_where_proj_puts_it_and_has_no_number_at_nodata(tmp_path):
    x_m, _, height_m = polar_grid()
    height_m = np.round(height_m).astype(np.int16)
    height_m[:30, :30] = -32768
    path = write_npz(
        tmp_path / "p.npz", META | {"projection": SOUTH}, height_m=height_m, x_m=x_m, y_m=-x_m
    )
    source = map_files.open_source(path)
    latitude_rad, longitude_rad = np.radians([[-89.0, -89.5, -88.9], [10.0, 200.0, 95.0]])
    # Whole metres in the file: half a metre of rounding, and the spline's ringing on it.
    np.testing.assert_allclose(
        source.sample(latitude_rad, longitude_rad), ground_m(latitude_rad, longitude_rad), atol=1.0
    )
    assert np.isnan(source.sample(np.radians([-88.5]), np.radians([-45.0])))[0]


@pytest.mark.parametrize("pole", [-90, 90])
@pytest.mark.parametrize(("unit", "per_metre", "base_m"), [("m", 1.0, 0.0), ("km", 1e-3, RADIUS_M)])
def test_a_geotiff_gives_heights_whether_it_holds_heights_or_radii(
    tmp_path, pole, unit, per_metre, base_m
):
    x_m, crs, height_m = polar_grid(pole=pole)
    path = tmp_path / "t.tif"
    corner = Affine(1_000.0, 0.0, x_m[0] - 500.0, 0.0, -1_000.0, -x_m[0] + 500.0)
    shape = {"height": len(x_m), "width": len(x_m), "count": 1, "dtype": "float64"}
    with rasterio.open(
        path, "w", driver="GTiff", crs=crs.to_wkt(), transform=corner, nodata=-9e9, **shape
    ) as file:
        file.write((height_m + base_m) * per_metre, 1)
        file.units = (unit,)
    source = map_files.open_source(path)
    asked = np.radians([[89.0, 89.5, 88.9], [10.0, 200.0, 95.0]]) * [[np.sign(pole)], [1.0]]
    np.testing.assert_allclose(source.sample(*asked), ground_m(*asked), atol=1e-3)
    assert source.resolution_m == 1_000.0


LABEL = """PDS_VERSION_ID = "PDS3"
LINES = 180
LINE_SAMPLES = 360
SAMPLE_TYPE = {sample_type}
SAMPLE_BITS = 16
UNIT = METER
SCALING_FACTOR = 0.5
OFFSET = 1737400.
MAP_PROJECTION_TYPE = "SIMPLE CYLINDRICAL"
MAP_RESOLUTION = 1 <pix/deg>
POSITIVE_LONGITUDE_DIRECTION = "EAST"
CENTER_LATITUDE = 0 <deg>
CENTER_LONGITUDE = 180 <deg>
LINE_PROJECTION_OFFSET = 89.5 <pix>
SAMPLE_PROJECTION_OFFSET = 179.5 <pix>
"""


@pytest.mark.parametrize(("sample_type", "kind"), [("LSB_INTEGER", "<i2"), ("MSB_INTEGER", ">i2")])
def test_a_pds_image_is_read_as_its_label_says(tmp_path, sample_type, kind):
    lat = np.radians(90.0 - (np.arange(180) + 0.5))
    lon = np.radians(np.arange(360) + 0.5)
    half_m = np.round(2.0 * ground_m(*np.meshgrid(lat, lon, indexing="ij"))).astype(kind)
    (tmp_path / "M.IMG").write_bytes(half_m.tobytes())
    (tmp_path / "M.LBL").write_text(LABEL.format(sample_type=sample_type))
    source = map_files.open_source(tmp_path / "M.IMG")
    asked = np.radians([[0.2, 45.0, -30.0], [359.9, 0.1, 120.0]])
    np.testing.assert_allclose(source.sample(*asked), ground_m(*asked), atol=1.0)


def test_a_polar_pds_image_lies_where_proj_puts_it(tmp_path):
    _, _, height_m = polar_grid()
    np.round(2.0 * height_m).astype("<i2").tofile(tmp_path / "P.IMG")
    label = LABEL.format(sample_type="LSB_INTEGER").replace("LINES = 180", "LINES = 120")
    label = label.replace("LINE_SAMPLES = 360", "LINE_SAMPLES = 120")
    label = label.replace("SIMPLE CYLINDRICAL", "POLAR STEREOGRAPHIC").replace("= 0 <", "= -90 <")
    label = (
        label.replace("= 180 <", "= 0 <").replace("89.5 <", "59.5 <").replace("179.5 <", "59.5 <")
    )
    label = label.replace("OFFSET = 159.5", "OFFSET = 59.5")
    (tmp_path / "P.LBL").write_text(label + "MAP_SCALE = 1 <km/pix>\n")
    source = map_files.open_source(tmp_path / "P.LBL")
    asked = np.radians([[-89.0, -89.5, -88.9], [10.0, 200.0, 95.0]])
    np.testing.assert_allclose(source.sample(*asked), ground_m(*asked), atol=1.0)


def _refusal(path):
    with pytest.raises(InputError) as caught:
        map_files.open_source(path)
    return str(caught.value)


def test_a_missing_map_is_named_with_its_place_and_its_cure(tmp_path):
    assert "PERILUNE_DATA" in _refusal(tmp_path / "none.npz")
    assert "none.npz" in _refusal(tmp_path / "none.npz")


def test_an_unknown_kind_of_file_is_refused(tmp_path):
    assert "GeoTIFF" in _refusal(tmp_path / "map.xyz")


def test_a_map_without_its_datum_is_refused(tmp_path):
    assert "declare" in _refusal(degree_square(tmp_path / "a.npz", {"frame": META["frame"]}))


def test_a_map_that_does_not_place_its_pixels_is_refused(tmp_path):
    assert "lat_deg" in _refusal(write_npz(tmp_path / "a.npz", height_m=np.zeros((3, 3))))


def test_an_image_without_its_label_is_refused(tmp_path):
    (tmp_path / "M.IMG").write_bytes(b"00")
    assert "M.LBL" in _refusal(tmp_path / "M.IMG")


def test_a_label_that_lacks_a_key_is_refused_by_the_key(tmp_path):
    (tmp_path / "M.IMG").write_bytes(bytes(180 * 360 * 2))
    label = LABEL.format(sample_type="LSB_INTEGER").replace("SAMPLE_BITS = 16\n", "")
    (tmp_path / "M.LBL").write_text(label)
    assert "SAMPLE_BITS" in _refusal(tmp_path / "M.IMG")


def test_an_image_cut_short_is_refused(tmp_path):
    (tmp_path / "M.IMG").write_bytes(bytes(100))
    (tmp_path / "M.LBL").write_text(LABEL.format(sample_type="LSB_INTEGER"))
    assert "129600 bytes" in _refusal(tmp_path / "M.IMG")


@pytest.mark.filterwarnings("ignore::rasterio.errors.NotGeoreferencedWarning")
@pytest.mark.parametrize(
    ("crs", "named"),
    [(None, "CRS"), ("+proj=stere +lat_0=-90 +R=6371000 +units=m", "6371000 m")],
)
def test_a_geotiff_without_the_moons_datum_is_refused(tmp_path, crs, named):
    kind = {"height": 4, "width": 4, "count": 1, "dtype": "float32"}
    corner = Affine(1.0, 0.0, 0.0, 0.0, -1.0, 0.0)
    with rasterio.open(
        tmp_path / "t.tif", "w", driver="GTiff", crs=crs, transform=corner, **kind
    ) as f:
        f.write(np.zeros((1, 4, 4), np.float32))
    assert named in _refusal(tmp_path / "t.tif")


def test_the_published_maps_agree_with_each_other(data_folder):
    folder = data_folder / "terrain"
    random = np.random.default_rng(4)
    swath = map_files.open_source(folder / "im2_approach_swath_64ppd.npz")
    polar = map_files.open_source(folder / "south_pole_80S_500m_stereo.npz")
    coarse = map_files.open_source(folder / "LDEM_4.IMG")
    latitude_rad = np.radians(random.uniform(-86.0, -81.0, 2_000))
    longitude_rad = np.radians(random.uniform(21.0, 39.0, 2_000))
    heights_m = [s.sample(latitude_rad, longitude_rad) for s in (swath, polar, coarse)]
    # The polar map is the swath's data resampled bilinearly; LDEM_4 has pixels of 7.6 km.
    assert np.std(heights_m[0] - heights_m[1]) < 6.0
    assert abs(np.mean(heights_m[0] - heights_m[1])) < 0.5
    assert abs(np.mean(heights_m[0] - heights_m[2])) < 30.0
    assert np.corrcoef(heights_m[0], heights_m[2])[0, 1] > 0.98


def test_the_sites_stand_at_the_heights_that_the_data_folder_states(data_folder):
    stated = {
        "im2_mons_mouton_64ppd.npz": (-84.79, 29.20, 5305.0),
        "im1_malapert_a_64ppd.npz": (-80.13, 1.44, 2562.0),
        "cy3_shiv_shakti_64ppd.npz": (-69.37, 32.32, 507.0),
        "blue_ghost_mare_crisium_256ppd.npz": (18.56, 61.81, -3646.0),
        "apollo11_tranquillitatis_256ppd.npz": (0.674, 23.473, -1932.0),
        "apollo15_hadley_256ppd.npz": (26.13, 3.63, -1924.0),
    }
    for name, (latitude_deg, longitude_deg, height_m) in stated.items():
        source = map_files.open_source(data_folder / "terrain" / name)
        found_m = source.sample(np.radians([latitude_deg]), np.radians([longitude_deg]))[0]
        # Whole metres and a different interpolation; Malapert A is a 12 degree slope.
        assert found_m == pytest.approx(height_m, abs=8.0), name


def test_the_orthographic_kepler_map_lies_where_the_global_map_has_the_crater(data_folder):
    kepler = map_files.open_source(data_folder / "terrain" / "kepler_crater_lola_118m.tif")
    world = map_files.open_source(data_folder / "terrain" / "moon_global_16ppd.npz")
    random = np.random.default_rng(6)
    centre_deg = np.array([[8.12], [-38.01]])
    latitude_rad, longitude_rad = np.radians(centre_deg + random.uniform(-0.5, 0.5, (2, 1_000)))
    # The file holds half metres, as LOLA's mosaics do, but declares no scale.
    height_m = 0.5 * kepler.sample(latitude_rad, longitude_rad)
    shifts_deg = {(0.0, 0.0), (0.05, 0.0), (-0.05, 0.0), (0.0, 0.05), (0.0, -0.05)}
    spread_m = {
        shift: np.std(
            height_m
            - world.sample(
                *np.radians(np.degrees([latitude_rad, longitude_rad]) + np.array(shift)[:, None])
            )
        )
        for shift in shifts_deg
    }
    assert min(spread_m, key=spread_m.get) == (0.0, 0.0)
    assert abs(np.mean(height_m - world.sample(latitude_rad, longitude_rad))) < 20.0
