"""Three legs, or eight, each where it stands, settle on level ground and carry the weight."""

import dataclasses

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from perilune.mechanics.mass_properties import mass_properties
from tests.truth.dynamics.test_contact import elastic_energy_j
from validation import bodies, landers

GRAVITY_M_S2 = bodies.LUNAR_GRAVITY_M_S2
LEGS = {
    "crush_force": "4000 N",
    "stroke": "0.30 m",
    "stiffness": "200 kN/m",
    "damping": "12 kN*s/m",
    "friction_factor": 0.5,
    "first_azimuth": "0 deg",
}


def eight_uneven():
    """Eight pads on a rectangle of 4 m by 3.2 m, not evenly spaced."""
    places = [(x, y) for x in (-2.0, 2.0) for y in (-1.6, -0.6, 0.6, 1.6)]
    pads = [{"position": [f"{x} m", f"{y} m", "0 m"]} for x, y in places]
    return LEGS | {"count": 8, "tread_radius": f"{np.hypot(2.0, 1.6)} m", "pads": pads}


@pytest.mark.parametrize(
    ("legs", "count"),
    [(LEGS | {"count": 3, "tread_radius": "2.3 m"}, 3), (eight_uneven(), 8)],
    ids=["three", "eight"],
)
def test_legs_take_the_fall_and_then_the_weight(tmp_path, legs, count):
    vehicle, _ = landers.vehicles(landers.mission_with(tmp_path, legs=legs), 870.0)
    points, empty = vehicle.contact, jnp.zeros(3)
    assert points.leg_count == count
    mass = mass_properties(vehicle.mass, empty)
    height_m = float(mass.center_body_m[2])
    state = dataclasses.replace(
        bodies.at_rest(height_m + 0.01),
        velocity_inertial_m_s=jnp.array([0.1, 0.0, -1.0]),
        tank_kg=empty,
    )
    states, touch = bodies.settle(vehicle, bodies.plane(), state, jnp.asarray(0.1), 80)
    energy_j = energies_j(vehicle, mass, states, touch)
    start_j = float(mass.mass_kg) * (0.5 * 1.01 + GRAVITY_M_S2 * (height_m + 0.01))
    assert np.max(np.diff([start_j, *energy_j])) < 1e-3 * 0.5 * float(mass.mass_kg)
    weight_n = float(mass.mass_kg) * GRAVITY_M_S2
    load_n = np.asarray(touch.normal_force_n)[-1]
    assert np.linalg.norm(states.velocity_inertial_m_s[-1]) < 1e-3
    assert np.sum(load_n[:count]) == pytest.approx(weight_n, rel=1e-3)
    assert not np.any(load_n[count:])
    assert np.min(load_n[:count]) > 0.5 * weight_n / count


def energies_j(vehicle, mass, states, touch):
    """Of motion, height, springs at the end of each tick."""
    found, count = [], vehicle.contact.leg_count
    for at in range(len(states.tank_kg)):
        turn = np.asarray(states.inertial_from_body[at])
        arms = np.array(vehicle.contact.position_body_m - mass.center_body_m)
        arms[:count, 2] += np.asarray(touch.legs.stroke_m[at, :, 0, 0])
        w, axis = turn[0], turn[1:]
        twice = 2.0 * np.cross(axis, arms)
        placed = (
            np.asarray(states.position_inertial_m[at]) + arms + w * twice + np.cross(axis, twice)
        )
        here = dataclasses.replace(
            touch,
            legs=jax.tree.map(lambda each, at=at: each[at], touch.legs),
            bristle_inertial_m=touch.bristle_inertial_m[at],
            normal_force_n=None,
            peak_force_n=None,
        )
        speed, rate = np.asarray(states.velocity_inertial_m_s[at]), states.rate_body_rad_s[at]
        moving = 0.5 * float(mass.mass_kg) * speed @ speed
        turning = 0.5 * float(rate @ (mass.inertia_kg_m2 @ rate))
        high = float(mass.mass_kg) * GRAVITY_M_S2 * float(states.position_inertial_m[at, 2])
        springs = float(elastic_energy_j(vehicle.contact, here, jnp.asarray(-placed[:, 2])))
        found.append(moving + turning + high + springs)
    return found
