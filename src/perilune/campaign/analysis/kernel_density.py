"""How densely places lie in the plane, as a relief over a lattice, and its contours.

The relief is drawn in coordinates compressed by asinh, so that a landing kilometres off neither
blurs the near ones nor coarsens their lattice.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import cast

import contourpy
import numpy as np
from jaxtyping import Float, Int
from scipy import stats
from scipy.interpolate import RegularGridInterpolator

MOST_CENTERS = 1500
LATTICE_COUNT = 96
MARGIN = 0.15
"""Of the lattice's width, added on each side: several kernels' widths."""
KNEE = 2.0
"""Coordinates run straight to about so many sigmas and are compressed beyond."""
SIGMA_OF_QUARTILES = 1.349
"""A Gaussian's quartiles lie so many sigmas apart."""
FAR_BELOW = 1e3
STEP_COUNT = 16
"""Nodes added at a time where a contour would run over the lattice's edge."""


@dataclass(frozen=True)
class Relief:
    """The log of places per square metre at the nodes of a lattice in compressed coordinates."""

    middle_m: Float[np.ndarray, "2"]
    scale_m: Float[np.ndarray, "2"]
    nodes: tuple[Float[np.ndarray, " k"], Float[np.ndarray, " l"]]  # compressed
    log_density: Float[np.ndarray, "k l"]
    kernels: stats.gaussian_kde  # of compressed coordinates


def relief(centers_m: Float[np.ndarray, "n 2"], span_m: Float[np.ndarray, "m 2"]) -> Relief:
    """The `Relief` of places, its lattice wide enough for all of `span_m`.

    Gaussian kernels of Scott's width, at most `MOST_CENTERS` of them, evenly picked.
    """
    middle_m, scale_m = np.median(centers_m, axis=0), KNEE * _sigma_m(centers_m)
    every = -(-len(centers_m) // MOST_CENTERS)
    kernels = stats.gaussian_kde(_squeezed(centers_m[::every], middle_m, scale_m).T)
    corners = _squeezed(span_m, middle_m, scale_m)
    margin = MARGIN * np.ptp(corners, axis=0)
    low, high = np.min(corners, axis=0) - margin, np.max(corners, axis=0) + margin
    east, north = np.linspace(low, high, LATTICE_COUNT).T
    nodes = east, north
    return Relief(middle_m, scale_m, nodes, _log_density(kernels, scale_m, nodes), kernels)


def _log_density(
    kernels: stats.gaussian_kde,
    scale_m: Float[np.ndarray, "2"],
    nodes: tuple[Float[np.ndarray, " k"], Float[np.ndarray, " l"]],
) -> Float[np.ndarray, "k l"]:
    lattice = np.stack(np.meshgrid(*nodes, indexing="ij"), axis=-1).reshape(-1, 2)
    stretch = np.sum(np.log(scale_m * np.cosh(lattice)), axis=1)
    found = kernels.logpdf(lattice.T) - stretch
    return found.reshape([len(axis) for axis in nodes])


def widened(hills: Relief, level: float) -> Relief:
    """The same `Relief` with nodes added outside until none of its two outer rows reaches `level`.

    The nodes there were stay where they are, so that every height on them stays as it was.
    """
    while (sides := _cut_sides(hills.log_density, level)).size:
        for side in sides:
            hills = _longer(hills, *divmod(side, 2))
    return hills


def _cut_sides(log_density: Float[np.ndarray, "k l"], level: float) -> Int[np.ndarray, " side"]:
    """Where a contour would be cut: 0 west, 1 east, 2 south, 3 north."""
    rims = log_density[:2], log_density[-2:], log_density[:, :2], log_density[:, -2:]
    return np.flatnonzero([np.max(rim) >= level for rim in rims])


def _longer(hills: Relief, axis: int, after: int) -> Relief:
    """The `Relief` with nodes added at one end of one axis."""
    own = hills.nodes[axis]
    away = (own[1] - own[0]) * np.arange(1, STEP_COUNT + 1)
    added = own[-1] + away if after else own[0] - away[::-1]
    east, north = hills.nodes
    there = (east, added) if axis else (added, north)
    strip = _log_density(hills.kernels, hills.scale_m, there)
    order = slice(None, None, 1 if after else -1)
    longer = np.concatenate((own, added)[order])
    nodes = (east, longer) if axis else (longer, north)
    whole = np.concatenate((hills.log_density, strip)[order], axis=axis)
    return replace(hills, nodes=nodes, log_density=whole)


def height(hills: Relief, places_m: Float[np.ndarray, "n 2"]) -> Float[np.ndarray, " n"]:
    """Log density at places on the lattice, between its nodes bilinearly."""
    between = RegularGridInterpolator(hills.nodes, hills.log_density)
    return between(_squeezed(places_m, hills.middle_m, hills.scale_m))


def outlines(hills: Relief, level: float) -> list[Float[np.ndarray, "k 2"]]:
    """Closed contours of the log density `level`: in m, holes the other way round.

    They close by themselves on a relief `widened` to the level; on another one its edge cuts them.
    """
    walled = np.full(hills.log_density.shape, level - FAR_BELOW)
    walled[1:-1, 1:-1] = hills.log_density[1:-1, 1:-1]
    east, north = hills.nodes
    found = contourpy.contour_generator(east, north, walled.T).lines(level)
    lines = cast(list[np.ndarray], found)  # what its usual line type is
    return [hills.middle_m + hills.scale_m * np.sinh(line) for line in lines]


def area_m2(closed: Sequence[Float[np.ndarray, "k 2"]]) -> float:
    """The area within closed outlines, holes left out, m²: Gauss's shoelace."""
    doubled = (np.sum(e[:-1] * n[1:] - e[1:] * n[:-1]) for e, n in (one.T for one in closed))
    return float(abs(sum(doubled)) / 2.0)


def _squeezed(
    places_m: Float[np.ndarray, "n 2"],
    middle_m: Float[np.ndarray, "2"],
    scale_m: Float[np.ndarray, "2"],
) -> Float[np.ndarray, "n 2"]:
    return np.arcsinh((places_m - middle_m) / scale_m)


def _sigma_m(places_m: Float[np.ndarray, "n 2"]) -> Float[np.ndarray, "2"]:
    """(2,) by the quartiles, which far landings do not move; by all where those coincide."""
    low_m, high_m = np.quantile(places_m, (0.25, 0.75), axis=0)
    whole_m = np.maximum(np.std(places_m, axis=0), np.finfo(float).tiny)
    return np.where(high_m > low_m, (high_m - low_m) / SIGMA_OF_QUARTILES, whole_m)
