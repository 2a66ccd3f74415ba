"""The orbit found by the design, flown forward again by scipy's integrator."""

import math
import re
from pathlib import Path

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.integrate import solve_ivp

import perilune.mission
from perilune import load_mission
from perilune.design import design, nominal
from perilune.design.orbit import approach_directions
from perilune.flight.outcome import Outcome
from perilune.interfaces.events import Event
from perilune.mechanics.constants import MOON_GM_M3_S2, MOON_RADIUS_M
from perilune.mechanics.ellipse import half_revolution_s, perilune_speed_m_s
from perilune.mechanics.randomness import run_key
from perilune.mechanics.rotation import rotate_back
from perilune.mission.mission import Orbit
from perilune.truth.environment.ephemeris import fixed_from_inertial
from perilune.truth.environment.gravitation import acceleration_m_s2

CATALOG = Path(perilune.mission.__file__).parents[1] / "catalog"
PHASE = "[[descent.phases]]"


def carrier(world):
    """(from, to, position, velocity) → position and velocity there, under truth's whole gravity."""
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
def coast(athena_design):
    return carrier(athena_design.plan.world)


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
    assert altitude_m == pytest.approx(athena.orbit.apolune_m, abs=30.0)
    assert abs(place @ speed) / np.linalg.norm(place) < 1.0


def test_the_burn_is_made_at_the_orbits_altitude_from_its_circular_speed(
    athena, athena_design, at_burn
):
    place, speed = at_burn
    radius_m = np.linalg.norm(place)
    gm = float(athena_design.plan.world.gravity.gm_m3_s2)
    assert radius_m - MOON_RADIUS_M == pytest.approx(athena.orbit.apolune_m, abs=5.0)
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


HEADINGS = [
    ("90 deg", "southbound"),
    ("90 deg", "northbound"),
    ("86 deg", "southbound"),
    ("94.5 deg", "northbound"),
]


@pytest.mark.parametrize(("inclination", "approach"), HEADINGS)
def test_the_plane_has_the_inclination_and_comes_the_way_it_is_told(
    athena_design, inclination, approach
):
    """The normal of the motion over the site is as far from the pole as the plane is inclined."""
    settings = [f"orbit.inclination={inclination}", f"orbit.approach={approach}"]
    mission = load_mission("athena", settings)
    world, landing_s = athena_design.plan.world, athena_design.planned_landing_s
    aim = world.aim_fixed_m / jnp.linalg.norm(world.aim_fixed_m)
    heading = mission.orbit.heading(mission.site.latitude_rad)
    up, motion = approach_directions(world.sky, landing_s, aim, heading)
    turned = fixed_from_inertial(world.sky, landing_s)
    pole = np.asarray(rotate_back(turned, jnp.array([0.0, 0.0, 1.0])))
    assert math.copysign(1.0, motion @ pole) == (-1.0 if approach == "southbound" else 1.0)
    assert up @ motion == pytest.approx(0.0, abs=1e-12)
    normal = np.cross(up, motion)
    assert math.acos(normal @ pole) == pytest.approx(mission.orbit.inclination_rad, abs=1e-9)


@given(
    north_deg=st.floats(-89.0, 89.0),
    share=st.floats(0.0, 1.0),
    approach=st.sampled_from(["southbound", "northbound"]),
)
def test_the_heading_over_a_latitude_is_that_of_spherical_trigonometry(north_deg, share, approach):
    """cos i = cos(latitude) sin(azimuth), for every inclination that comes so far north."""
    north_rad = math.radians(north_deg)
    inclination_rad = abs(north_rad) + share * (math.pi - 2.0 * abs(north_rad))
    orbit = Orbit.model_construct(
        perilune_m=1e5, apolune_m=1e5, inclination_rad=inclination_rad, approach=approach
    )
    east, north = orbit.heading(north_rad)
    assert math.hypot(east, north) == pytest.approx(1.0)
    assert (north <= 0.0) == (approach == "southbound") or north == 0.0
    assert math.cos(north_rad) * east == pytest.approx(math.cos(inclination_rad), abs=1e-12)
    azimuth_rad = orbit.azimuth_rad(north_rad)
    assert math.sin(azimuth_rad) == pytest.approx(east, abs=1e-12)
    assert math.cos(azimuth_rad) == pytest.approx(north, abs=1e-12)


@pytest.fixture(scope="module")
def elliptical():
    """Athena from an orbit of 60 by 200 km, with its descent-orbit burn."""
    return design(load_mission("athena", ["orbit.perilune=60 km", "orbit.apolune=200 km"]))


