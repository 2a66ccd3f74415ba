"""The tool that gives a site's height, slope and aspect, on maps of every kind."""

import json
import runpy
from pathlib import Path

import numpy as np
import pytest
import rasterio
from rasterio.transform import Affine

from perilune import load_mission
from perilune.mechanics.constants import MOON_RADIUS_M
from tests.data.maps.pds3_label import changed

TOOL = runpy.run_path(str(Path(__file__).resolve().parents[2] / "tools" / "flattest_site.py"))
POINT = (-30.0, 20.0)
STEP_DEG = 1 / 64
STEP_M = float(np.radians(STEP_DEG) * MOON_RADIUS_M)
LAT_DEG = POINT[0] + STEP_DEG * (63.5 - np.arange(128))
LON_DEG = POINT[1] + STEP_DEG * (np.arange(128) - 63.5)


def plane_m(slope_east, slope_north):
    """Pixels of a tilted plane about the point."""
    north_m = np.radians(LAT_DEG - POINT[0])[:, None] * MOON_RADIUS_M
    east_m = np.radians(LON_DEG - POINT[1])[None, :] * MOON_RADIUS_M * np.cos(np.radians(POINT[0]))
    return (slope_east * east_m + slope_north * north_m).astype("f4")


def npz(folder, height_m):
    meta = {"datum": "1737.4 km sphere", "frame": "mean-Earth", "unit": "m"}
    path = folder / "m.npz"
    np.savez(path, height_m=height_m, lat_deg=LAT_DEG, lon_deg=LON_DEG, meta=json.dumps(meta))
    return path


def raster(path, height_m, **more):
    """Placed by degrees in GeoTIFF, by metres for PDS4."""
    unit = STEP_DEG if path.suffix == ".tif" else STEP_M
    west, north = LON_DEG[0] - 0.5 * STEP_DEG, LAT_DEG[0] + 0.5 * STEP_DEG
    kind = "longlat" if path.suffix == ".tif" else "eqc"
    with rasterio.open(
        path,
        "w",
        width=128,
        height=128,
        count=1,
        dtype="float32",
        crs=f"+proj={kind} +R={MOON_RADIUS_M:.0f} +no_defs",
        transform=Affine(unit, 0, west * unit / STEP_DEG, 0, -unit, north * unit / STEP_DEG),
        **more,
    ) as file:
        file.write(height_m, 1)
    return path


def geotiff(folder, height_m):
    return raster(folder / "m.tif", height_m, driver="GTiff")


def pds4(folder, height_m):
    return raster(folder / "m.xml", height_m, driver="PDS4", VAR_TARGET="Moon")


def pds3(folder, height_m):
    label = changed(
        RECORD_BYTES=512,
        LINES=128,
        LINE_SAMPLES=128,
        MAP_RESOLUTION="64.0 <PIX/DEG>",
        LINE_PROJECTION_OFFSET=LAT_DEG[0] / STEP_DEG,
        SAMPLE_PROJECTION_OFFSET=-LON_DEG[0] / STEP_DEG,
    )
    (folder / "M.LBL").write_text(label)
    (folder / "M.IMG").write_bytes(height_m.astype("<f4").tobytes())
    return folder / "M.LBL"


@pytest.mark.parametrize("written", [npz, geotiff, pds3, pds4])
@pytest.mark.parametrize(
    ("east", "north", "aspect_deg"),
    [(0.1, 0.0, 270.0), (-0.1, 0.0, 90.0), (0.0, 0.1, 180.0), (-0.1, -0.1, 45.0)],
)
def test_a_plane_has_its_own_slope_and_runs_downhill_its_own_way(
    tmp_path, written, east, north, aspect_deg
):
    terrain = TOOL["load"](str(written(tmp_path, plane_m(east, north))))
    (slope_deg,), (aspect,) = TOOL["slopes_deg"](terrain, [POINT], 400.0)
    assert slope_deg == pytest.approx(np.degrees(np.arctan(np.hypot(east, north))), rel=1e-3)
    assert aspect == pytest.approx(aspect_deg, abs=0.1)
    (height_m,) = TOOL["heights_m"](terrain, *np.array([POINT]).T)
    assert height_m == pytest.approx(0.0, abs=0.01)


