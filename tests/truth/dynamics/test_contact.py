"""Contact: energy only falls; blocks stick or slide; struts crush by their work and no further."""

import dataclasses
import functools

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from perilune.interfaces import quiet_command
from perilune.mechanics.rotation import cross, from_rotation_vector, rotate
from perilune.truth.actuators.nozzles import Jets
from perilune.truth.dynamics.contact import SUBSTEP_COUNT, contact_step, crushed_places_m, drift
from perilune.truth.dynamics.free_flight import surroundings
from perilune.truth.dynamics.state import untouched
from perilune.truth.vehicle.vehicle import Vehicle
from validation import bodies

GRAVITY_M_S2 = bodies.LUNAR_GRAVITY_M_S2
MASS_KG, STEP_S = 900.0, 0.1 / SUBSTEP_COUNT
CRUSH_N, STROKE_M, DAMPING_N_S_PER_M = 4000.0, 0.3, 12_000.0
FEET = [[2.3 * np.cos(a), 2.3 * np.sin(a), -1.75] for a in np.pi / 6 + np.pi / 3 * np.arange(6)]
TOP = [[0.8 * np.cos(a), 0.8 * np.sin(a), 2.5] for a in np.pi / 3 * np.arange(6)]
BELL = [[0.0, 0.0, -1.3]]
QUIET = Jets(jnp.zeros(3), jnp.zeros(3), jnp.zeros(2))  # no nozzle fires


def lander(damping_n_s_per_m=DAMPING_N_S_PER_M, friction_factor=0.5, crush_n=CRUSH_N):
    """Six crushing feet, six hull points and a bell, about as large and heavy as Nova-C."""
    points = bodies.pads([*FEET, *TOP, *BELL], 2e5, damping_n_s_per_m, friction_factor)
    points = dataclasses.replace(points, legs=bodies.simple_legs(6, crush_n, STROKE_M))
    mass = bodies.rigid_mass(MASS_KG, (1100.0, 1000.0, 500.0))
    return Vehicle(mass, bodies.engine(), bodies.no_nozzles(), points)


def block(friction_factor):
    """Four pads that never crush under a low block."""
    feet = [[x, y, -0.3] for x in (1.0, -1.0) for y in (1.0, -1.0)]
    points = bodies.pads(feet, 2e5, 1e4, friction_factor)
    mass = bodies.rigid_mass(MASS_KG, (500.0, 500.0, 600.0))
    return Vehicle(mass, bodies.engine(), bodies.no_nozzles(), points)


def elastic_energy_j(points, touch, depth_m):
    """Energy held in springs and bristles; with kinetic and potential energy it may only fall.

    `depth_m` (P,) is that of the pads, their strokes taken off.
    """
    legs = points.leg_count
    depth_m = depth_m.at[:legs].add(-touch.legs.sinkage_m)
    depth_m = depth_m.at[:legs].set(jnp.where(touch.legs.broken, 0.0, depth_m[:legs]))
    pressed = 0.5 * points.stiffness_n_per_m * jnp.maximum(depth_m, 0.0) ** 2
    bristle = 0.5 * points.stiffness_n_per_m * jnp.sum(touch.bristle_inertial_m**2, axis=-1)
    return jnp.sum(pressed + bristle)


def mechanical_energy_j(vehicle, around, ground, state, touch):
    """Kinetic, potential and elastic."""
    arm_m = rotate(state.inertial_from_body[None], crushed_places_m(vehicle.contact, touch))
    depth_m = -jnp.sum((state.position_inertial_m + arm_m) * ground.normal, axis=-1)
    moving = 0.5 * MASS_KG * jnp.sum(state.velocity_inertial_m_s**2)
    turning = 0.5 * state.rate_body_rad_s @ (around.inertia_kg_m2 @ state.rate_body_rad_s)
    high = MASS_KG * GRAVITY_M_S2 * state.position_inertial_m[2]
    return moving + turning + high + elastic_energy_j(vehicle.contact, touch, depth_m)


