"""What thrust reaches, and the time to slow down, against their closed forms."""

import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from perilune.mechanics.rocket import mass_after_kg
from perilune.onboard.guidance.polynomial import e_guidance
from perilune.onboard.guidance.reach import slowing_s, within_reach

accelerations = st.tuples(*[st.floats(-5.0, 5.0)] * 3).map(np.array)


@given(wanted=accelerations, unplaced=accelerations, most=st.floats(0.5, 8.0))
def test_the_nearest_on_the_way_that_thrust_reaches_is_taken(wanted, unplaced, most):
    found = np.asarray(within_reach(jnp.asarray(wanted), jnp.asarray(unplaced), jnp.asarray(most)))
    size = np.linalg.norm(wanted)
    if size <= most:
        np.testing.assert_array_equal(found, wanted)
        return
    shares = np.linspace(0.0, 1.0, 2_001)
    on_the_way = unplaced + shares[:, None] * (wanted - unplaced)
    in_reach = np.linalg.norm(on_the_way, axis=1) <= most
    if np.any(in_reach):
        assert np.linalg.norm(found) <= most * (1.0 + 1e-6)
        furthest = on_the_way[np.flatnonzero(in_reach)[-1]]
        step = np.linalg.norm(wanted - unplaced) / 2_000
        assert np.linalg.norm(found - furthest) <= step + 1e-6
    else:
        np.testing.assert_allclose(np.cross(found - unplaced, wanted - unplaced), 0.0, atol=1e-5)


def test_a_point_on_the_way_is_e_guidance_to_a_target_in_between():
    """Its thrust is linear in the target's place, so that half way leads half way."""
    speed, wanted_speed = jnp.array([-80.0, 3.0, -20.0]), jnp.array([0.0, 0.0, -3.0])
    left_s = jnp.asarray(30.0)
    near, far = jnp.array([900.0, -20.0, 400.0]), jnp.array([1_500.0, 40.0, 400.0])
    both = [e_guidance(to, speed, wanted_speed, left_s) for to in (near, far)]
    between = e_guidance(0.5 * (near + far), speed, wanted_speed, left_s)
    np.testing.assert_allclose(0.5 * (both[0] + both[1]), between, atol=1e-12)


@pytest.mark.parametrize("change_m_s", [10.0, 400.0, 1_700.0])
def test_the_time_to_slow_down_is_that_of_full_thrust_while_the_mass_falls(change_m_s):
    """The rocket equation forwards: in that time full thrust takes off just that speed."""
    mass_kg, thrust_n, exhaust_m_s = 1_600.0, 3_200.0, 3_100.0
    time_s = float(
        slowing_s(
            jnp.asarray(change_m_s), jnp.asarray(thrust_n / mass_kg), jnp.asarray(exhaust_m_s)
        )
    )
    burnt_kg = mass_kg - float(mass_after_kg(mass_kg, change_m_s, exhaust_m_s, np))
    assert time_s == pytest.approx(burnt_kg * exhaust_m_s / thrust_n, rel=1e-12)