@pytest.mark.parametrize("written", [npz, geotiff, pds3, pds4])
def test_the_flattest_point_of_a_bowl_is_its_bottom(tmp_path, written):
    """A bowl of 5 km radius whose bottom is 600 m east and 300 m south of the point."""
    north_m = np.radians(LAT_DEG - POINT[0])[:, None] * MOON_RADIUS_M + 300.0
    east_m = np.radians(LON_DEG - POINT[1])[None, :] * MOON_RADIUS_M
    east_m = east_m * np.cos(np.radians(POINT[0])) - 600.0
    bowl_m = np.minimum((north_m**2 + east_m**2) / 1e4, 8_000.0).astype("f4")
    terrain = TOOL["load"](str(written(tmp_path, bowl_m)))
    found = TOOL["flattest"](terrain, POINT, 1_500.0)
    scale_m = np.radians(1.0) * MOON_RADIUS_M
    assert (found[0] - POINT[0]) * scale_m == pytest.approx(-300.0, abs=150.0)
    east_scale_m = scale_m * np.cos(np.radians(POINT[0]))
    assert (found[1] - POINT[1]) * east_scale_m == pytest.approx(600.0, abs=150.0)


def test_beside_the_edge_of_a_map_there_is_no_slope_and_outside_no_height(tmp_path):
    terrain = TOOL["load"](str(npz(tmp_path, plane_m(0.1, 0.0))))
    edge = (POINT[0], float(LON_DEG[0]))
    slope_deg, _ = TOOL["slopes_deg"](terrain, [edge, POINT], 400.0)
    np.testing.assert_array_equal(np.isfinite(slope_deg), [False, True])
    outside_m = TOOL["heights_m"](terrain, np.array([POINT[0]]), np.array([POINT[1] + 90.0]))
    assert np.isnan(outside_m).all()


def test_over_the_seam_of_a_global_map_the_ground_goes_on(tmp_path):
    """Columns from 0.5 to 359.5 E; the ground is 1000 + 500 cos(longitude) m."""
    lat_deg, lon_deg = 89.5 - np.arange(180.0), 0.5 + np.arange(360.0)
    height_m = np.tile(1_000.0 + 500.0 * np.cos(np.radians(lon_deg)), (180, 1))
    meta = {"datum": "1737.4 km sphere", "frame": "mean-Earth", "unit": "m"}
    path = tmp_path / "globe.npz"
    np.savez(path, height_m=height_m, lat_deg=lat_deg, lon_deg=lon_deg, meta=json.dumps(meta))
    places = np.array([10.0, 10.0, 10.0]), np.array([-0.2, 0.0, 0.4])
    found_m = TOOL["heights_m"](TOOL["load"](str(path)), *places)
    np.testing.assert_allclose(found_m, 1_499.98, atol=0.02)


def test_the_sites_of_the_catalog_are_what_the_tool_computes(data_folder, monkeypatch):
    monkeypatch.setenv("PERILUNE_DATA", str(data_folder))
    for name in ("athena", "odysseus"):
        site = load_mission(name).site
        terrain = TOOL["load"](site.maps[0])
        point = np.degrees(site.latitude_rad), np.degrees(site.longitude_rad)
        across_m = 3 * terrain.resolution_m
        (slope_deg,), (aspect_deg,) = TOOL["slopes_deg"](terrain, [point], across_m)
        assert np.degrees(site.slope_rad) == pytest.approx(slope_deg, abs=0.05)
        assert np.degrees(site.slope_aspect_rad) == pytest.approx(aspect_deg, abs=0.5)
        (height_m,) = TOOL["heights_m"](terrain, *np.array([point]).T)
        assert site.height_m == pytest.approx(height_m, abs=0.5)


def test_odysseus_aims_at_the_flattest_point_near_where_it_lay(data_folder, monkeypatch):
    """To a tenth of the search grid, which was laid on a plane chart, up to 7 m off there."""
    monkeypatch.setenv("PERILUNE_DATA", str(data_folder))
    site = load_mission("odysseus").site
    found = TOOL["flattest"](TOOL["load"](site.maps[0]), (-80.13, 1.44), 1_500.0)
    scale_m = np.radians(1.0) * MOON_RADIUS_M
    north_m = (found[0] - np.degrees(site.latitude_rad)) * scale_m
    east_m = (found[1] - np.degrees(site.longitude_rad)) * scale_m * np.cos(site.latitude_rad)
    assert np.hypot(north_m, east_m) < 10.0
