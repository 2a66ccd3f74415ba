import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from perilune.interfaces.clock import CLOCK_S
from perilune.mechanics.spring_damper import (
    CONTACT_STEP_S,
    damping_factor,
    damping_n_s_per_m,
    largest_damping_n_s_per_m,
    largest_stiffness_n_per_m,
    mass_on_each_kg,
    restitution,
)
from perilune.truth.dynamics.contact import SUBSTEP_COUNT

MASS_KG, STIFFNESS_N_PER_M = 145.0, 2e5


def one_step(damping_n_s_per_m, stiffness_n_per_m, step_s=CONTACT_STEP_S, mass_kg=MASS_KG):
    """What a kick and a drift make of (place, speed)."""
    kick = np.array(
        [[1.0, 0.0], [-step_s * stiffness_n_per_m, mass_kg - step_s * damping_n_s_per_m]]
    )
    kick[1] /= mass_kg
    return np.array([[1.0, step_s], [0.0, 1.0]]) @ kick


def test_the_step_is_the_one_that_contact_takes():
    assert abs(CLOCK_S / SUBSTEP_COUNT - CONTACT_STEP_S) < 1e-12


@pytest.mark.parametrize("damping_ratio", [0.0, 0.2, 0.7, 0.999, 1.0, 1.001, 1.5, 3.0])
def test_restitution_is_that_of_the_differential_equation(damping_ratio):
    """Stepped finely by the exact exponential of the motion until the force ends."""
    frequency = np.sqrt(STIFFNESS_N_PER_M / MASS_KG)
    system = np.array([[0.0, 1.0], [-(frequency**2), -2.0 * damping_ratio * frequency]])
    vectors_step = np.eye(2)
    for power in range(12, 0, -1):  # the exponential of a small step, by Horner's scheme
        vectors_step = np.eye(2) + system * 1e-6 / power @ vectors_step
    state, pushing = np.array([0.0, -1.0]), True
    while pushing:
        state = vectors_step @ state
        pushing = system[1] @ state > 0.0
    assert state[1] == pytest.approx(restitution(damping_ratio), abs=2e-4)


@given(st.floats(1e-6, 1.0))
def test_the_damping_ratio_of_a_restitution_gives_it_back(share):
    assert restitution(damping_factor(share)) == pytest.approx(share, rel=1e-9, abs=1e-12)


@pytest.mark.parametrize("share", [0.0, 1.1, -0.2, float("nan")])
def test_no_restitution_lies_outside_nothing_and_all(share):
    with pytest.raises(ValueError, match="restitution lies in"):
        damping_factor(share)


def test_damping_at_the_critical_ratio_is_two_roots_of_stiffness_times_mass():
    critical = damping_n_s_per_m(np.exp(-2.0), STIFFNESS_N_PER_M, MASS_KG)
    assert critical == pytest.approx(2.0 * np.sqrt(STIFFNESS_N_PER_M * MASS_KG), rel=1e-6)


@given(st.floats(1e3, 1e8))
def test_the_largest_damping_is_where_a_step_stops_being_stable(stiffness):
    bound = largest_damping_n_s_per_m(CONTACT_STEP_S, MASS_KG, stiffness)
    inside, outside = (
        np.abs(np.linalg.eigvals(one_step(share * bound, stiffness))).max()
        for share in (0.999, 1.001)
    )
    assert inside < 1.0 < outside


def test_the_largest_stiffness_has_two_pi_steps_to_a_period_and_is_a_quarter_of_what_diverges():
    stiffness = largest_stiffness_n_per_m(CONTACT_STEP_S, MASS_KG)
    period_s = 2.0 * np.pi / np.sqrt(stiffness / MASS_KG)
    assert period_s == pytest.approx(2.0 * np.pi * CONTACT_STEP_S)
    just_stable, diverging = (
        np.abs(np.linalg.eigvals(one_step(0.0, share * 4.0 * stiffness))).max()
        for share in (0.999, 1.001)
    )
    assert just_stable == pytest.approx(1.0)
    assert diverging > 1.01


def test_points_at_the_centre_share_the_mass_and_one_far_out_moves_less_of_it():
    assert mass_on_each_kg([[0.0, 0.0, 0.0]] * 6, 900.0, (1e3,) * 3) == pytest.approx(150.0)
    arm_m, inertia = 2.0, 1200.0
    lone_kg = mass_on_each_kg([[arm_m, 0.0, 0.0]], 900.0, (inertia,) * 3)
    assert lone_kg == pytest.approx(1.0 / (1.0 / 900.0 + arm_m**2 / inertia))