@functools.partial(jax.jit, static_argnums=3)
def energies_j(vehicle, ground, state, steps):
    """Mechanical energy before and after every step, and what the struts have crushed, J."""
    pull = jnp.array([0.0, 0.0, -GRAVITY_M_S2])
    around = surroundings(vehicle, state, quiet_command(), jnp.asarray(0.0), pull)

    def step(moving, _):
        now = contact_step(vehicle, around, ground, moving, QUIET, STEP_S)
        on_time = drift(now[0], -0.5 * STEP_S)
        return now, mechanical_energy_j(vehicle, around, ground, on_time, now[1])

    fresh, ground = untouched(vehicle.contact), bodies.spread(ground, vehicle)
    start = mechanical_energy_j(vehicle, around, ground, state, fresh)
    ahead = (drift(state, 0.5 * STEP_S), fresh)
    (_, touch), later = jax.lax.scan(step, ahead, None, steps)
    crushed = jnp.sum(vehicle.contact.legs.crush_force_n[..., 0] * touch.legs.stroke_m)
    return jnp.concatenate([start[None], later]), crushed, touch


def just_above(vehicle, ground, state):
    """The same state moved along the ground's normal until its lowest point is 2 cm above."""
    arm_m = rotate(state.inertial_from_body[None], vehicle.contact.position_body_m)
    lowest_m = jnp.min(jnp.sum(arm_m * ground.normal, axis=-1))
    return dataclasses.replace(state, position_inertial_m=(0.02 - lowest_m) * ground.normal[0])


@settings(max_examples=40)
@given(
    turn_rad=st.tuples(*[st.floats(-2.0, 2.0)] * 3),
    speed_m_s=st.tuples(st.floats(-2.0, 2.0), st.floats(-2.0, 2.0), st.floats(-4.0, -0.2)),
    rate_rad_s=st.tuples(*[st.floats(-0.5, 0.5)] * 3),
    lean=st.tuples(st.floats(-0.25, 0.25), st.floats(-0.25, 0.25)),
    damping_n_s_per_m=st.sampled_from([2_000.0, DAMPING_N_S_PER_M]),
)
def test_contact_never_creates_energy(turn_rad, speed_m_s, rate_rad_s, lean, damping_n_s_per_m):
    vehicle, ground = lander(damping_n_s_per_m), bodies.plane((*lean, 1.0))
    state = dataclasses.replace(
        bodies.at_rest(),
        inertial_from_body=from_rotation_vector(jnp.asarray(turn_rad)),
        velocity_inertial_m_s=jnp.asarray(speed_m_s),
        rate_body_rad_s=jnp.asarray(rate_rad_s),
    )
    energy_j, _, touch = energies_j(vehicle, ground, just_above(vehicle, ground, state), 3000)
    energy_j = np.asarray(energy_j)
    rise_j = np.max(energy_j - np.minimum.accumulate(energy_j))
    kinetic_j = 0.5 * MASS_KG * np.sum(np.square(speed_m_s))
    assert np.all(np.isfinite(energy_j))
    assert rise_j < 1e-3 * max(kinetic_j, 1000.0)
    assert np.all(touch.legs.stroke_m <= vehicle.contact.legs.stage_end_m[..., -1])


def test_without_friction_or_damping_a_bounce_gives_back_what_it_took():
    vehicle = lander(0.0, 0.0, bodies.NEVER_CRUSHES_N)
    state = just_above(vehicle, bodies.plane(), falling(1.0))
    energy_j = np.asarray(energies_j(vehicle, bodies.plane(), state, 3000)[0])
    assert np.max(np.abs(energy_j / energy_j[0] - 1.0)) < 1e-3


def falling(sink_m_s):
    """Upright, straight down."""
    speed = jnp.array([0.0, 0.0, -sink_m_s])
    return dataclasses.replace(bodies.at_rest(1.77), velocity_inertial_m_s=speed)


