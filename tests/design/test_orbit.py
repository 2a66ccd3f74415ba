"""The orbit found by the design, flown forward again by scipy's integrator."""

import math

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy.integrate import solve_ivp

from perilune.design.orbit import half_revolution_s, perilune_speed_m_s, polar_approach
from perilune.mechanics.constants import MOON_GM_M3_S2, MOON_RADIUS_M
from perilune.mechanics.rotation import rotate_back
from perilune.truth.environment.ephemeris import fixed_from_inertial
from perilune.truth.environment.gravitation import acceleration_m_s2


@pytest.fixture(scope="module")
def coast(athena_design):
    """(from, to, position, velocity) → position and velocity there, under truth's whole gravity."""
    world = athena_design.plan.world
    fields = world.gravity, world.track_gravity

    @jax.jit
    def pull(t_s, place):
        return acceleration_m_s2(fields[0], world.sky, t_s, place, fields[1])

    def rate(t_s, state):
        return np.concatenate([state[3:], np.asarray(pull(t_s, state[:3]))])

    def carry(from_s, to_s, place, speed):
        state = np.concatenate([place, speed])
        done = solve_ivp(rate, (from_s, to_s), state, method="DOP853", rtol=1e-11, atol=1e-6)
        return done.y[:3, -1], done.y[3:, -1]

    return carry


@pytest.fixture(scope="module")
def at_burn(athena_design, coast):
    """Just before the descent-orbit burn."""
    transfer = athena_design.transfer
    start = transfer.start_position_m, transfer.start_velocity_m_s
    return coast(0.0, transfer.deorbit_time_s, *start)


@pytest.fixture(scope="module")
def at_ignition(athena_design, coast, at_burn):
    transfer = athena_design.transfer
    place, speed = at_burn
    after = speed + transfer.deorbit_velocity_m_s
    return coast(transfer.deorbit_time_s, transfer.ignition_time_s, place, after)


@pytest.fixture(scope="module")
def directions(athena_design):
    """Inertial unit vectors at the planned landing: to the aim point, and the Moon's pole."""
    world, landing_s = athena_design.plan.world, athena_design.planned_landing_s
    turned = fixed_from_inertial(world.sky, landing_s)
    site = np.asarray(rotate_back(turned, world.aim_fixed_m))
    pole = np.asarray(rotate_back(turned, jnp.array([0.0, 0.0, 1.0])))
    return site / np.linalg.norm(site), pole


def test_the_ellipse_is_keplers():
    low_m, high_m = 1_752_400.0, 1_837_400.0
    speed_m_s = perilune_speed_m_s(MOON_GM_M3_S2, low_m, high_m)
    energy = 0.5 * speed_m_s**2 - MOON_GM_M3_S2 / low_m
    assert energy == pytest.approx(-MOON_GM_M3_S2 / (low_m + high_m))
    period_s = 2.0 * math.pi * math.sqrt((0.5 * (low_m + high_m)) ** 3 / MOON_GM_M3_S2)
    assert half_revolution_s(MOON_GM_M3_S2, low_m, high_m) == pytest.approx(0.5 * period_s)


def test_the_flight_starts_on_the_circular_orbit(athena, athena_design):
    place, speed = (
        athena_design.transfer.start_position_m,
        athena_design.transfer.start_velocity_m_s,
    )
    # A minute before the burn the Moon's unevenness has moved it by some metres.
    altitude_m = np.linalg.norm(place) - MOON_RADIUS_M
    assert altitude_m == pytest.approx(athena.orbit.altitude_m, abs=30.0)
    assert abs(place @ speed) / np.linalg.norm(place) < 1.0


def test_the_burn_is_made_at_the_orbits_altitude_from_its_circular_speed(
    athena, athena_design, at_burn
):
    place, speed = at_burn
    radius_m = np.linalg.norm(place)
    gm = float(athena_design.plan.world.gravity.gm_m3_s2)
    assert radius_m - MOON_RADIUS_M == pytest.approx(athena.orbit.altitude_m, abs=5.0)
    assert np.linalg.norm(speed) == pytest.approx(math.sqrt(gm / radius_m), abs=1e-3)
    assert place @ speed / radius_m == pytest.approx(0.0, abs=1e-2)


def test_after_the_burn_it_reaches_ignitions_altitude_and_range(
    athena, athena_design, at_ignition, directions
):
    place, speed = at_ignition
    radius_m = np.linalg.norm(place)
    assert radius_m - MOON_RADIUS_M == pytest.approx(athena.descent.ignition_altitude_m, abs=5.0)
    assert np.linalg.norm(speed) == pytest.approx(
        athena_design.transfer.ignition_speed_m_s, abs=0.01
    )
    range_m = MOON_RADIUS_M * math.acos(place @ directions[0] / radius_m)
    assert range_m == pytest.approx(athena_design.course.ignition_range_m, abs=20.0)


def test_the_plane_goes_over_the_pole_and_the_site_at_the_time_of_landing(at_ignition, directions):
    normal = np.cross(*at_ignition)
    normal /= np.linalg.norm(normal)
    site, pole = directions
    assert abs(normal @ site) * MOON_RADIUS_M < 20.0
    assert math.degrees(math.acos(normal @ pole)) == pytest.approx(90.0, abs=1e-3)


@pytest.mark.parametrize(("approach", "sign"), [("southbound", -1.0), ("northbound", 1.0)])
def test_it_comes_the_way_it_is_told(athena_design, approach, sign):
    world, landing_s = athena_design.plan.world, athena_design.planned_landing_s
    aim = world.aim_fixed_m / jnp.linalg.norm(world.aim_fixed_m)
    up, motion = polar_approach(world.sky, landing_s, aim, approach)
    pole = np.asarray(
        rotate_back(fixed_from_inertial(world.sky, landing_s), jnp.array([0.0, 0.0, 1.0]))
    )
    assert sign * (motion @ pole) > 0.0
    assert up @ motion == pytest.approx(0.0, abs=1e-12)
    assert abs(np.cross(up, motion) @ pole) < 1e-12
