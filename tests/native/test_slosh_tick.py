"""Liquid that sways, by the native compiler: the tick and the step of contact are XLA's."""

import jax
import jax.numpy as jnp
import numpy as np

from perilune.interfaces import quiet_command
from perilune.truth.dynamics.free_flight import fly_tick, surroundings
from tests.native.against_jax import by_jax, natively
from tests.truth.dynamics.sloshing_bodies import loaded, swaying, tanks_of

LANES = 8


def test_a_tick_of_swaying_liquid_is_the_same_by_both_compilers():
    vehicle = swaying(tanks_of(700.0, np.array([900.0, 1100.0, 700.0])), 0.03, 1.7e-7)
    random = np.random.default_rng(150)
    start = loaded(vehicle, [400.0, 150.0], thrust_n=jnp.array([3000.0]))
    states = jax.tree.map(
        lambda leaf: jnp.asarray(leaf + 0.1 * random.standard_normal((LANES, *leaf.shape))), start
    )

    def tick(held, state):
        command = quiet_command()
        around = surroundings(held, state, command, jnp.asarray(0.0), jnp.zeros(3))
        return fly_tick(held, around, command, state, jnp.asarray(0.1))

    ours, theirs = (each(tick, (vehicle,), (states,)) for each in (natively, by_jax))
    for one, other in zip(jax.tree.leaves(ours), jax.tree.leaves(theirs), strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-11, atol=1e-12)
    assert np.ptp(ours.slosh.speed_m_s) > 0.1