@functools.partial(jax.jit, static_argnums=3)
def settled(vehicle, ground, state, ticks):
    return bodies.settle(vehicle, ground, state, jnp.asarray(0.1), ticks)


def test_the_work_of_crushing_is_force_times_stroke():
    state = falling(3.7)
    vehicle = lander(damping_n_s_per_m=0.0)
    energy_j, crushed_j, touch = energies_j(vehicle, bodies.plane(), state, 300)
    lost_j = float(energy_j[0] - energy_j[-1])
    stroke_m = np.asarray(touch.legs.stroke_m)[:, 0, 0]
    assert np.ptp(stroke_m) < 1e-12
    assert 0.2 < stroke_m[0] < STROKE_M
    assert float(crushed_j) == pytest.approx(6 * CRUSH_N * stroke_m[0])
    assert lost_j == pytest.approx(float(crushed_j), rel=5e-3)


def test_a_strut_never_carries_more_than_its_crush_force_until_it_is_used_up():
    _, _, gentle = energies_j(lander(), bodies.plane(), falling(3.0), 2000)
    assert float(jnp.max(gentle.peak_force_n[:6])) <= CRUSH_N * (1 + 1e-12)
    assert float(jnp.max(gentle.legs.stroke_m)) > 0.05


def test_a_leg_past_its_stroke_bottoms_out_stiffly():
    _, _, hard = energies_j(lander(), bodies.plane(), falling(7.0), 400)
    np.testing.assert_allclose(hard.legs.stroke_m[:, 0, 0], STROKE_M, rtol=1e-12)
    assert float(jnp.min(hard.peak_force_n[:6])) > 2.0 * CRUSH_N


def test_it_settles_under_its_lunar_weight():
    states, touch = settled(lander(), bodies.plane(), falling(1.0), 60)
    assert float(jnp.sum(touch.normal_force_n[-1])) == pytest.approx(
        MASS_KG * GRAVITY_M_S2, rel=1e-6
    )
    sunk_m = MASS_KG * GRAVITY_M_S2 / 6 / 2e5
    stroke_m = float(jnp.mean(touch.legs.stroke_m[-1, :, 0, 0]))
    height_m = float(states.position_inertial_m[-1, 2])
    assert height_m == pytest.approx(1.75 - sunk_m - stroke_m, abs=1e-6)
    assert float(jnp.linalg.norm(states.velocity_inertial_m_s[-1])) < 1e-6


def resting_on(slope_rad, height_m=0.3):
    tilted = from_rotation_vector(jnp.array([0.0, slope_rad, 0.0]))
    place_m = rotate(tilted, jnp.array([0.0, 0.0, height_m]))
    return dataclasses.replace(
        bodies.at_rest(), inertial_from_body=tilted, position_inertial_m=place_m
    )


@pytest.mark.parametrize(("friction", "slope_deg"), [(0.2, 15.0), (0.4, 25.0), (0.0, 5.0)])
def test_a_block_slides_where_the_slope_is_past_friction(friction, slope_deg):
    slope_rad = np.deg2rad(slope_deg)
    states, _ = settled(block(friction), bodies.slope(slope_rad), resting_on(slope_rad), 40)
    speed_m_s = np.linalg.norm(np.asarray(states.velocity_inertial_m_s), axis=1)
    expected_m_s2 = GRAVITY_M_S2 * (np.sin(slope_rad) - friction * np.cos(slope_rad))
    assert (speed_m_s[39] - speed_m_s[19]) / 2.0 == pytest.approx(expected_m_s2, rel=1e-4)


@pytest.mark.parametrize(("friction", "slope_deg"), [(0.5, 5.0), (0.5, 20.0), (0.4, 21.5)])
def test_a_block_sticks_without_creep_where_friction_holds_the_slope(friction, slope_deg):
    slope_rad = np.deg2rad(slope_deg)
    states, touch = settled(block(friction), bodies.slope(slope_rad), resting_on(slope_rad), 80)
    place_m = np.asarray(states.position_inertial_m)
    assert np.linalg.norm(place_m[79] - place_m[59]) < 1e-9
    assert np.linalg.norm(states.velocity_inertial_m_s[79]) < 1e-9
    assert np.min(np.asarray(touch.normal_force_n[79])[:4]) > 0.0


