"""How hard braking pushes in the mean, and how errors that grow with thrust walk."""

import math
from types import SimpleNamespace

import numpy as np
import pytest

from perilune.design.braking_belief import mean_braking_m_s2
from perilune.design.build_sensors import WEIGHT_M_S2, accelerometer_walk_m_s2_per_sqrt_s
from perilune.mechanics.constants import STANDARD_GRAVITY_M_S2

SPENT_M_S, BRAKED_M_S, TIME_S, IMPULSE_S = 70.0, 1_800.0, 600.0, 320.0


def test_mean_braking_is_the_speed_made_over_its_time_by_the_rocket_equation():
    exhaust_m_s = IMPULSE_S * STANDARD_GRAVITY_M_S2
    end_kg = 2_000.0 * math.exp(-(SPENT_M_S + BRAKED_M_S) / exhaust_m_s)
    vehicle = SimpleNamespace(start_mass_kg=2_000.0, specific_impulse_s=IMPULSE_S)
    course = SimpleNamespace(end_mass_kg=end_kg, braking_time_s=TIME_S)
    assert mean_braking_m_s2(vehicle, course, SPENT_M_S) == pytest.approx(BRAKED_M_S / TIME_S)


def test_biases_walk_by_what_grows_with_the_thrust_that_changes(athena):
    """From 3.62 m/s^2 to the weight on the Moon, 1.62: 2 in 100 s; scale along the thrust."""
    unit, braking_m_s2 = athena.lander.imu, WEIGHT_M_S2 + 2.0
    walk = accelerometer_walk_m_s2_per_sqrt_s(athena.lander, braking_m_s2)
    bent = unit.mount_flex_rad_per_m_s2 * braking_m_s2
    across = math.hypot(unit.accelerometer_misalignment_rad, bent)
    expected = 0.2 * np.array([across, across, unit.accelerometer_scale_fraction])
    np.testing.assert_allclose(walk, expected, rtol=1e-9)
    assert pytest.approx(1.62, abs=0.01) == WEIGHT_M_S2
    still = accelerometer_walk_m_s2_per_sqrt_s(athena.lander, WEIGHT_M_S2)
    np.testing.assert_array_equal(still, 0.0)