def test_before_the_burn_an_elliptical_orbit_has_its_perilune_and_apolune(elliptical):
    """By energy and angular momentum of the state just before the burn, in a central field."""
    transfer, gm = elliptical.transfer, float(elliptical.plan.world.gravity.gm_m3_s2)
    at_burn = np.argmin(np.abs(transfer.times_s - transfer.deorbit_time_s))
    place = transfer.places_m[at_burn]
    high_m, low_m = MOON_RADIUS_M + 200e3, MOON_RADIUS_M + 60e3
    assert np.linalg.norm(place) == pytest.approx(high_m, abs=5.0)
    orbital_m_s = math.sqrt(2.0 * gm * (1.0 / high_m - 1.0 / (high_m + low_m)))
    transfer_m_s = math.sqrt(2.0 * gm * (1.0 / high_m - 1.0 / (high_m + MOON_RADIUS_M + 15e3)))
    # The transfer is found in the whole field, which changes its speed by some decimetres a second.
    assert np.linalg.norm(transfer.deorbit_velocity_m_s) == pytest.approx(
        orbital_m_s - transfer_m_s, abs=0.5
    )


@pytest.fixture(scope="module")
def without_burn(tmp_path_factory):
    """Athena from an orbit whose perilune is where braking begins, 50 minutes before it."""
    parts = (CATALOG / "missions" / "athena.toml").read_text(encoding="utf-8").split(PHASE)
    kept = [each for each in parts if not re.search(r'name = "(orbit|deorbit)"', each)]
    path = tmp_path_factory.mktemp("orbit") / "mine.toml"
    path.write_text(PHASE.join(kept), encoding="utf-8")
    orbit = ["orbit.perilune=15 km", "orbit.apolune=128 km", "descent.lead_time=3000 s"]
    return design(load_mission(str(path), orbit))


def test_without_a_burn_the_orbit_itself_leads_to_ignition(without_burn):
    """The start is flown forward by another integrator, to where and when braking begins."""
    transfer = without_burn.transfer
    assert not np.any(transfer.deorbit_velocity_m_s)
    assert transfer.ignition_time_s == pytest.approx(3000.0)
    gm = float(without_burn.plan.world.gravity.gm_m3_s2)
    start = transfer.start_position_m, transfer.start_velocity_m_s
    energy = 0.5 * start[1] @ start[1] - gm / np.linalg.norm(start[0])
    semi_major_m = MOON_RADIUS_M + 0.5 * (15e3 + 128e3)
    flattened_m = 4.0 * 2.03e-4 * semi_major_m  # J2 moves an osculating axis by a few times J2
    assert -0.5 * gm / energy == pytest.approx(semi_major_m, abs=flattened_m)
    carry = carrier(without_burn.plan.world)
    place, speed = carry(0.0, transfer.ignition_time_s, *start)
    np.testing.assert_allclose(place, transfer.ignition_position_m, atol=1.0)
    np.testing.assert_allclose(speed, transfer.ignition_velocity_m_s, atol=1e-3)


def test_without_a_burn_it_flies_to_the_ground_and_has_no_event_of_one(
    without_burn, compiled_flight
):
    summary, _ = compiled_flight(nominal(without_burn.plan), run_key(0, 0))
    assert int(summary.outcome) == Outcome.LANDED
    times_s = summary.event_time_s
    assert np.all(np.isnan(times_s[[Event.DEORBIT_IGNITION, Event.DEORBIT_CUTOFF]]))
    assert times_s[Event.IGNITION] == pytest.approx(3000.0, abs=5.0)


def test_with_no_lead_time_a_flight_without_a_burn_starts_at_ignition(tmp_path, compiled_flight):
    """Its first phase is the one that looks along the thrust of braking."""
    parts = (CATALOG / "missions" / "athena.toml").read_text(encoding="utf-8").split(PHASE)
    kept = [each for each in parts if not re.search(r'name = "(orbit|deorbit|coast)"', each)]
    path = tmp_path / "mine.toml"
    path.write_text(PHASE.join(kept), encoding="utf-8")
    orbit = ["orbit.perilune=15 km", "orbit.apolune=128 km", "descent.lead_time=0 s"]
    designed = design(load_mission(str(path), orbit))
    transfer = designed.transfer
    assert transfer.ignition_time_s == 0.0
    np.testing.assert_array_equal(transfer.start_position_m, transfer.ignition_position_m)
    assert np.all(np.diff(transfer.times_s) > 0.0)
    summary, _ = compiled_flight(nominal(designed.plan), run_key(0, 0))
    assert int(summary.outcome) == Outcome.LANDED
    assert summary.event_time_s[Event.IGNITION] == pytest.approx(0.1, abs=0.1)
