"""Struts by table in three directions, soil that gives, legs that break: work, limits, energy."""

import dataclasses
import functools

import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from perilune.design.build_legs import build_legs
from perilune.design.typed_arrays import as_arrays
from perilune.mechanics.rotation import from_rotation_vector
from perilune.mission.legs import Legs
from perilune.mission.soil import Soil
from perilune.truth.dynamics.ground_force import _ploughing_n
from perilune.truth.dynamics.strut_crush import NEVER_N, PadLoad, crushed_m
from tests.truth.dynamics.test_contact import (
    GRAVITY_M_S2,
    MASS_KG,
    STEP_S,
    energies_j,
    falling,
    just_above,
    lander,
    settled,
)
from validation import bodies, lunar_module

SIMPLE = {
    "count": 6,
    "tread_radius": "2.3 m",
    "first_azimuth": "30 deg",
    "stroke": "0.3 m",
    "crush_force": "6 kN",
    "early_stages": [{"to": "0.05 m", "force": "2 kN"}],
    "pad_radius": "0.2 m",
    "stiffness": "200 kN/m",
    "damping": "12 kN*s/m",
    "friction_factor": 0.5,
}
CANTILEVER = SIMPLE | {
    "secondaries": {
        "hinge_radius": "0.8 m",
        "hinge_height": "1.6 m",
        "joint_fraction": 0.6,
        "fitting_radius": "0.8 m",
        "fitting_height": "0.7 m",
        "fitting_aside": "0.5 m",
        "compression": [{"to": "0.15 m", "force": "3 kN"}],
        "tension": [{"to": "0.05 m", "force": "1 kN"}, {"to": "0.2 m", "force": "3 kN"}],
    }
}
SOIL = {
    "bearing": [
        {"depth": "0 m", "pressure": "0 Pa"},
        {"depth": "0.6 m", "pressure": "407 kPa"},
    ],
    "friction_angle": "30 deg",
    "cohesion": "0.5 kPa",
    "density": "1600 kg/m**3",
}


def lander_on(legs, soil=None, **changes):
    """The lander of the other tests of contact on legs described as in a file, over this soil."""
    vehicle = lander(**changes)
    feet = vehicle.contact.position_body_m[:6] + jnp.array([0.0, 0.0, 1.75])
    ground = None if soil is None else as_arrays(Soil.model_validate(soil))
    built = build_legs(as_arrays(Legs.model_validate(legs)), feet, ground)
    return dataclasses.replace(vehicle, contact=dataclasses.replace(vehicle.contact, legs=built))


@functools.cache
def on_struts(has_soil):
    return lander_on(CANTILEVER | {"ultimate_load": "25 kN"}, SOIL if has_soil else None)


@settings(max_examples=15)
@given(
    turn_rad=st.tuples(*[st.floats(-2.0, 2.0)] * 3),
    speed_m_s=st.tuples(st.floats(-2.0, 2.0), st.floats(-2.0, 2.0), st.floats(-4.0, -0.2)),
    rate_rad_s=st.tuples(*[st.floats(-0.5, 0.5)] * 3),
    lean=st.tuples(st.floats(-0.25, 0.25), st.floats(-0.25, 0.25)),
    has_soil=st.booleans(),
)
def test_struts_and_soil_never_create_energy(turn_rad, speed_m_s, rate_rad_s, lean, has_soil):
    vehicle, ground = on_struts(has_soil), bodies.plane((*lean, 1.0))
    state = dataclasses.replace(
        bodies.at_rest(),
        inertial_from_body=from_rotation_vector(0.3 * jnp.asarray(turn_rad)),
        velocity_inertial_m_s=jnp.asarray(speed_m_s),
        rate_body_rad_s=jnp.asarray(rate_rad_s),
    )
    energy_j, _, touch = energies_j(vehicle, ground, just_above(vehicle, ground, state), 1500)
    energy_j = np.asarray(energy_j)
    kinetic_j = 0.5 * MASS_KG * np.sum(np.square(speed_m_s))
    assert np.max(energy_j - np.minimum.accumulate(energy_j)) < 1e-3 * max(kinetic_j, 1000.0)
    assert np.all(touch.legs.stroke_m <= vehicle.contact.legs.stage_end_m[..., -1])


