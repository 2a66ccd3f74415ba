"""The track over the ground and the relief under it."""

import base64

import numpy as np
import pytest
from pyproj import Proj

from perilune.report.figures.ground_track import (
    aim_km,
    ground_track_figures,
    map_error_km,
    track_km,
)
from perilune.report.figures.relief import (
    STRETCHES,
    Frame,
    hillshade,
    scale_bar,
    shaded,
    stretch_of,
)
from perilune.report.figures.speeds import (
    MOON_RADIUS_M,
)
from perilune.report.record import record_of

SITE = {"latitude_deg": -84.7906, "longitude_deg": 29.1957}


def test_the_track_agrees_with_pyproj():
    latitude_deg = np.array([-84.8, -80.0, -65.1, -89.9])
    longitude_deg = np.array([29.2, 31.0, 10.0, -150.0])
    sphere = f"+R={MOON_RADIUS_M} +units=km"
    plane = Proj(
        f"+proj=stere +lat_0={SITE['latitude_deg']} +lon_0={SITE['longitude_deg']} {sphere}"
    )
    east_km, north_km = track_km(latitude_deg, longitude_deg, SITE)
    np.testing.assert_allclose(plane(longitude_deg, latitude_deg), [east_km, north_km], atol=1e-9)


@pytest.mark.parametrize(
    ("slope", "bright"),
    [(0.0, np.sqrt(0.5)), (np.tan(np.pi / 4), 1.0), (-np.tan(np.pi / 3), 0.0)],
    ids=["level", "facing the lamp", "turned away"],
)
def test_a_plane_is_as_bright_as_its_angle_to_the_lamp(slope, bright):
    """Lambert: a lamp 45° high in the north-west; `slope` falls towards it."""
    km = np.linspace(-1.0, 1.0, 21)
    towards_lamp_km = (km[:, None] - km[None, :]) / np.sqrt(2.0)
    shade = hillshade(-1e3 * slope * towards_lamp_km, km, km)
    np.testing.assert_allclose(shade, bright, atol=1e-9)


def test_level_ground_is_as_bright_on_every_map_and_only_named_stretches_are_used():
    """No picture is stretched to its own blacks and whites: level ground has 71 % by Lambert."""
    km = np.linspace(-1.0, 1.0, 41)
    for steep in (0.0, 1e-4, 0.02, 0.3, 2.0):
        heights_m = 1e3 * steep * km[None, :] * np.ones(41)[:, None]
        chart = {"x_km": km, "y_km": km, "height_m": heights_m}
        stretch = stretch_of(chart)
        assert stretch in STRETCHES
        assert stretch * steep <= 0.6 or stretch == 1.0
    flat = {"x_km": km, "y_km": km, "height_m": np.full((41, 41), 5000.0)}
    shade = np.frombuffer(base64.b64decode(shaded(flat)["z"]["bdata"]), "u1")
    assert set(shade.tolist()) == {int(255.0 * np.sqrt(0.5))}


def test_the_bar_of_scale_is_as_long_as_it_says():
    shapes, (note,) = scale_bar(Frame((-0.26, 0.26), (-0.26, 0.26)), 1e3)
    assert {round(1e3 * (shape["x1"] - shape["x0"]), 6) for shape in shapes} == {100.0}
    assert note["text"] == "100 m"
    shapes, (note,) = scale_bar(Frame((100.0, -20.0), (-22.0, 22.0)), 1e3)
    assert {shape["x0"] - shape["x1"] for shape in shapes} == {10.0}
    assert note["text"] == "10 km"


def test_a_divert_moves_the_aim_point_and_its_ring_and_not_the_ground(result, telemetry, extras):
    """A hundredth of a degree of latitude is 303 m: the aim point lies so far north of the site,
    truly and on the map, and the map's error is what it was."""
    straight = record_of(result, telemetry, extras)
    moved = dict(straight.aim)
    for where in ("true", "map"):
        moved[f"aim_{where}_latitude_deg"] += 0.01
    diverted = record_of(result | {"aim": moved}, telemetry, extras)
    off_km = np.subtract(aim_km(diverted, "true"), aim_km(straight, "true"))
    np.testing.assert_allclose(off_km, [0.0, np.radians(0.01) * MOON_RADIUS_M / 1e3], atol=1e-3)
    np.testing.assert_allclose(map_error_km(diverted), map_error_km(straight), atol=1e-3)
    centers_km = [_ring_km(each) for each in (straight, diverted)]
    np.testing.assert_allclose(np.subtract(*reversed(centers_km)), off_km, atol=1e-9)


def _ring_km(record):
    shapes = ground_track_figures(record)[0].body["layout"]["shapes"]
    (circle,) = (shape for shape in shapes if shape["type"] == "circle")
    return [(circle[f"{axis}0"] + circle[f"{axis}1"]) / 2.0 for axis in "xy"]
