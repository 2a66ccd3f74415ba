"""A lander that is to rest on its side touches with one pad and falls over it onto the others."""

import dataclasses
import functools

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from perilune import load_mission
from perilune.design.build_lander import build_vehicle, tank_loads_kg
from perilune.design.build_world import rest_direction_body
from perilune.design.layout import layout_of
from perilune.design.typed_arrays import as_arrays
from perilune.flight.drop_start import drop_start, drops_of
from perilune.flight.lander_drop import DropEnd, DropLimits, flown_drops
from perilune.interfaces import quiet_command
from perilune.mechanics.mass_properties import mass_properties
from perilune.mechanics.rotation import from_rotation_vector, rotate
from perilune.mission.error_model import Errors
from perilune.truth.actuators.nozzles import Jets
from perilune.truth.dynamics.contact import contact_step, crushed_places_m, drift
from perilune.truth.dynamics.free_flight import surroundings
from perilune.truth.dynamics.ground_clearance import ground_relative_state
from perilune.truth.dynamics.state import untouched
from tests.truth.dynamics.sloshing_bodies import kinetic_j, parts, walls_j
from tests.truth.dynamics.test_contact import elastic_energy_j
from validation import bodies, landers

STEP_S = 0.001
GRAVITY_M_S2 = bodies.LUNAR_GRAVITY_M_S2
LEAN_RAD, RATE_RAD_S = np.deg2rad(32.0), np.deg2rad(30.0)


@pytest.fixture(scope="module")
def lander():
    return load_mission("slim").lander


@pytest.fixture(scope="module")
def vehicle(lander):
    numbers, errors = (
        jax.tree.map(lambda leaf: jnp.asarray(leaf, float), as_arrays(each))
        for each in (lander, Errors())
    )
    return build_vehicle(numbers, layout_of(lander), errors, None), tank_loads_kg(numbers, 50.0)


def limits_of(lander, direction):
    return DropLimits(
        jnp.asarray(GRAVITY_M_S2),
        jnp.asarray(lander.limits.tip_over_tilt_rad),
        jnp.asarray(3.0),
        direction,
    )


def leaning(count, lean_rad, rate_rad_s=RATE_RAD_S):
    """3 m/s down, turning forward about body y."""
    return drops_of(
        count,
        vertical_speed_m_s=3.0,
        lean_rad=jnp.array([0.0, lean_rad, 0.0]),
        rate_body_rad_s=jnp.array([0.0, rate_rad_s, 0.0]),
    )


def test_a_lander_lying_as_it_is_to_has_no_tilt_though_its_z_lies_level():
    up = jnp.array([0.0, 0.0, 1.8e6])
    quarter = from_rotation_vector(jnp.array([0.0, np.pi / 2.0, 0.0]))  # body x down
    state = dataclasses.replace(
        bodies.at_rest(), position_inertial_m=up, inertial_from_body=quarter
    )
    by_z, by_side = (
        ground_relative_state(state, jnp.zeros(3), direction)
        for direction in (None, jnp.array([-1.0, 0.0, 0.0]))
    )
    assert float(by_z.tilt_rad) == pytest.approx(np.pi / 2.0)
    assert float(by_side.tilt_rad) == pytest.approx(0.0, abs=1e-12)
    upright = dataclasses.replace(state, inertial_from_body=jnp.array([1.0, 0.0, 0.0, 0.0]))
    same = ground_relative_state(upright, jnp.zeros(3), jnp.array([0.0, 0.0, 1.0]))
    assert float(same.tilt_rad) == float(ground_relative_state(upright, jnp.zeros(3)).tilt_rad)


def test_it_falls_forward_onto_its_pads_and_backward_onto_its_back(lander, vehicle):
    """The same fall is safe by the side that is to be down, and tipped over by body z at 60 deg."""
    built, tank_kg = vehicle
    side = limits_of(lander, jnp.asarray(rest_direction_body(lander.limits)))
    forward, backward = (
        flown_drops(built, tank_kg, side, leaning(1, way * LEAN_RAD, way * RATE_RAD_S))
        for way in (1.0, -1.0)
    )
    assert int(forward.ending[0]) == int(DropEnd.SAFE)
    assert float(forward.tilt_rad[0]) < np.deg2rad(5.0)
    assert int(backward.ending[0]) == int(DropEnd.TIPPED)
    by_z = dataclasses.replace(
        limits_of(lander, None), tip_over_tilt_rad=jnp.asarray(np.deg2rad(60.0))
    )
    tipped = flown_drops(built, tank_kg, by_z, leaning(1, LEAN_RAD))
    assert int(tipped.ending[0]) == int(DropEnd.TIPPED)


