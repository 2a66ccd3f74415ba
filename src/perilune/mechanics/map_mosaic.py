"""How several published maps become one surface, finest first, and what is known of it where."""

import math
from collections.abc import Sequence
from typing import Protocol

import numpy as np
from jaxtyping import Bool, Float, Int
from scipy import ndimage

from perilune.mechanics import projection
from perilune.mechanics.constants import MOON_RADIUS_M
from perilune.mechanics.map_tiles import FEATHER_COUNT, Grid, Place, smooth_step

PLANE_RADIUS_M, LEVEL_RADIUS_M = 5_000.0, 15_000.0
"""With no map: the sloping plane reaches to the first, and is level ground from the second on."""


class Source(Protocol):
    """A published map."""

    def sample(
        self, latitude_rad: Float[np.ndarray, " n"], longitude_rad: Float[np.ndarray, " n"]
    ) -> Float[np.ndarray, " n"]:
        """Heights, m; not-a-number outside."""


class SlopingPlace(Place, Protocol):
    """A site's published height and slope."""

    @property
    def height_m(self) -> float:
        """Above the reference sphere."""

    @property
    def slope_rad(self) -> float:
        """From the horizontal."""

    @property
    def slope_aspect_rad(self) -> float:
        """Which way is down, clockwise from north."""


def sample_sources(
    sources: Sequence[Source], latitude_rad: Grid, longitude_rad: Grid
) -> tuple[Grid, Int[np.ndarray, "*grid"]]:
    """Heights, m, and the index of the finest source that has each point (-1: none).

    The angles are 2-D, laid out as the grid being filled. Where a source ends, it passes into
    the next over FEATHER_COUNT grid points; where all end, the nearest known height is held.
    """
    shape = np.shape(latitude_rad)
    total_m, left, owner = np.zeros(shape), np.ones(shape), np.full(shape, -1)
    for index, source in enumerate(sources):
        unfilled = left > 0.0
        if not unfilled.any():
            break
        height_m = np.full(shape, np.nan)
        height_m[unfilled] = source.sample(latitude_rad[unfilled], longitude_rad[unfilled])
        held = np.isfinite(height_m)
        share = np.where(held, left * _feather(held | ~unfilled), 0.0)
        total_m += np.where(held, share * height_m, 0.0)
        left = left - share
        owner[held & (owner < 0)] = index
    known = owner >= 0
    total_m[known] /= 1.0 - left[known]
    return _extended(total_m, known), owner


def _feather(held: Bool[np.ndarray, "rows columns"]) -> Float[np.ndarray, "rows columns"]:
    """1 well inside what a source holds, falling towards its edge, never 0 inside."""
    if held.all():
        return np.ones(held.shape)
    return smooth_step(ndimage.distance_transform_edt(held) / FEATHER_COUNT)


def _extended(
    height_m: Float[np.ndarray, "rows columns"], known: Bool[np.ndarray, "rows columns"]
) -> Float[np.ndarray, "rows columns"]:
    if known.all():
        return height_m
    nearest = ndimage.distance_transform_edt(~known, return_distances=False, return_indices=True)
    return height_m[tuple(nearest)]


def published_plane(
    site: SlopingPlace, latitude_rad: Grid, longitude_rad: Grid
) -> tuple[Grid, Int[np.ndarray, "*grid"]]:
    """The plane of the published slope through the site, fading into its height; all made up."""
    to_site = projection.site_from_fixed_matrix(site.latitude_rad, site.longitude_rad)
    direction = projection.direction_from_angles(latitude_rad, longitude_rad) @ to_site.T
    ground_radius_m = MOON_RADIUS_M + site.height_m
    east_m, north_m = ground_radius_m * np.moveaxis(direction[..., :2], -1, 0)
    downslope_m = east_m * np.sin(site.slope_aspect_rad) + north_m * np.cos(site.slope_aspect_rad)
    angle = np.arccos(np.clip(direction[..., 2], -1.0, 1.0))
    out = (MOON_RADIUS_M * angle - PLANE_RADIUS_M) / (LEVEL_RADIUS_M - PLANE_RADIUS_M)
    drop_m = math.tan(site.slope_rad) * downslope_m * (1.0 - smooth_step(out))
    return site.height_m - drop_m, np.full(np.shape(latitude_rad), -1)