def test_it_comes_to_rest_within_the_criterion_and_stays():
    state = dataclasses.replace(falling(1.0), velocity_inertial_m_s=jnp.array([0.3, 0.2, -1.0]))
    states, _ = settled(
        lander(),
        bodies.slope(0.1),
        dataclasses.replace(state, position_inertial_m=jnp.array([0.0, 0.0, 2.1])),
        100,
    )
    speed_m_s = np.linalg.norm(np.asarray(states.velocity_inertial_m_s), axis=1)
    moving = np.flatnonzero(speed_m_s > 0.02)
    assert moving[-1] < 89


def test_ground_that_moves_carries_the_lander_along():
    drifting = dataclasses.replace(bodies.plane(), velocity_m_s=jnp.array([0.4, 0.0, 0.0]))
    start = dataclasses.replace(falling(0.5), velocity_inertial_m_s=jnp.array([0.4, 0.0, -0.5]))
    states, touch = settled(lander(), drifting, start, 60)
    np.testing.assert_allclose(states.velocity_inertial_m_s[-1], [0.4, 0.0, 0.0], atol=1e-6)
    assert float(jnp.max(jnp.linalg.norm(touch.bristle_inertial_m[-1], axis=-1))) < 1e-4


def test_a_lag_of_nothing_and_a_dead_engine_do_no_harm():
    quick = dataclasses.replace(lander(), engines=bodies.engine(lag_s=0.0))
    states, _ = settled(quick, bodies.plane(), falling(0.5), 5)
    assert bool(jnp.all(jnp.isfinite(states.position_inertial_m)))
    assert float(states.thrust_n[-1, 0]) == 0.0


def test_feet_that_hang_above_a_lander_on_its_back_do_not_crush_into_the_ground():
    over = from_rotation_vector(jnp.array([0.0, 2.0, 0.0]))
    state = dataclasses.replace(falling(1.0), inertial_from_body=over)
    state = just_above(lander(), bodies.plane(), state)
    energy_j, _, touch = energies_j(lander(), bodies.plane(), state, 3000)
    assert float(jnp.max(energy_j - energy_j[0])) < 1.0
    assert float(jnp.max(touch.legs.stroke_m)) < 0.02


def test_a_push_off_centre_turns_as_its_moment_says():
    """One step of one pad in the ground: the torque is arm times force."""
    vehicle = lander()
    state = dataclasses.replace(bodies.at_rest(1.74), inertial_from_body=jnp.array([1.0, 0, 0, 0]))
    tilt = from_rotation_vector(jnp.array([0.0, 0.05, 0.0]))
    state = just_above(vehicle, bodies.plane(), dataclasses.replace(state, inertial_from_body=tilt))
    low = dataclasses.replace(
        state, position_inertial_m=state.position_inertial_m - jnp.array([0.0, 0.0, 0.021])
    )
    ground = bodies.spread(bodies.plane(), vehicle)
    around = surroundings(vehicle, low, quiet_command(), jnp.asarray(0.0), jnp.zeros(3))
    moved, touch = contact_step(
        vehicle, around, ground, (low, untouched(vehicle.contact)), QUIET, STEP_S
    )
    arm_m = rotate(tilt[None], vehicle.contact.position_body_m)
    force_n = touch.normal_force_n[:, None] * jnp.array([0.0, 0.0, 1.0])
    torque_nm = jnp.sum(cross(arm_m, force_n), axis=0)
    expected = (
        STEP_S
        * rotate(tilt * jnp.array([1.0, -1, -1, -1]), torque_nm)
        / jnp.diag(around.inertia_kg_m2)
    )
    assert float(jnp.sum(touch.normal_force_n)) > 100.0
    np.testing.assert_allclose(moved.rate_body_rad_s, expected, atol=1e-9)
