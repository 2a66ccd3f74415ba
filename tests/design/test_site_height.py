"""A site by latitude and longitude alone stands at the height of its first map."""

import json

import numpy as np
import pytest

from perilune import InputError, load_mission, resolved_text
from perilune.design.measured_data import terrain_sources
from perilune.design.site_height import known_site, with_height
from perilune.folders import Folders
from tests.data.maps.geotiff_ground import ground_m, square, write

NORTH_DEG, EAST_DEG = 3.3, 25.7
SITE = """schema = 1
name = "bare"
title = "By latitude and longitude alone"
latitude = "{} deg"
longitude = "{} deg"
maps = {}
"""


@pytest.fixture
def sited(tmp_path):
    """A mission to a site without a height, on these maps."""

    def load(*maps, at=(NORTH_DEG, EAST_DEG), settings=()):
        path = tmp_path / "bare.toml"
        path.write_text(SITE.format(*at, json.dumps([str(each) for each in maps])))
        return load_mission("blue-ghost", [f"site={path}", *settings], folders=Folders())

    return load


def known(mission):
    return known_site(mission, terrain_sources(mission.site, mission.folders.data))


def test_the_first_map_gives_the_height(sited, tmp_path):
    mission = sited(write(tmp_path / "m.tif", square()))
    expected_m = ground_m(*np.radians([NORTH_DEG, EAST_DEG]))
    found = known(mission)
    assert found.height_m == pytest.approx(expected_m, abs=0.02)
    assert not found.is_stated


def test_a_stated_height_is_kept(sited, tmp_path):
    found = known(sited(write(tmp_path / "m.tif", square()), settings=["site.height=1234 m"]))
    assert found.is_stated
    assert found.height_m == 1_234.0


def test_the_height_is_written_out_with_the_map_it_is_from_and_reads_the_same(sited, tmp_path):
    mission = with_height(sited(write(tmp_path / "m.tif", square())))
    assert "m.tif" in mission.sources["site.height"]
    assert "1737.4 km" in mission.sources["site.height"]
    copied = tmp_path / "copy.toml"
    copied.write_text(resolved_text(mission))
    again = load_mission(str(copied), folders=Folders())
    assert again.site.height_m == pytest.approx(mission.site.height_m, abs=1e-3)


def test_without_a_map_the_height_is_asked_for(sited):
    mission = sited("named.tif")
    assert with_height(mission) is mission
    with pytest.raises(InputError, match=r"bare\.toml: `site\.height` must be stated.*PERILUNE"):
        known(mission)


def test_a_site_outside_the_map_is_refused_with_where_the_map_lies(sited, tmp_path):
    """A map of 200 by 200 pixels of 0.1 deg, from 20 to 40 E and from 10 S to 10 N."""
    mission = sited(write(tmp_path / "m.tif", square()), at=(3.3, 42.0))
    # 2.05 deg from the middle of the last pixel, of 3.032 km each tenth.
    with pytest.raises(InputError, match=r"m\.tif.*62\.2 km outside it.*about 0\.0000 N 30\.0000"):
        known(mission)


def test_a_site_in_a_gap_of_the_map_is_refused(sited, tmp_path):
    heights_m = square()
    heights_m[60:75, 50:65] = -9_999.0
    mission = sited(write(tmp_path / "m.tif", heights_m, nodata=-9_999.0))
    with pytest.raises(InputError, match=r"no height at .* in a gap of it"):
        known(mission)


def test_the_maps_height_is_held_against_the_mission(sited, tmp_path):
    mission = sited(write(tmp_path / "m.tif", square()), settings=["descent.gate_height=18900 m"])
    with pytest.raises(InputError, match=r"gate_height` must be below .*m\.tif"):
        known(mission)


def test_a_second_map_that_differs_is_a_note_of_both(sited, tmp_path):
    from perilune.data.maps.site_agreement import site_findings

    first, half = write(tmp_path / "1.tif", square()), write(tmp_path / "2.tif", 2.0 * square())
    mission = sited(first, half)
    sources = terrain_sources(mission.site, None)
    found = site_findings(known(mission), sources, is_stated=False)
    assert not found.problems
    assert any("2.tif" in note and "1.tif, which the site's height" in note for note in found.notes)
