"""Stops: closed forms of what meets a wall or a rock, what hops over it, and energy that falls."""

import dataclasses
import functools

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from perilune.interfaces import quiet_command
from perilune.mechanics.rotation import from_rotation_vector, rotate
from perilune.mechanics.spring_damper import damping_n_s_per_m
from perilune.truth.dynamics.contact import SUBSTEP_COUNT, contact_step, crushed_places_m, drift
from perilune.truth.dynamics.free_flight import surroundings
from perilune.truth.dynamics.state import untouched
from perilune.truth.dynamics.stop_faces import Stops, faced
from perilune.truth.vehicle.vehicle import Vehicle
from tests.truth.dynamics.test_contact import (
    QUIET,
    elastic_energy_j,
    just_above,
    lander,
)
from validation import bodies

MASS_KG, STEP_S = 900.0, 0.1 / SUBSTEP_COUNT


def stops(height_m, *rows):
    """Faces by (x, y, way out in degrees, curvature)."""
    x, y, way, curve = np.array(rows, float).T
    way = np.deg2rad(way)
    none = np.zeros(len(rows))
    return Stops(
        point_m=jnp.stack([x, y, none], axis=-1),
        out_direction=jnp.stack([np.cos(way), np.sin(way), none], axis=-1),
        curvature_per_m=jnp.asarray(curve),
        height_m=jnp.full(len(rows), height_m, float),
    )


def point(damping, friction_factor=0.0, stiffness=2e5):
    """A point mass on one pad at its centre."""
    pads = bodies.pads([[0.0, 0.0, 0.0]], stiffness, damping, friction_factor)
    return Vehicle(
        bodies.rigid_mass(MASS_KG, (500.0, 500.0, 500.0)),
        bodies.engine(),
        bodies.no_nozzles(),
        pads,
    )


@functools.partial(jax.jit, static_argnames=("count",))
def flown(vehicle, ground, state, pull_m_s2, count):
    """(states, touches, mechanical energy) step by step, at uniform gravity along -z."""
    ground = bodies.spread(ground, vehicle)
    command = quiet_command(1, len(vehicle.nozzles.thrust_n))
    pull = jnp.array([0.0, 0.0, -1.0]) * pull_m_s2
    around = surroundings(vehicle, state, command, jnp.zeros(()), pull)
    step_s = jnp.asarray(STEP_S)

    def step(moving, _):
        moved, touch = contact_step(vehicle, around, ground, moving, QUIET, step_s)
        there = drift(moved, -0.5 * step_s)
        rate = there.rate_body_rad_s
        motion = 0.5 * MASS_KG * jnp.sum(there.velocity_inertial_m_s**2)
        motion += 0.5 * jnp.sum(rate * (around.inertia_kg_m2 @ rate))
        height = MASS_KG * pull_m_s2 * there.position_inertial_m[2]
        arms = crushed_places_m(vehicle.contact, touch) - around.center_body_m
        places = there.position_inertial_m + rotate(there.inertial_from_body[None], arms)
        lifted = jnp.max(jnp.where(touch.top_entered, ground.stops.height_m, 0.0), axis=1)
        depth = lifted - jnp.sum((places - ground.point_m) * ground.normal, axis=-1)
        spring = elastic_energy_j(vehicle.contact, touch, depth)
        return (moved, touch), (there, touch, motion + height + spring)

    start = (drift(state, 0.5 * step_s), untouched(vehicle.contact, len(ground.stops.height_m)))
    return jax.lax.scan(step, start, None, count)[1]


def on(rows):
    return dataclasses.replace(bodies.plane(), stops=rows)


def going(x_m_s, y_m_s=0.0, height_m=0.05):
    return dataclasses.replace(
        bodies.at_rest(height_m), velocity_inertial_m_s=jnp.array([x_m_s, y_m_s, 0.0])
    )


@pytest.mark.parametrize("share", [0.1, 0.4, 0.8])
def test_a_point_comes_back_from_a_wall_with_the_share_its_damper_is_made_for(share):
    vehicle = point(damping_n_s_per_m(share, 2e5, MASS_KG))
    states, _, _ = flown(vehicle, on(stops(1.0, (0.1, 0.0, 180.0, 0.0))), going(1.0), 0.0, 500)
    assert float(states.velocity_inertial_m_s[-1, 0]) == pytest.approx(-share, abs=0.01)


