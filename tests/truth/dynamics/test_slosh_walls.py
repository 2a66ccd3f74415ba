"""Liquid far out in its tank: the wall that keeps it there, in flight and on the ground."""

import dataclasses

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy.integrate import quad
from scipy.optimize import brentq

from perilune.interfaces import quiet_command
from perilune.mechanics.rotation import from_rotation_vector
from perilune.truth.dynamics.slosh import CARRIED_M_S2, MOST_SPIN_RAD, WALL_M_S2
from tests.truth.dynamics.sloshing_bodies import (
    RADIUS_M,
    kinetic_j,
    loaded,
    parts,
    swaying,
    tanks_of,
    wall_j_kg,
    walls_j,
)
from tests.truth.dynamics.test_slosh import (
    HEAVY,
    ON_AXIS,
    around,
    burning,
    feet,
    fly,
    peaks_of,
    thrust_for,
)
from validation import bodies

TIP_RAD = np.pi / 2.0


def test_a_wide_swing_has_the_period_of_spring_and_wall():
    """Four quarters of it, by quadrature of ds/sqrt(2 (V(a) - V(s))) with s = a sin u."""
    far_m = 0.6 * RADIUS_M
    out_m = np.array([[far_m, 0.0], [0.0, 0.0]])
    vehicle, start = thrust_for(HEAVY, loaded(HEAVY, 800.0, out_m), 2.0)
    square = 2.0 * float(around(vehicle, start).sway.frequency_rad_s[0]) ** 2

    def energy(s):
        return 0.5 * square * s**2 + wall_j_kg(s, RADIUS_M)

    def slowness(u):
        s = far_m * np.sin(u)
        return far_m * np.cos(u) / np.sqrt(2.0 * (energy(far_m) - energy(s)))

    expected_s = 4.0 * quad(slowness, 0.0, 0.5 * np.pi - 1e-7)[0]
    states = fly(vehicle, start, burning(1.0), 0.01)
    times_s, _ = peaks_of(np.asarray(states.slosh.out_m[:, 0, 0]), 0.01)
    assert np.mean(np.diff(times_s)) == pytest.approx(expected_s, rel=1e-3)
    assert expected_s < 0.9 * 2.0 * np.pi / np.sqrt(square)  # the wall takes part


def test_in_a_tank_that_lies_the_liquid_rests_half_a_radius_out():
    """Where wall and spring carry it under lunar gravity; nothing is felt along the tank's axis."""
    sides = feet()[:, [2, 1, 0]] * np.array([-1.0, 1.0, 1.0])
    vehicle = dataclasses.replace(HEAVY, contact=bodies.pads(sides, 1e12, 1e8, 0.5))
    start = loaded(
        vehicle, 800.0,
        position_inertial_m=jnp.array([0.0, 0.0, 1.0 - 1.62 * 1e9 / 4e12]),
        inertial_from_body=from_rotation_vector(jnp.array([0.0, TIP_RAD, 0.0])),
    )  # fmt: skip
    history, _ = jax.jit(
        lambda s: bodies.settle(vehicle, bodies.plane(), s, jnp.asarray(0.1), 200)
    )(start)
    soft = CARRIED_M_S2 * float(around(vehicle, start).sway.frequency_rad_s[0]) ** 2

    def left_m_s2(out_m):
        return soft * out_m + WALL_M_S2 * (out_m / RADIUS_M) ** 9 - 1.62

    rests_m = brentq(left_m_s2, 0.0, RADIUS_M)
    assert float(history.slosh.out_m[-1, 0, 0]) == pytest.approx(rests_m, rel=0.01)
    assert rests_m == pytest.approx(0.5 * RADIUS_M, rel=0.01)


