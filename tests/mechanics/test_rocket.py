import math

import jax.numpy as jnp
import numpy as np
import pytest

from perilune.mechanics.rocket import exhaust_speed_m_s, mass_after_kg


def test_e_fold_of_mass_gives_the_exhaust_speed():
    exhaust_m_s = exhaust_speed_m_s(320.0)
    assert exhaust_m_s == pytest.approx(3138.128)
    assert mass_after_kg(math.e, exhaust_m_s, exhaust_m_s, xp=math) == pytest.approx(1.0)


def test_two_burns_leave_what_their_sum_leaves():
    speeds_m_s = np.array([0.0, 120.0, 1_700.0])
    once = mass_after_kg(2_000.0, speeds_m_s + 50.0, 3_100.0, xp=np)
    twice = mass_after_kg(mass_after_kg(2_000.0, speeds_m_s, 3_100.0), 50.0, 3_100.0)
    np.testing.assert_allclose(twice, once, rtol=1e-14)
    np.testing.assert_allclose(mass_after_kg(jnp.array(2_000.0), 0.0, 3_100.0), 2_000.0)