@pytest.mark.parametrize("curve", [2.0, 0.1, -0.02])
def test_a_rock_throws_a_point_back_as_its_normal_there_says(curve):
    """Without friction or damping speed along the normal turns round; along the face it stays."""
    y_m = 0.3
    vehicle = point(0.0, stiffness=2e7)
    ground = on(stops(1.0, (0.4, 0.0, 180.0, curve)))
    start = dataclasses.replace(going(1.0), position_inertial_m=jnp.array([0.0, y_m, 0.05]))
    states, _, _ = flown(vehicle, ground, start, 0.0, 900)
    out = np.array([-np.sqrt(1.0 - (curve * y_m) ** 2), curve * y_m])
    before = np.array([1.0, 0.0])
    expected = before - 2.0 * (before @ out) * out
    np.testing.assert_allclose(states.velocity_inertial_m_s[-1, :2], expected, atol=0.05)


def test_the_gap_to_a_circle_is_the_distance_to_its_centre_less_its_radius():
    rng = np.random.default_rng(3)
    place = rng.uniform(-4.0, 4.0, (50, 3))
    up = jnp.tile(jnp.array([0.0, 0.0, 1.0]), (50, 1))
    over = jnp.zeros((50, 1), bool)
    for radius in (0.5, 7.0):
        for sign in (1.0, -1.0):
            rock = stops(9.0, (1.0 - sign * radius, 2.0, 180.0, sign / radius))
            # its centre is (1, 2) for a rock, and for a rim
            facing, _ = faced(rock, over, jnp.asarray(place), up, jnp.zeros(50))
            arm = place[:, :2] - [1.0, 2.0]
            far = np.hypot(*arm.T)
            np.testing.assert_allclose(facing.gap_m, sign * (far - radius), atol=1e-12)
            np.testing.assert_allclose(
                facing.out_direction[:, :2], sign * arm / far[:, None], atol=1e-9
            )


@pytest.mark.parametrize("friction", [0.3, 0.6])
def test_along_a_wall_friction_takes_its_share_of_the_push(friction):
    """A point thrown obliquely at a wall loses along it the friction times what it gets across."""
    vehicle = point(damping_n_s_per_m(0.3, 2e5, MASS_KG), friction)
    ground = on(stops(1.0, (0.05, 0.0, 180.0, 0.0)))
    states, _, _ = flown(vehicle, ground, going(0.5, 3.0), 0.0, 400)
    x_m_s, y_m_s = states.velocity_inertial_m_s[-1, :2]
    assert float(3.0 - y_m_s) == pytest.approx(friction * float(0.5 - x_m_s), rel=1e-6)


@pytest.mark.parametrize(("height_m", "passes"), [(0.049, True), (0.051, False)])
def test_a_point_above_the_top_passes_and_one_below_it_does_not(height_m, passes):
    vehicle = point(1e4)
    states, touches, _ = flown(
        vehicle, on(stops(height_m, (0.1, 0.0, 180.0, 0.0))), going(1.0), 0.0, 500
    )
    assert bool(states.position_inertial_m[-1, 0] > 0.3) == passes
    assert bool(touches.top_entered[-1, 0, 0]) == passes


def test_what_passed_above_comes_down_on_the_stop_s_top_and_beyond_it_on_the_ground():
    vehicle = point(2e4)
    rock = stops(0.1, (0.1, 0.0, 180.0, 1.0))  # from 0.1 to 2.1 m
    states, _, _ = flown(vehicle, on(rock), going(1.0, height_m=0.15), 1.62, 3000)
    sag_m = MASS_KG * 1.62 / 2e5
    x_m, z_m = states.position_inertial_m[:, 0], states.position_inertial_m[:, 2]
    assert float(x_m[1500]) == pytest.approx(1.5, abs=0.01)
    assert float(z_m[1500]) == pytest.approx(0.1 - sag_m, abs=1e-3)
    assert float(x_m[-1]) == pytest.approx(3.0, abs=0.01)
    assert float(z_m[-1]) == pytest.approx(-sag_m, abs=1e-3)


