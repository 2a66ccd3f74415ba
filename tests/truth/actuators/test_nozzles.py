import jax.numpy as jnp
import numpy as np
import pytest

from perilune.truth.actuators.nozzles import Nozzles, jets_by_step, mean_jets
from validation.bodies import nozzles

CENTER_M = jnp.array([0.0, 0.0, 1.75])
PLACES = np.array([[0.9, 0.0, 2.0], [-0.9, 0.0, 2.0]])
DIRECTIONS = np.array([[0.0, 1.0, 0.0], [0.0, -1.0, 0.0]])


def test_two_opposed_nozzles_make_a_pure_couple():
    jets = mean_jets(nozzles(10.0, 0.02, PLACES, DIRECTIONS), jnp.array([0.5, 0.5]), CENTER_M)
    np.testing.assert_allclose(jets.force_body_n, 0.0, atol=1e-15)
    np.testing.assert_allclose(jets.torque_body_n_m, [0.0, 0.0, 2 * 0.9 * 10.0 * 0.5], atol=1e-14)
    assert float(jets.tank_flow_kg_s[1]) == pytest.approx(10.0 / (165.0 * 9.80665))


def test_nozzles_of_another_kind_push_pulse_and_draw_as_their_own_figures_say():
    mixed = Nozzles(
        thrust_n=jnp.array([10.0, 200.0]),
        specific_impulse_s=jnp.array([165.0, 165.0]),
        min_pulse_s=jnp.array([0.02, 0.04]),
        position_body_m=jnp.asarray(PLACES),
        direction_body=jnp.asarray(DIRECTIONS),
        draw_fraction=jnp.array([[0.0, 1.0], [1.0, 0.0]]),
    )
    steps = jnp.asarray(0.05), 2
    short = jets_by_step(mixed, jnp.array([0.03, 0.03]), jnp.array([5.0, 5.0]), CENTER_M, *steps)
    np.testing.assert_allclose(short.force_body_n, [[0.0, 6.0, 0.0], [0.0, 0.0, 0.0]], atol=1e-14)
    long = jets_by_step(mixed, jnp.array([0.0, 0.075]), jnp.array([5.0, 5.0]), CENTER_M, *steps)
    np.testing.assert_allclose(long.force_body_n[:, 1], [-200.0, -100.0], atol=1e-12)
    np.testing.assert_allclose(long.tank_flow_kg_s[0], [200.0 / (165.0 * 9.80665), 0.0])
    dry = jets_by_step(mixed, jnp.array([0.1, 0.1]), jnp.array([0.0, 5.0]), CENTER_M, *steps)
    np.testing.assert_allclose(dry.force_body_n[0], [0.0, 10.0, 0.0], atol=1e-14)