def test_the_work_of_a_strut_in_stages_is_the_area_under_its_table():
    """To the way of the step in which a stage ends, which is done at the force that it began at."""
    vehicle = lander_on(SIMPLE, damping_n_s_per_m=0.0)
    energy_j, _, touch = energies_j(vehicle, bodies.plane(), falling(3.7), 300)
    stroke_m = np.asarray(touch.legs.stroke_m)[:, 0, 0]
    work_j = np.sum(2000.0 * 0.05 + 6000.0 * (stroke_m - 0.05))
    assert np.all(stroke_m > 0.1)
    last_m = 3.7 * STEP_S
    lost_j = float(energy_j[0] - energy_j[-1])
    assert work_j - 6 * (6000.0 - 2000.0) * last_m - 5e-3 * work_j < lost_j < 1.005 * work_j


def one_load(press_n, drag_n, limit_n, friction_factor=0.5, bearing_n=NEVER_N):
    """A pad on level ground whose only strut lies level along x."""
    return PadLoad(
        normal=jnp.array([0.0, 0.0, 1.0]),
        press_n=jnp.asarray(press_n),
        drag_n=jnp.asarray(drag_n),
        strut_factor=jnp.array([[1.0, 0.0, 0.0]]),
        strut_limit_n=jnp.asarray([limit_n]),
        bearing_n=jnp.asarray(bearing_n),
        friction_factor=jnp.asarray(friction_factor),
        ploughing_n=jnp.zeros(()),
        yielding_n_per_m=jnp.asarray(1e7),
    )


@pytest.mark.parametrize("sign", [1.0, -1.0])
def test_of_a_strut_and_a_slider_in_line_the_weaker_takes_the_whole_way(sign):
    drag_n = [sign * 12e3, 0.0, 0.0]
    weak = crushed_m(one_load(4e3, drag_n, (1500.0, 1500.0)))
    strong = crushed_m(one_load(4e3, drag_n, (2500.0, 2500.0)))
    assert float(weak[0]) == pytest.approx(sign * (12e3 - 1500.0) / 1e7)
    assert float(strong[0]) == 0.0


def test_a_strut_across_the_way_of_a_sliding_pad_carries_what_coulombs_law_leaves_it():
    """At rest of the iteration the drag is along the slip, and the strut at its limit of it."""
    load = one_load(4e3, [6e3, 10e3, 0.0], (500.0, 500.0))
    crush_m = float(crushed_m(load)[0])
    left_n = np.array([6e3 - 1e7 * crush_m, 10e3])
    held_n = 2000.0 * left_n / np.linalg.norm(left_n)
    assert crush_m > 0.0
    assert held_n[0] == pytest.approx(500.0, rel=0.02)


def test_soil_weaker_than_a_strut_sinks_and_the_strut_keeps_its_length():
    vehicle = lander_on(SIMPLE, SOIL)
    _, _, touch = energies_j(vehicle, bodies.plane(), falling(0.4), 1500)
    assert float(jnp.max(touch.legs.stroke_m)) == 0.0
    assert float(jnp.min(touch.legs.sinkage_m)) > 0.02


def test_a_drop_sinks_as_deep_as_its_energy_says():
    """Soil that hardens as kappa s takes kappa s^2 / 2 a pad, of motion and of height."""
    vehicle = lander_on(SIMPLE | {"crush_force": "60 kN", "early_stages": []}, SOIL)
    stiff = dataclasses.replace(
        vehicle.contact, damping_n_s_per_m=1e3 + 0.0 * vehicle.contact.damping_n_s_per_m
    )
    stiff = dataclasses.replace(stiff, stiffness_n_per_m=2e6 + 0.0 * stiff.stiffness_n_per_m)
    vehicle = dataclasses.replace(vehicle, contact=stiff)
    _, _, touch = energies_j(vehicle, bodies.plane(), falling(1.0), 600)
    kappa = 6 * np.pi * 0.2**2 * 407e3 / 0.6
    speed2 = 1.0 + 2.0 * GRAVITY_M_S2 * 0.02
    weight_n = MASS_KG * GRAVITY_M_S2
    deep_m = (weight_n + np.sqrt(weight_n**2 + kappa * MASS_KG * speed2)) / kappa
    np.testing.assert_allclose(touch.legs.deepest_m, deep_m, rtol=0.03)


