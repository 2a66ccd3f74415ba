import runpy
from pathlib import Path

import numpy as np
import pytest

from perilune import load_mission

TOOL = runpy.run_path(str(Path(__file__).resolve().parents[2] / "tools" / "flattest_site.py"))


def plane(slope_east, slope_north):
    """A map of a tilted plane about 80 S 0 E, at 64 pixels per degree."""
    lat_deg, lon_deg = -79.0 - np.arange(128) / 64, -1.0 + np.arange(128) / 64
    north_m = np.radians(lat_deg + 80.0)[:, None] * TOOL["RADIUS_M"]
    east_m = np.radians(lon_deg)[None, :] * TOOL["RADIUS_M"] * np.cos(np.radians(80.0))
    return slope_east * east_m + slope_north * north_m, lat_deg, lon_deg


@pytest.mark.parametrize(
    ("east", "north", "aspect_deg"),
    [(0.1, 0.0, 270.0), (-0.1, 0.0, 90.0), (0.0, 0.1, 180.0), (-0.1, -0.1, 45.0)],
)
def test_a_plane_has_its_own_slope_and_runs_downhill_its_own_way(east, north, aspect_deg):
    slope_deg, aspect = TOOL["slope_deg"](plane(east, north), -80.0, 0.0, 400.0)
    assert slope_deg == pytest.approx(np.degrees(np.arctan(np.hypot(east, north))), rel=1e-3)
    assert aspect == pytest.approx(aspect_deg, abs=0.1)


def test_the_sites_of_the_catalog_are_what_the_tool_computes(data_folder, monkeypatch):
    monkeypatch.setenv("PERILUNE_DATA", str(data_folder))
    for name in ("athena", "odysseus"):
        site = load_mission(name).site
        terrain = TOOL["load"](site.maps[0])
        point = np.degrees(site.latitude_rad), np.degrees(site.longitude_rad)
        slope_deg, aspect_deg = TOOL["slope_deg"](terrain, *point, 3 * TOOL["pixel_m"](terrain))
        assert np.degrees(site.slope_rad) == pytest.approx(slope_deg, abs=0.05)
        assert np.degrees(site.slope_aspect_rad) == pytest.approx(aspect_deg, abs=0.5)
        height_m = TOOL["heights_m"](terrain, *map(np.array, point))
        assert site.height_m == pytest.approx(height_m, abs=0.5)


def test_odysseus_aims_at_the_flattest_point_near_where_it_lay(data_folder, monkeypatch):
    monkeypatch.setenv("PERILUNE_DATA", str(data_folder))
    site = load_mission("odysseus").site
    found = TOOL["flattest"](TOOL["load"](site.maps[0]), -80.13, 1.44, 1500.0)
    assert found == pytest.approx(
        (np.degrees(site.latitude_rad), np.degrees(site.longitude_rad)), abs=1e-4
    )
