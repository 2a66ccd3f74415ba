"""What the filter may know of the ground below its map: how high its relief is, and how alike."""

from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from perilune.design.build_surface import build_surface, largest_relief_m
from perilune.mission.surface_statistics import SurfaceStatistics
from perilune.truth.environment.surface import relief_m

PLACE_COUNT, REACH_M = 16_384, 200_000.0
LAG_M = 30.0
"""Over which the correlation is fitted: how far from below a low lander its beam strikes."""
FINEST_M = 1.0


class Relief(NamedTuple):
    """Statistics of a site's surface, of no run's in particular."""

    sigma_m: float
    length_m: float
    """d where the correlation of heights d apart, exp(-(d / length)^2), is 1/e."""


def believed_relief(statistics: SurfaceStatistics | None, pixel_m: float) -> Relief:
    """`Relief` below a map of such pixels, from heights of a surface that no flight meets."""
    if statistics is None:
        return Relief(0.0, LAG_M)
    random = np.random.default_rng(0)
    here_m = random.uniform(-REACH_M, REACH_M, (PLACE_COUNT, 2))
    way = random.uniform(0.0, 2.0 * np.pi, PLACE_COUNT)
    there_m = here_m + LAG_M * np.stack([np.cos(way), np.sin(way)], axis=-1)
    surface = build_surface(statistics, jnp.array(largest_relief_m(pixel_m)))
    one, other = (np.asarray(_heights_m(surface, each)) for each in (here_m, there_m))
    sigma_m = float(np.sqrt(np.mean(np.concatenate([one, other]) ** 2)))
    alike = 1.0 - np.mean((other - one) ** 2) / (2.0 * sigma_m**2) if sigma_m > 0.0 else 1.0
    return Relief(sigma_m, LAG_M / float(np.sqrt(-np.log(np.clip(alike, 1e-9, 1.0 - 1e-9)))))


@jax.jit
def _heights_m(surface: Any, places_m: Any) -> Any:
    key, finest_m = jnp.full(2, 2**32 - 1, jnp.uint32), jnp.array(FINEST_M)
    return jax.vmap(lambda place_m: relief_m(surface, key, place_m, finest_m))(places_m)
