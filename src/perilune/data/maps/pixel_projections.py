"""Where a latitude and longitude fall among the pixels of a map, and a projection in words."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, TypeVar

import numpy as np
from jaxtyping import Float

if TYPE_CHECKING:  # imported with the first GeoTIFF, since it costs a third of a second
    import pyproj

SURNAMES = frozenset(("Albers", "Eckert", "Goode", "Lambert", "Mercator", "Mollweide", "Robinson"))
"""Words of PROJ's method names that keep their capital."""


Angles = Float[np.ndarray, "..."]
"""Angles or coordinates of places, in any shape."""
Coordinate = TypeVar("Coordinate", float, Angles)
Places = tuple[Float[np.ndarray, "..."], Float[np.ndarray, "..."]]
"""Fractional rows and columns, pixel centres whole."""
ZOOM_COUNT, ZOOM_STEPS = 8, 37
"""Of the search for a map's middle: to 1e-6 deg, from places 5 deg apart."""


class Placed(Protocol):
    """A grid of pixels that places angles among them."""

    @property
    def shape(self) -> tuple[int, int]: ...
    @property
    def pixel_from_angles(self) -> Callable[[Angles, Angles], Places]: ...


def middle_deg(grid: Placed) -> tuple[float, float]:
    """Latitude and longitude of the middle of a grid, by search: a projection has no inverse here.

    Longitude is -180 to 180 deg; both are not-a-number where no place has a pixel.
    """
    rows, columns = grid.shape
    north_deg, east_deg, half_deg = 0.0, 0.0, (90.0, 180.0)
    for _ in range(ZOOM_COUNT):
        norths = np.clip(north_deg + np.linspace(-half_deg[0], half_deg[0], ZOOM_STEPS), -90, 90)
        easts = east_deg + np.linspace(-half_deg[1], half_deg[1], 2 * ZOOM_STEPS - 1)
        each_deg = np.meshgrid(norths, easts, indexing="ij")
        row, column = grid.pixel_from_angles(*np.radians(each_deg))
        off = np.hypot(row - 0.5 * (rows - 1), column - 0.5 * (columns - 1))
        if not np.isfinite(off).any():
            return np.nan, np.nan
        best = np.unravel_index(np.nanargmin(np.where(np.isfinite(off), off, np.nan)), off.shape)
        north_deg, east_deg = float(each_deg[0][best]), float(each_deg[1][best])
        half_deg = (half_deg[0] / 8.0, half_deg[1] / 8.0)
    return north_deg, (east_deg + 180.0) % 360.0 - 180.0


@dataclass(frozen=True)
class Axis:
    """Evenly spaced pixel centres along one axis: the first, and the signed step to the next."""

    first: float
    step: float
    count: int

    def index(self, value: Coordinate) -> Coordinate:
        """Fractional pixel number of a coordinate, pixel centres whole."""
        return (value - self.first) / self.step

    @property
    def middle(self) -> float:
        """The coordinate of the axis' middle."""
        return self.first + 0.5 * (self.count - 1) * self.step


def pixel_from_angles(
    latitude_deg: Axis, longitude_deg: Axis, latitude_rad: Angles, longitude_rad: Angles
) -> Places:
    """Row and column in a grid of even angles; longitudes on the turn centred on the map."""
    east_deg = on_turn(np.degrees(longitude_rad), longitude_deg.middle, 360.0)
    return latitude_deg.index(np.degrees(latitude_rad)), longitude_deg.index(east_deg)


def pixel_from_polar(
    pole: int, radius_m: float, x_m: Axis, y_m: Axis, latitude_rad: Angles, longitude_rad: Angles
) -> Places:
    """Row and column in a polar stereographic grid, true at the pole (+1 north, -1 south).

    x is east of longitude 90 E; y points to longitude 0 in the south and to 180 in the north
    (Snyder 1987, equations 21-5 to 21-12).
    """
    distance_m = 2.0 * radius_m * np.tan(0.25 * np.pi - 0.5 * pole * latitude_rad)
    return (
        y_m.index(-pole * distance_m * np.cos(longitude_rad)),
        x_m.index(distance_m * np.sin(longitude_rad)),
    )


def on_turn(value: Angles, middle: float, turn: float) -> Angles:
    """The value plus whole turns that lies within half a turn of the middle."""
    return np.asarray(value) - turn * np.floor((value - middle) / turn + 0.5)


def turn_count(count: int, per_turn: float) -> int:
    """Columns that go once round, where `count` columns do; zero where they do not.

    A map whose last column repeats its first goes round too.
    """
    whole = round(abs(per_turn))
    closes = abs(abs(per_turn) - whole) < 0.02 and 0 < whole <= count
    return whole if closes else 0


def pole_mirrors(row_count: int, pole_rows: Sequence[float]) -> tuple[int | None, int | None]:
    """The sums of the rows that face each other across the poles at the first and the last edge.

    `pole_rows` are the fractional rows of both poles: half a pixel outside the outermost centres,
    or on them.
    """
    edges = (-1, 0), (2 * row_count - 1, 2 * row_count - 2)
    sums = [round(2.0 * row) for row in pole_rows if abs(2.0 * row - round(2.0 * row)) < 0.1]
    found = [next((each for each in edge if each in sums), None) for edge in edges]
    return found[0], found[1]


def method_in_words(crs: "pyproj.CRS") -> str:
    """How a CRS projects, such as "orthographic"; its own name need not show that."""
    inner = crs.source_crs if crs.is_bound else next(iter(crs.sub_crs_list), None)
    if inner is not None:
        return method_in_words(inner)
    method = crs.coordinate_operation.method_name if crs.coordinate_operation else ""
    if crs.is_geographic:
        return f"latitude and longitude{' about a pole of its own' if method else ''}"
    words = re.sub(r" \(.*\)$", "", method or crs.type_name).split(" ")
    return " ".join(word if word in SURNAMES else word.lower() for word in words)
