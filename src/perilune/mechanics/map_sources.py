"""How several published maps become one surface, finest first, and what is known of it where."""

import numpy as np
from scipy import ndimage

from perilune.mechanics.map_building import FEATHER_COUNT, smooth_step


def sample_sources(sources, latitude_rad, longitude_rad):
    """Heights, m, and the index of the finest source that has each point (-1: none).

    The angles are 2-D, laid out as the grid being filled. Where a source ends, it passes into
    the next over FEATHER_COUNT grid points; where all end, the nearest known height is held.
    Each source has `sample(latitude_rad, longitude_rad)`, not-a-number outside.
    """
    shape = np.shape(latitude_rad)
    total_m, left, owner = np.zeros(shape), np.ones(shape), np.full(shape, -1)
    for index, source in enumerate(sources):
        asked = left > 0.0
        if not asked.any():
            break
        height_m = np.full(shape, np.nan)
        height_m[asked] = source.sample(latitude_rad[asked], longitude_rad[asked])
        held = np.isfinite(height_m)
        share = np.where(held, left * _feather(held | ~asked), 0.0)
        total_m += np.where(held, share * height_m, 0.0)
        left = left - share
        owner[held & (owner < 0)] = index
    known = owner >= 0
    total_m[known] /= 1.0 - left[known]
    return _extended(total_m, known), owner


def _feather(held):
    """1 well inside what a source holds, falling towards its edge, never 0 inside."""
    if held.all():
        return np.ones(held.shape)
    return smooth_step(ndimage.distance_transform_edt(held) / FEATHER_COUNT)


def _extended(height_m, known):
    if known.all():
        return height_m
    nearest = ndimage.distance_transform_edt(~known, return_distances=False, return_indices=True)
    return height_m[tuple(nearest)]
