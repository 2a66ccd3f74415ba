"""Maps of 4,000 million pixels are read by small windows, at the poles and the seam too."""

from contextlib import contextmanager
from types import SimpleNamespace

import numpy as np
import pytest
import rasterio
from rasterio.transform import Affine
from rasterio.windows import Window

from perilune.data.maps import pixel_projections
from perilune.data.maps.height_units import HeightRule
from perilune.data.maps.map_files import open_source
from perilune.data.maps.pixel_grid import PixelGrid, sample_grid
from perilune.data.maps.pixel_projections import Axis
from perilune.mechanics import map_tiles, projection
from perilune.mechanics.map_tiles import TilePlan

ROWS, COLUMNS = 46_080, 92_160
STEP_DEG = 360.0 / COLUMNS
LATITUDE = Axis(90.0 - 0.5 * STEP_DEG, -STEP_DEG, ROWS)
LONGITUDE = Axis(-180.0 + 0.5 * STEP_DEG, STEP_DEG, COLUMNS)


def ground_m(latitude_rad, longitude_rad):
    """Hills some 10 km long everywhere, smooth over the poles."""
    x, y, z = np.moveaxis(projection.direction_from_angles(latitude_rad, longitude_rad), -1, 0)
    return 300.0 * np.sin(700.0 * x) * np.cos(500.0 * y) + 200.0 * np.sin(900.0 * z + 400.0 * y)


class Pixels:
    """A global map of 118 m that is made where it is read, and counts what is read."""

    def __init__(self):
        self.largest = self.total = 0

    @contextmanager
    def reading(self):
        yield self.read

    def read(self, rows, columns):
        shape = rows.stop - rows.start, len(range(columns.start, columns.stop, columns.step or 1))
        self.largest = max(self.largest, shape[0] * shape[1])
        self.total += shape[0] * shape[1]
        latitude_deg = LATITUDE.first + LATITUDE.step * np.arange(rows.start, rows.stop)
        longitude_deg = LONGITUDE.first + LONGITUDE.step * np.arange(*columns.indices(COLUMNS))
        return ground_m(
            *np.broadcast_arrays(
                np.radians(latitude_deg)[:, None], np.radians(longitude_deg)[None, :]
            )
        )


@pytest.fixture
def large():
    pixels = Pixels()
    grid = PixelGrid(
        shape=(ROWS, COLUMNS),
        reading=pixels.reading,
        pixel_from_angles=lambda *angles: pixel_projections.pixel_from_angles(
            LATITUDE, LONGITUDE, *angles
        ),
        rule=HeightRule("made", 1.0, 0.0),
        turn_count=COLUMNS,
        mirrors=(-1, 2 * ROWS - 1),
    )
    return pixels, grid


@pytest.mark.parametrize(
    ("latitude_deg", "longitude_deg"), [(-89.5, 30.0), (-90.0, 0.0), (89.9, 179.0), (20.0, -180.0)]
)
def test_a_tile_of_a_118_m_map_takes_small_windows_and_is_right(large, latitude_deg, longitude_deg):
    pixels, grid = large
    asked = []

    def sample(latitude_rad, longitude_rad):
        found_m = sample_grid(grid, latitude_rad, longitude_rad)
        asked.append(np.abs(found_m - ground_m(latitude_rad, longitude_rad)).max())
        return found_m, np.zeros(found_m.shape, int)

    site = SimpleNamespace(
        latitude_rad=np.radians(latitude_deg), longitude_rad=np.radians(longitude_deg)
    )
    plan = TilePlan(name="site", row_count=160, column_count=160, step_m=118.5, uprange_m=9_400.0)
    map_tiles.build_map(site, 0.0, (plan,), sample)
    assert asked[0] < 1e-3
    # The tile itself has 160 by 160 pixels; the rest are margins, and columns that crowd at a pole.
    assert pixels.largest < 500_000
    assert pixels.total < 2_000_000


@pytest.mark.parametrize("latitude_deg", [-90.0, -89.9999, 89.99, 90.0])
def test_a_single_place_at_a_pole_is_found_from_any_side(large, latitude_deg):
    _, grid = large
    longitude_rad = np.radians(np.array([-180.0, -0.001, 0.0, 77.0, 179.999, 360.0]))
    latitude_rad = np.full(6, np.radians(latitude_deg))
    found_m = sample_grid(grid, latitude_rad, longitude_rad)
    np.testing.assert_allclose(found_m, ground_m(latitude_rad, longitude_rad), atol=1e-3)


def test_a_large_map_has_gaps_and_edges_like_a_small_one(tmp_path, monkeypatch):
    values = 50.0 * np.arange(400.0)[None, :] * np.ones((400, 1)) - 9_000.0
    values[:, 250:] = -32768.0
    path = tmp_path / "r.tif"
    kind = {"height": 400, "width": 400, "count": 1, "dtype": "float32", "nodata": -32768}
    place = Affine(0.1, 0.0, 20.0, 0.0, -0.1, 10.0)
    with rasterio.open(
        path, "w", driver="GTiff", crs="+proj=longlat +R=1737400", transform=place, **kind
    ) as file:
        file.write(values.astype("float32"), 1)
    small = open_source(path)
    random = np.random.default_rng(8)
    row, column = random.uniform(0.0, [[399.0], [260.0]], (2, 3_000))
    asked = np.radians([9.95 - 0.1 * row, 20.05 + 0.1 * column])
    expected_m = small.sample(*asked)
    monkeypatch.setattr("perilune.data.maps.pixel_grid.WHOLE_COUNT", 0)
    np.testing.assert_allclose(small.sample(*asked), expected_m, atol=1e-3)
    np.testing.assert_allclose(
        expected_m[column < 249.0], 50.0 * column[column < 249.0] - 9_000.0, atol=1e-3
    )
    assert np.isnan(expected_m[column > 249.01]).all()


@pytest.mark.parametrize("tiled", [True, False])
def test_a_global_geotiff_of_118_m_is_read_by_window(tmp_path, tiled):
    path = tmp_path / "g.tif"
    kind = {"height": ROWS, "width": COLUMNS, "count": 1, "dtype": "int16", "BIGTIFF": "YES"}
    if tiled:
        kind |= {"tiled": True, "blockxsize": 512, "blockysize": 512}
    place = Affine(STEP_DEG, 0.0, 0.0, 0.0, -STEP_DEG, 90.0)
    with rasterio.open(
        path,
        "w",
        driver="GTiff",
        crs="+proj=longlat +R=1737400",
        transform=place,
        SPARSE_OK="TRUE",
        **kind,
    ) as file:
        file.write(
            np.full((1, 64, COLUMNS), 1_234, "int16"), window=Window(0, ROWS - 64, COLUMNS, 64)
        )
    source = open_source(path)
    assert source.grid.rows_first is not tiled
    assert source.grid.turn_count == COLUMNS
    angles = np.radians([[-89.95, -89.99, -90.0, 45.0], [30.0, 359.9999, 0.0, -10.0]])
    np.testing.assert_allclose(source.sample(*angles), [1_234.0, 1_234.0, 1_234.0, 0.0], atol=1e-6)
