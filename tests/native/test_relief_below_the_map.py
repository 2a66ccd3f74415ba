"""Craters and roughness below the map, by the native compiler: the ground is XLA's."""

import jax
import jax.numpy as jnp
import numpy as np

from perilune.design.build_roughness import build_roughness
from perilune.truth.environment.craters import Craters, crater_relief
from perilune.truth.environment.roughness import roughness_relief
from tests.native.against_jax import by_jax, natively

LANES = 8


def test_the_ground_below_the_map_is_the_same_by_both_compilers():
    craters = Craters(largest_m=jnp.array(512.0), crossing_m=jnp.array(200.0))
    rough = build_roughness(0.95, 0.1, 17.0, 1_200.0)
    places_m = jnp.asarray(np.random.default_rng(11).uniform(-5e4, 5e4, (LANES, 2)))
    keys = jnp.stack([jax.random.key_data(jax.random.key(lane)) for lane in range(LANES)])

    def ground(held, key, place_m):
        return (
            crater_relief(held[0], key, place_m, 0.5),
            roughness_relief(held[1], key, place_m, 0.5),
        )

    ours, theirs = (
        each(ground, ((craters, rough),), (keys, places_m)) for each in (natively, by_jax)
    )
    for one, other in zip(jax.tree.leaves(ours), jax.tree.leaves(theirs), strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-11, atol=1e-11)
    assert np.ptp(ours[0][0]) > 1.0
