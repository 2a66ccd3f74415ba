"""The surface below the map, by the native compiler: the ground is XLA's."""

import jax
import jax.numpy as jnp
import numpy as np

from perilune.design.build_surface import build_surface
from perilune.mission.surface_statistics import SurfaceStatistics
from perilune.truth.environment.surface import relief
from tests.native.against_jax import by_jax, natively

LANES = 8


def test_the_ground_below_the_map_is_the_same_by_both_compilers():
    """Each lane with a footprint of its own, from half a metre to nothing at all."""
    surface = build_surface(SurfaceStatistics(crater_crossing="200 m"), jnp.array(1_200.0))
    places_m = jnp.asarray(np.random.default_rng(11).uniform(-5e4, 5e4, (LANES, 2)))
    keys = jnp.stack([jax.random.key_data(jax.random.key(lane)) for lane in range(LANES)])
    footprints_m = jnp.array([0.5, 0.5, 0.5, 1.7, 5.0, 30.0, 900.0, 4_000.0])

    def ground(held, key, place_m, footprint_m):
        return relief(held, key, place_m, footprint_m)

    ours, theirs = (
        each(ground, (surface,), (keys, places_m, footprints_m)) for each in (natively, by_jax)
    )
    for one, other in zip(jax.tree.leaves(ours), jax.tree.leaves(theirs), strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-11, atol=1e-11)
    assert np.ptp(ours[0][:5]) > 1.0
    assert ours[0][7] == 0.0