def test_a_sunken_pad_is_held_by_rankines_passive_pressure_and_the_soils_momentum():
    """At 30 degrees the passive factor is 3; a pad of 0.4 m, 0.1 m deep, at 1 m/s."""
    legs = lander_on(SIMPLE, SOIL).contact.legs
    deep_m, slip = jnp.full(6, 0.1), jnp.tile(jnp.array([1.0, 0.0, 0.0]), (6, 1))
    wedge_n = 0.5 * 1600.0 * 1.6242 * 0.1**2 * 3.0 * 0.4
    cohesion_n = 2.0 * 500.0 * 0.1 * np.sqrt(3.0) * 0.4
    still, moving = _ploughing_n(legs, deep_m, 0.0 * slip), _ploughing_n(legs, deep_m, slip)
    np.testing.assert_allclose(still, wedge_n + cohesion_n, rtol=1e-4)
    np.testing.assert_allclose(moving - still, 1600.0 * 0.4 * 0.1, rtol=1e-9)


def test_a_leg_loaded_past_what_it_bears_breaks_and_carries_nothing_more():
    vehicle = lander_on(SIMPLE | {"ultimate_load": "7 kN"})
    _, _, gentle = energies_j(vehicle, bodies.plane(), falling(1.0), 300)
    _, _, hard = energies_j(vehicle, bodies.plane(), falling(6.0), 600)
    assert not np.any(gentle.legs.broken)
    assert np.all(hard.legs.broken)
    np.testing.assert_array_equal(hard.normal_force_n[:6], 0.0)
    assert float(jnp.max(hard.peak_force_n[12])) > 0.0  # it went on down to its bell


def test_a_lander_on_soil_rests_with_its_weight_on_its_pads():
    vehicle = lander_on(CANTILEVER, SOIL)
    states, touch = settled(vehicle, bodies.plane(), falling(1.0), 60)
    assert float(jnp.sum(touch.normal_force_n[-1])) == pytest.approx(
        MASS_KG * GRAVITY_M_S2, rel=1e-6
    )
    assert float(jnp.linalg.norm(states.velocity_inertial_m_s[-1])) < 1e-6


def test_the_energies_of_apollos_gear_are_those_of_its_report():
    """TN D-6850: 21,200 ft lb a primary strut, 5,170 of tension and 4,500 of compression."""
    legs = lunar_module.lunar_module().contact.legs
    ends = np.asarray(legs.stage_end_m[0])
    ways = np.diff(ends, prepend=0.0, axis=-1)
    forces = np.where(np.asarray(legs.crush_force_n[0]) < NEVER_N, legs.crush_force_n[0], 0.0)
    foot_pounds = np.sum(ways * forces, axis=-1) / (lunar_module.POUND_N * lunar_module.FOOT_M)
    assert foot_pounds[0, 0] == pytest.approx(21_200, rel=2e-3)
    assert foot_pounds[1] == pytest.approx([4_500, 5_170], rel=2e-3)


def test_a_secondary_strut_shortens_by_what_its_geometry_says():
    """Moving a pad by its way for a unit of one strut shortens that strut alone by a unit."""
    across = CANTILEVER["secondaries"]
    legs = Legs.model_validate(CANTILEVER)
    foot = np.array([2.3, 0.0, 0.0])
    ways = np.asarray(build_legs(as_arrays(legs), jnp.asarray(foot[None]), None).crush_body_factor)[
        0
    ]
    hinge = np.array([0.8, 0.0, 1.6])

    def lengths(moved_m):
        turned = hinge + across["joint_fraction"] * (foot + moved_m - hinge)
        fittings = np.array([[0.8, 0.5, 0.7], [0.8, -0.5, 0.7]])
        return np.linalg.norm(fittings - turned, axis=-1)

    small = 1e-6
    for strut in (0, 1):
        shorter = (lengths(0.0 * foot) - lengths(small * ways[1 + strut])) / small
        np.testing.assert_allclose(shorter, np.eye(2)[strut], atol=1e-4)
    assert np.abs(ways[1:] @ ways[0]).max() < 1e-12
