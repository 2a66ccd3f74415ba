import jax
import jax.numpy as jnp
import numpy as np

from perilune.mechanics.gravity import point_mass_m_s2
from perilune.mechanics.integration import rk4

GM_M3_S2 = 4902.8e9
RADIUS_M = 1_837_400.0
PERIOD_S = 2.0 * np.pi * np.sqrt(RADIUS_M**3 / GM_M3_S2)


def after_one_revolution(steps):
    def derivative(state, _):
        return {"r": state["v"], "v": point_mass_m_s2(GM_M3_S2, state["r"])}

    def step(state, k):
        return rk4(derivative, state, k * PERIOD_S / steps, PERIOD_S / steps), None

    start = {
        "r": jnp.array([RADIUS_M, 0.0, 0.0]),
        "v": jnp.array([0.0, np.sqrt(GM_M3_S2 / RADIUS_M), 0.0]),
    }
    end, _ = jax.jit(lambda s: jax.lax.scan(step, s, jnp.arange(float(steps))))(start)
    return float(jnp.linalg.norm(end["r"] - start["r"]))


def test_a_circular_orbit_closes_and_the_error_falls_as_the_fourth_power():
    coarse_m, fine_m = after_one_revolution(500), after_one_revolution(1000)
    assert fine_m < 1e-2
    assert 14.0 < coarse_m / fine_m < 18.0


def test_a_cubic_in_time_is_integrated_exactly():
    state, t_s = jnp.array([0.0]), 0.5
    state = rk4(lambda _, at_s: jnp.array([4.0 * at_s**3]), state, t_s, 1.5)
    np.testing.assert_allclose(state, [2.0**4 - 0.5**4], rtol=1e-15)