@pytest.mark.parametrize("lean_rad", [0.5, TIP_RAD])
def test_a_lander_that_falls_over_takes_no_energy_from_its_liquid(lean_rad):
    """All that its energy rises is what the legs give back, a few per cent of what it fell with."""
    vehicle = dataclasses.replace(
        swaying(tanks_of(200.0, np.array([100.0, 100.0, 80.0]), ON_AXIS), 0.05),
        contact=bodies.pads(feet(), 2e5, 7e3, 0.5),
    )
    start = loaded(
        vehicle, [23.0, 29.0], [0.1, 0.0],
        position_inertial_m=jnp.array([0.0, 0.0, 2.0]),
        velocity_inertial_m_s=jnp.array([0.3, 0.0, -3.3]),
        inertial_from_body=from_rotation_vector(jnp.array([0.0, lean_rad, 0.0])),
    )  # fmt: skip
    history, _ = jax.jit(
        lambda s: bodies.settle(vehicle, bodies.plane(), s, jnp.asarray(0.01), 600)
    )(start)
    sway = around(vehicle, start).sway

    def energy_j(state):
        kg, place_m, *_ = parts(vehicle, sway, state)
        moving_j = kinetic_j(vehicle, sway, state)
        return moving_j + 1.62 * jnp.sum(kg * place_m[:, 2]) + walls_j(sway, state.slosh)

    rises_j = np.diff(np.asarray(jax.vmap(energy_j)(history)))
    assert np.sum(np.maximum(rises_j, 0.0)) < 0.05 * float(energy_j(start))
    assert np.max(np.linalg.norm(history.slosh.out_m, axis=-1)) < RADIUS_M
    assert np.max(np.linalg.norm(history.slosh.out_m, axis=-1)) > 0.5 * RADIUS_M


@pytest.mark.parametrize("tick_s", [0.1, 2.5])
@pytest.mark.parametrize("spin", [(0.0, 0.0, 0.6), (0.0, 0.0, 2.0), (2.0, 0.1, 0.0)])
def test_a_lander_that_spins_in_a_coast_keeps_its_liquid_and_its_rate(spin, tick_s):
    """In ticks too long for a spring that would hold it the liquid is carried rigidly."""
    vehicle = swaying(tanks_of(700.0, np.array([900.0, 1100.0, 700.0])), 0.03)
    start = loaded(vehicle, [400.0, 150.0], 0.05, rate_body_rad_s=jnp.array(spin))
    states = fly(vehicle, start, quiet_command(), tick_s)
    assert np.max(np.linalg.norm(states.slosh.out_m, axis=-1)) < RADIUS_M
    rate_rad_s = np.linalg.norm(np.asarray(states.rate_body_rad_s), axis=-1)
    assert np.max(rate_rad_s) < 1.05 * np.linalg.norm(spin)
    assert np.min(rate_rad_s) > 0.7 * np.linalg.norm(spin)


@pytest.mark.parametrize("tick_s", [0.1, 2.5])
def test_just_under_the_spin_at_which_it_is_carried_rigidly_the_liquid_stays_in(tick_s):
    """Two substeps a tick; 24 axes drawn by a fixed seed."""
    most_rad_s = 2.0 * MOST_SPIN_RAD / tick_s
    axes = np.random.default_rng(7).normal(size=(24, 3))
    spins = 0.98 * most_rad_s * axes / np.linalg.norm(axes, axis=-1, keepdims=True)
    vehicle = swaying(tanks_of(700.0, np.array([900.0, 1100.0, 700.0])), 0.03)

    def furthest_m(spin):
        start = loaded(vehicle, [400.0, 150.0], 0.05, rate_body_rad_s=spin)
        out_m = fly(vehicle, start, quiet_command(), tick_s).slosh.out_m
        return jnp.max(jnp.linalg.norm(out_m, axis=-1))

    assert np.max(jax.vmap(furthest_m)(jnp.asarray(spins))) < RADIUS_M


def test_a_crash_from_orbit_leaves_the_liquid_in_its_tanks():
    """The hull stops at once, and the liquid is thrown at a wall stiffer than a step can follow."""
    vehicle = dataclasses.replace(
        swaying(tanks_of(200.0, np.array([100.0, 100.0, 80.0])), 0.05),
        contact=bodies.pads(feet(), 2e5, 7e3, 0.5),
    )
    start = loaded(
        vehicle, [2.0, 2.0], 0.3,
        position_inertial_m=jnp.array([0.0, 0.0, 2.0]),
        velocity_inertial_m_s=jnp.array([850.0, 30.0, -1_700.0]),
        rate_body_rad_s=jnp.array([1.0, -2.0, 9.0]),
    )  # fmt: skip
    history, _ = jax.jit(lambda s: bodies.settle(vehicle, bodies.plane(), s, jnp.asarray(0.1), 10))(
        start
    )
    assert np.max(np.linalg.norm(history.slosh.out_m, axis=-1)) < RADIUS_M
    assert np.all(np.isfinite(np.asarray(history.rate_body_rad_s)))