@functools.partial(jax.jit, static_argnums=4)
def energies_j(vehicle, tank_kg, ground, state, steps):
    """Kinetic, potential and elastic, J, before and after each step; the touch at the end."""
    count = len(vehicle.engines.lag_s), len(vehicle.nozzles.thrust_n)
    pull = jnp.array([0.0, 0.0, -GRAVITY_M_S2])
    around = surroundings(vehicle, state, quiet_command(*count), jnp.zeros(()), pull)
    mass = mass_properties(vehicle.mass, tank_kg)
    jets = Jets(jnp.zeros(3), jnp.zeros(3), jnp.zeros_like(tank_kg))

    def energy(now, touch):
        arm_m = rotate(
            now.inertial_from_body[None],
            crushed_places_m(vehicle.contact, touch) - mass.center_body_m,
        )
        depth_m = -jnp.sum((now.position_inertial_m + arm_m) * ground.normal, axis=-1)
        each_kg, place_m, *_ = parts(vehicle, around.sway, now)
        high = GRAVITY_M_S2 * jnp.sum(each_kg * place_m[:, 2])
        by_walls = walls_j(around.sway, now.slosh)
        moving = kinetic_j(vehicle, around.sway, now) + high + by_walls
        return moving + elastic_energy_j(vehicle.contact, touch, depth_m)

    def step(moving, _):
        now = contact_step(vehicle, around, ground, moving, jets, STEP_S)
        return now, energy(drift(now[0], -0.5 * STEP_S), now[1])

    fresh = untouched(vehicle.contact)
    (_, touch), later = jax.lax.scan(step, (drift(state, 0.5 * STEP_S), fresh), None, steps)
    return jnp.concatenate([energy(state, fresh)[None], later]), touch


def test_falling_over_creates_no_energy_and_loses_at_least_what_crushed(vehicle):
    """Through 60 degrees and more of turning, by pads whose legs crush along two directions."""
    built, tank_kg = vehicle
    ground = bodies.spread(bodies.slope(np.deg2rad(-8.0)), built)
    drop = jax.tree.map(lambda each: each[0], leaning(1, LEAN_RAD))
    state = drop_start(built, ground, tank_kg, drop, jnp.zeros(()))
    energy_j, touch = energies_j(built, tank_kg, ground, state, 6_000)
    energy_j = np.asarray(energy_j)
    rise_j = np.max(energy_j - np.minimum.accumulate(energy_j))
    legs = built.contact.legs
    crushed_j = float(jnp.sum(legs.crush_force_n[..., -1] * touch.legs.stroke_m))
    assert rise_j < 1e-3 * 0.5 * float(built.mass.dry_kg + jnp.sum(tank_kg)) * 3.0**2
    assert 100.0 < crushed_j < energy_j[0] - energy_j[-1]
    assert not np.any(np.asarray(touch.peak_force_n)[built.contact.leg_count :])


def test_a_pad_goes_the_way_that_its_leg_crushes(tmp_path):
    places = [(2.0, 0.0), (-1.0, 1.8), (-1.0, -1.8)]
    ways = [[0.0, 0.0, 1.0], [-0.6, 0.0, 0.8], [1.0, 0.0, 0.0]]
    pads = [
        {"position": [f"{x} m", f"{y} m", "0 m"], "crush_direction": way}
        for (x, y), way in zip(places, ways, strict=True)
    ]
    legs = landers.five_legs() | {"count": 3, "pads": pads, "tread_radius": "2.0591 m"}
    built, _ = landers.vehicles(landers.mission_with(tmp_path, legs=legs), 870.0)
    points = built.contact
    np.testing.assert_allclose(points.legs.crush_body_factor[:, 0], ways, atol=1e-15)
    touch = untouched(points)
    stroke_m = touch.legs.stroke_m.at[:, 0, 0].set(0.1)
    crushed = dataclasses.replace(touch, legs=dataclasses.replace(touch.legs, stroke_m=stroke_m))
    moved_m = crushed_places_m(points, crushed) - points.position_body_m
    np.testing.assert_allclose(moved_m[:3], 0.1 * np.array(ways), atol=1e-15)
    assert not np.any(moved_m[3:])
