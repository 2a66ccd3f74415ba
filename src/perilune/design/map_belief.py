"""What the filter may know of its map's error: from the map carried and published statistics alone.

A map with nodes L apart leaves out the ground between them. On ground whose rms height difference
goes as distance to the power H (Rosenburg et al. 2011, JGR 116: H from 17 m to 3 km), with
D(d) = c d^2H the mean square of that difference, a straight line between two nodes departs from the
ground by (1-t) D(tL) + t D((1-t)L) - t (1-t) D(L) in the mean square, a share t of the way. Its
mean over t is c L^2H (2 / ((2H+1)(2H+2)) - 1/6), and the mean square of the second difference of
nodes L apart is 4 D(L) - D(2L). So the map itself says by place how wrong it is: rough ground more
than a plain.
"""

import math
from typing import NamedTuple

import numpy as np
from jaxtyping import Float

from perilune.design.relief_belief import Relief, believed_relief
from perilune.mechanics.coarse_map import ONBOARD_POSTING_M, TRACK_UPRANGE_M, WIDE_STEP_FACTOR
from perilune.mechanics.map_tiles import heights_on_plane
from perilune.mechanics.terrain_map import RIM_COUNT, TerrainMap
from perilune.mission.surface_statistics import SurfaceStatistics

KNOT_COUNT, LAST_KNOT_M, KNOT_SCALE_M = 256, 1_500_000.0, 40_000.0
"""Ranges where the belief is tabulated: 0.6 km apart at the site, 2 km at 100 km from there."""
ALIKE_SHARE = 0.5
"""Correlation length over the posting: what is left out has waves shorter than two postings, and a
quarter of the longest is where they are no more alike."""
ACROSS_M = np.array([-2_000.0, -1_000.0, 0.0, 1_000.0, 2_000.0])
"""The map is looked at as far to both sides of the planned track."""
WINDOW_COUNT = 9
LEAST_WINDOW_M = 2_000.0
LEAST_SIGMA_M = 1.0


class MapError(NamedTuple):
    """What the filter assumes of its map, m."""

    range_m: Float[np.ndarray, " knots"]  # from the site, rising
    sigma_m: Float[np.ndarray, " knots"]  # of height, there
    bend_factor: float  # rms second difference of nodes one posting apart, over `sigma_m`
    independent_m: float  # apart, strikes of the altimeter count as independent
    alike_m: float  # distance d where the correlation, exp(-(d / alike)^2), is 1/e
    relief: Relief  # of the ground below the source maps


def map_error(
    onboard_map: TerrainMap,
    azimuth_rad: float,
    statistics: SurfaceStatistics | None,
    source_pixel_m: float,
) -> MapError:
    """The `MapError` of a map carried, along an approach with this heading at the site.

    The ground below the maps that it was made from, with such pixels, comes on top by the site's
    statistics.
    """
    range_m = knots_m()
    known = SurfaceStatistics() if statistics is None else statistics
    share = left_out_share(known.hurst_exponent)
    left_out_m = share * second_difference_m(onboard_map, azimuth_rad, range_m)
    return MapError(
        range_m,
        np.maximum(left_out_m, LEAST_SIGMA_M),
        1.0 / share,
        ONBOARD_POSTING_M,
        ALIKE_SHARE * ONBOARD_POSTING_M,
        believed_relief(statistics, source_pixel_m),
    )


def left_out_share(hurst_exponent: float) -> float:
    """Rms error of a line between nodes over the rms second difference of nodes as far apart."""
    twice = 2.0 * hurst_exponent
    of_line = 2.0 / ((twice + 1.0) * (twice + 2.0)) - 1.0 / 6.0
    return math.sqrt(of_line / (4.0 - 2.0**twice))


def knots_m() -> Float[np.ndarray, " knots"]:
    """Ranges from the site, m: nearly even close to it, by a constant factor far away."""
    share = np.linspace(0.0, 1.0, KNOT_COUNT)
    return KNOT_SCALE_M * np.expm1(share * math.log1p(LAST_KNOT_M / KNOT_SCALE_M))


def second_difference_m(
    onboard_map: TerrainMap, azimuth_rad: float, range_m: Float[np.ndarray, " knots"]
) -> Float[np.ndarray, " knots"]:
    """Rms second difference of the map's heights, one posting apart, around places of the approach.

    Around means half-way to the next places, and 2 km to either side at the least; along the
    track and across it count alike.
    """
    half_m = np.maximum(np.gradient(range_m) / 2.0, LEAST_WINDOW_M)
    along_m = -range_m[:, None] + half_m[:, None] * np.linspace(-1.0, 1.0, WINDOW_COUNT)
    fine = range_m < TRACK_UPRANGE_M - RIM_COUNT * ONBOARD_POSTING_M
    step_m = np.where(fine, ONBOARD_POSTING_M, WIDE_STEP_FACTOR * ONBOARD_POSTING_M)
    along, across, step = np.broadcast_arrays(
        along_m[:, :, None], ACROSS_M[None, None, :], step_m[:, None, None]
    )

    def height_m(
        ahead: Float[np.ndarray, "..."], right: Float[np.ndarray, "..."]
    ) -> Float[np.ndarray, "..."]:
        return heights_on_plane(onboard_map, on_plane_m(azimuth_rad, ahead, right))

    twice_m = 2.0 * height_m(along, across)
    ways = [
        height_m(along - step, across) - twice_m + height_m(along + step, across),
        height_m(along, across - step) - twice_m + height_m(along, across + step),
    ]
    return np.sqrt(np.mean(np.square(ways), axis=(0, 2, 3)))


def on_plane_m(
    azimuth_rad: float, along_m: Float[np.ndarray, "..."], right_m: Float[np.ndarray, "..."]
) -> Float[np.ndarray, "... 2"]:
    """East and north, m, of places along the motion and to its right of the site."""
    sine, cosine = math.sin(azimuth_rad), math.cos(azimuth_rad)
    east_m, north_m = sine * along_m + cosine * right_m, cosine * along_m - sine * right_m
    return np.stack([east_m, north_m], axis=-1)