@settings(max_examples=25)
@given(
    turn=st.lists(st.floats(-0.6, 0.6), min_size=3, max_size=3),
    speed=st.tuples(st.floats(-3, 3), st.floats(-3, 3), st.floats(-3, 0.0)),
    rate=st.lists(st.floats(-0.3, 0.3), min_size=3, max_size=3),
    height=st.floats(0.05, 0.5),
    damping=st.sampled_from([2e3, 12e3]),
)
def test_stops_never_create_energy(turn, speed, rate, height, damping):
    vehicle = lander(damping, 0.5)
    ground = on(
        stops(height, (3.0, 0.0, 180.0, 0.0), (-2.6, -0.3, 0.0, 2.0), (0.0, 3.0, 270.0, -0.1))
    )
    state = dataclasses.replace(
        bodies.at_rest(),
        velocity_inertial_m_s=jnp.array(speed),
        rate_body_rad_s=jnp.array(rate),
        inertial_from_body=from_rotation_vector(jnp.array(turn)),
    )
    state = just_above(vehicle, ground, state)
    _, _, energy = flown(vehicle, ground, state, 1.62, 1500)
    energy = np.asarray(energy)
    rise = np.max(energy - np.minimum.accumulate(energy))
    kinetic = 0.5 * MASS_KG * np.sum(np.square(speed))
    assert rise < 1e-3 * max(kinetic, 1000.0)


def sideways(damping, crush_n=bodies.NEVER_CRUSHES_N, ultimate_n=np.inf):
    """The point on a leg that crushes along x, 0.3 m at most."""
    vehicle = point(damping)
    legs = bodies.simple_legs(1, crush_n, 0.3)
    legs = dataclasses.replace(
        legs,
        crush_body_factor=jnp.array([[[-1.0, 0.0, 0.0]]]),
        ultimate_load_n=jnp.array([ultimate_n]),
    )
    return dataclasses.replace(vehicle, contact=dataclasses.replace(vehicle.contact, legs=legs))


def test_a_leg_that_a_wall_crushes_takes_the_energy_as_force_times_stroke():
    crush_n, speed = 4e3, 1.0
    vehicle = sideways(2e3, crush_n)
    ground = on(stops(1.0, (0.05, 0.0, 180.0, 0.0)))
    states, touches, _ = flown(vehicle, ground, going(speed), 0.0, 800)
    stroke_m = float(touches.legs.stroke_m[-1, 0, 0, 0])
    back = float(states.velocity_inertial_m_s[-1, 0])
    spring_j = crush_n**2 / 2e5 / 2.0
    taken_j = 0.5 * MASS_KG * (speed**2 - back**2)
    assert float(jnp.max(touches.normal_force_n)) == pytest.approx(crush_n, rel=1e-6)
    assert 0.5 * MASS_KG * back**2 < spring_j
    assert taken_j - spring_j < crush_n * stroke_m < taken_j


@pytest.mark.parametrize(("ultimate_n", "breaks"), [(3e3, True), (3e4, False)])
def test_a_wall_breaks_a_leg_past_what_it_bears(ultimate_n, breaks):
    """On its spring alone a mass m at v loads the leg by v sqrt(k m): 13 kN."""
    ground = on(stops(1.0, (0.05, 0.0, 180.0, 0.0)))
    states, touches, _ = flown(sideways(0.0, ultimate_n=ultimate_n), ground, going(1.0), 0.0, 800)
    assert bool(touches.legs.broken[-1, 0]) == breaks
    assert (float(states.velocity_inertial_m_s[-1, 0]) > 0.5) == breaks
    if not breaks:
        most_n = float(jnp.max(touches.normal_force_n))
        assert most_n == pytest.approx(np.sqrt(2e5 * MASS_KG), rel=0.01)


def test_a_straight_wall_and_a_rock_of_no_curvature_are_one():
    """The limit of a large radius, with the same numbers to a billionth."""
    places = jnp.asarray(np.random.default_rng(5).uniform(-3.0, 3.0, (40, 3)))
    up, over = jnp.tile(jnp.array([0.0, 0.0, 1.0]), (40, 1)), jnp.zeros((40, 1), bool)
    wall, _ = faced(stops(9.0, (1.0, 0.5, 30.0, 0.0)), over, places, up, jnp.zeros(40))
    rock, _ = faced(stops(9.0, (1.0, 0.5, 30.0, 1e-12)), over, places, up, jnp.zeros(40))
    np.testing.assert_allclose(wall.gap_m, rock.gap_m, atol=1e-9)
    way = np.array([np.cos(np.pi / 6.0), 0.5])
    np.testing.assert_allclose(wall.gap_m, (places[:, :2] - np.array([1.0, 0.5])) @ way, atol=1e-12)
