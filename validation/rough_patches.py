"""Knows how rough the Moon was measured to be: a patch of the Nobile rim, and slopes over 17 m."""

import functools
import math

import jax
import jax.numpy as jnp
import numpy as np
import rasterio
from scipy.interpolate import LinearNDInterpolator

from perilune import load_mission
from perilune.design.build_surface import build_surface, largest_relief_m
from perilune.truth.environment.surface import relief_m
from validation.comparison import Comparison, data_file

STEP_M, SIDE = 4.0, 250
LAGS_M, SLOPE_BASE_M = (4.0, 20.0, 80.0, 160.0), 16.0
PATCHES, SHOTS_PER_KM2, MAP_PIXEL_M = 24, 7_000, 474.0
PATCH_LIMIT, SLOPE_LIMIT_DEG = 0.35, 0.5
NOBILE = "terrain/nobile_rim1_1km_lola_1m_grid.tif"
PUBLISHED = {
    "athena": (7.6, "south pole"),
    "chandrayaan-3": (7.5, "highlands"),
    "apollo-11": (2.0, "maria"),
}
"""Mission to its site: median slope over 17 m, deg (Rosenburg et al. 2011), and of what ground."""
SHARE_BELOW_THE_MAP = {"athena": 0.53, "chandrayaan-3": 0.53, "apollo-11": 1.0}
"""Of that slope, of waves below 1.2 km at the site's Hurst exponent; of a mare, all is craters."""


def compare():
    """Slopes over 17 m of three sites, and the measured patch among patches of the pole's ground.

    Patches are seen as the altimeter LOLA sees them: at the places of its shots, 7,000 a square
    kilometre [inferred: some 90,000 passes over 84 deg south, each with a cluster of five every 57
    m], interpolated.
    """
    return [*slopes(), *nobile()]


def slopes():
    """Median slopes of sites beside the share of the published ones that is below their map."""
    for mission, (slope_deg, ground) in PUBLISHED.items():
        theirs = slope_deg * SHARE_BELOW_THE_MAP[mission]
        ours = np.median([slope_over_17_m(mission, run) for run in range(8)])
        yield Comparison(
            f"{ground}: median slope over 17 m, of what is below the map",
            abs(ours - theirs),
            SLOPE_LIMIT_DEG,
            "deg",
            "Rosenburg et al. 2011",
            ours=ours,
            theirs=theirs,
        )


def nobile():
    """The measured patch of 1 km beside the median of synthetic ones: a factor, by distance."""
    measured = figures(measured_patch_m())
    ours = np.array([figures(as_seen(patch_m(run), run)) for run in range(PATCHES)])
    names = [f"rms height difference over {lag_m:g} m" for lag_m in LAGS_M]
    for name, theirs, some in zip(
        [*names, f"median slope over {SLOPE_BASE_M:g} m, deg"], measured, ours.T, strict=True
    ):
        middle = float(np.median(some))
        yield Comparison(
            f"Nobile rim, 1 km: {name}",
            abs(math.log(theirs / middle)),
            PATCH_LIMIT,
            "of its logarithm",
            "LOLA, Barker et al. 2021",
            ours=middle,
            theirs=float(theirs),
        )


@functools.cache
def _surface(mission):
    return build_surface(
        load_mission(mission).site.surface, jnp.array(largest_relief_m(MAP_PIXEL_M))
    )


@functools.partial(jax.jit, static_argnames="finest_m")
def _heights_m(surface, key, places_m, finest_m):
    size_m = jnp.array(finest_m)
    return jax.vmap(lambda place_m: relief_m(surface, key, place_m, size_m))(places_m)


def _key(run):
    return jax.random.key_data(jax.random.key(run))


def slope_over_17_m(mission, run):
    """Slopes, deg, between three places at right angles, at 2,000 places of a run."""
    at_m = np.random.default_rng(run).uniform(-20_000.0, 20_000.0, (2_000, 2))
    here, east, north = (
        np.asarray(_heights_m(_surface(mission), _key(run), at_m + np.array(way), 0.5))
        for way in ((0.0, 0.0), (17.0, 0.0), (0.0, 17.0))
    )
    return np.degrees(np.arctan(np.hypot(east - here, north - here) / 17.0))


def patch_m(run):
    """Heights (250, 250), m, 4 m apart, of the pole's ground below its map."""
    axis_m = STEP_M * np.arange(SIDE)
    corner_m = np.random.default_rng(run).uniform(-30_000.0, 30_000.0, 2)
    places_m = np.stack(np.meshgrid(axis_m, axis_m, indexing="ij"), axis=-1) + corner_m
    heights_m = _heights_m(_surface("athena"), _key(run), places_m.reshape(-1, 2), STEP_M)
    return np.asarray(heights_m).reshape(SIDE, SIDE)


def as_seen(height_m, run):
    """The patch between so many shots as LOLA had, its rim left out."""
    count = round(SHOTS_PER_KM2 * (STEP_M * SIDE / 1_000.0) ** 2)
    shots = np.random.default_rng(run).uniform(0.0, SIDE - 1.0, (count, 2))
    corners = (SIDE - 1) * np.array([[0, 0], [0, 1], [1, 0], [1, 1]])
    rows, columns = np.concatenate([corners, np.round(shots).astype(int)]).T
    between = LinearNDInterpolator(np.stack([rows, columns], axis=-1), height_m[rows, columns])
    inside = np.arange(5.0, SIDE - 5.0)
    return between(*np.meshgrid(inside, inside, indexing="ij"))


def measured_patch_m():
    """Heights, m, 4 m apart, of the patch as published."""
    with rasterio.open(data_file(NOBILE)) as opened:
        return opened.read(1)[:: int(STEP_M), :: int(STEP_M)].astype(float)


def figures(height_m):
    """The rms height differences at `LAGS_M`, m, and the median slope, deg, about a mean plane."""
    rows, columns = np.indices(height_m.shape).reshape(2, -1)
    plane = np.stack([rows, columns, np.ones(rows.size)], axis=-1)
    fitted = plane @ np.linalg.lstsq(plane, height_m.ravel())[0]
    level_m = height_m - fitted.reshape(height_m.shape)
    far = round(SLOPE_BASE_M / STEP_M)
    here, down, aside = level_m[:-far, :-far], level_m[far:, :-far], level_m[:-far, far:]
    slope = np.hypot(down - here, aside - here) / SLOPE_BASE_M
    return [*(_rms_difference_m(level_m, lag_m) for lag_m in LAGS_M), _median_deg(slope)]


def _median_deg(slope):
    return float(np.degrees(np.arctan(np.median(slope))))


def _rms_difference_m(height_m, lag_m):
    far = round(lag_m / STEP_M)
    squares = [
        (height_m[far:] - height_m[:-far]) ** 2,
        (height_m[:, far:] - height_m[:, :-far]) ** 2,
    ]
    return float(np.sqrt(np.mean(np.concatenate([each.ravel() for each in squares]))))
