"""Liquid on springs in a hull: momentum, frequency, damping, and what is left without it."""

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
from perilune.truth.dynamics.contact import SUBSTEP_COUNT, contact_step, drift
from perilune.truth.dynamics.free_flight import (
    FORCE,
    TORQUE,
    Motion,
    derivative,
    fly_tick,
    surroundings,
)
from perilune.truth.dynamics.slosh import CARRIED_M_S2
from perilune.truth.dynamics.state import untouched
from tests.truth.dynamics.sloshing_bodies import (
    kinetic_j,
    loaded,
    momentum_n_s,
    spin_n_m_s,
    swaying,
    tanks_of,
)
from validation import bodies

TICK_S = 0.1
INERTIA = np.array([[900.0, 40.0, -30.0], [40.0, 1100.0, 20.0], [-30.0, 20.0, 700.0]])
VEHICLE = swaying(tanks_of(700.0, INERTIA), baffle_damping_factor=0.03)
ON_AXIS = ((0.0, 0.0, 0.4), (0.0, 0.0, 0.4))
HEAVY = swaying(tanks_of(1e9, 1e12 * np.ones(3), ON_AXIS))
MILLIMETRE = np.array([[1e-3, 0.0], [0.0, 0.0]])
TICKS = 400
triple = st.tuples(*[st.floats(-1.0, 1.0)] * 3)
pairs = st.tuples(*[st.tuples(st.floats(-0.3, 0.3), st.floats(-0.3, 0.3))] * 2)


def burning(throttle):
    return dataclasses.replace(
        quiet_command(), engine_on=jnp.array([True]), throttle=jnp.asarray([throttle], float)
    )


def around(vehicle, state, command=None):
    held = quiet_command() if command is None else command
    return surroundings(vehicle, state, held, jnp.asarray(0.0), jnp.zeros(3))


@jax.jit
def fly(vehicle, state, command, tick_s=TICK_S):
    """States at the end of each tick in free space; the engine burns without using anything."""

    def tick(now, _):
        after = fly_tick(vehicle, around(vehicle, now, command), command, now, jnp.asarray(tick_s))
        return dataclasses.replace(after, tank_kg=state.tank_kg), after

    return jax.lax.scan(tick, state, None, TICKS)[1]


@functools.cache
def change_of_momentum():
    """d/dt of both momenta along the law, beside force and torque of the wrench."""

    @jax.jit
    def compared(state, wrench):
        held = around(VEHICLE, state)
        drive = jnp.concatenate([wrench, jnp.zeros(len(state.tank_kg))])
        names = [field.name for field in dataclasses.fields(Motion)]
        rates = derivative(VEHICLE, held, drive, Motion(**{n: getattr(state, n) for n in names}))
        moving = {name: getattr(state, name) for name in names}
        along = {name: getattr(rates, name) for name in names}

        def both(fields):
            now = dataclasses.replace(state, **fields)
            return (
                momentum_n_s(VEHICLE, held.sway, now),
                spin_n_m_s(VEHICLE, held.sway, now),
            )

        changed = jax.jvp(both, (moving,), (along,))[1]
        turn, place = state.inertial_from_body, state.position_inertial_m
        force_n = rotate(turn, drive[FORCE])
        return changed, (force_n, rotate(turn, drive[TORQUE]) + cross(place, force_n))

    return compared


@settings(max_examples=60, deadline=None)
@given(turn=triple, rate=triple, speed=triple, out=pairs, sway=pairs, force=triple, torque=triple)
def test_linear_and_angular_momentum_change_by_force_and_torque_alone(
    turn, rate, speed, out, sway, force, torque
):
    state = loaded(
        VEHICLE, [400.0, 150.0], jnp.asarray(out), jnp.asarray(sway),
        inertial_from_body=from_rotation_vector(jnp.asarray(turn)),
        rate_body_rad_s=jnp.asarray(rate),
        velocity_inertial_m_s=jnp.asarray(speed),
        position_inertial_m=jnp.array([3.0, -2.0, 1.0]),
    )  # fmt: skip
    wrench = 1e3 * jnp.asarray([*force, *torque])
    changed, made = change_of_momentum()(state, wrench)
    np.testing.assert_allclose(changed[0], made[0], atol=1e-9 * 1e3)
    np.testing.assert_allclose(changed[1], made[1], atol=1e-9 * 1e4)


def test_a_long_flight_of_swaying_liquid_keeps_its_momenta():
    """To the fourth order of the integrator: half the step, a sixteenth of the change."""
    start = loaded(
        VEHICLE, [400.0, 150.0], 0.05, 0.1, rate_body_rad_s=jnp.array([0.05, -0.03, 0.04])
    )
    sway, changes = around(VEHICLE, start).sway, []
    for tick_s, last in ((0.2, TICKS // 2 - 1), (0.1, TICKS - 1)):
        states = fly(VEHICLE, start, quiet_command(), tick_s)
        end = jax.tree.map(lambda x, last=last: x[last], states)
        for of in (momentum_n_s, spin_n_m_s):
            before, after = of(VEHICLE, sway, start), of(VEHICLE, sway, end)
            changes.append(float(jnp.linalg.norm(after - before) / jnp.linalg.norm(before)))
    assert max(changes[2:]) < 1e-8
    assert changes[0] > 12.0 * changes[2]
    assert changes[1] > 12.0 * changes[3]


def peaks_of(out_m, step_s):
    """Times and heights of the peaks of a sampled swing, by parabolas."""
    before, here, after = out_m[:-2], out_m[1:-1], out_m[2:]
    at = np.flatnonzero((here > before) & (here >= after))
    bend = before[at] - 2.0 * here[at] + after[at]
    slope = 0.5 * (after[at] - before[at])
    times_s = step_s * (at + 1 - slope / bend)
    return times_s, here[at] - 0.5 * slope**2 / bend


def thrust_for(vehicle, state, felt_m_s2):
    mass_kg = float(vehicle.mass.dry_kg + jnp.sum(state.tank_kg))
    engines = dataclasses.replace(
        vehicle.engines,
        max_thrust_n=jnp.array([felt_m_s2 * mass_kg]),
        min_thrust_n=jnp.array([0.1 * felt_m_s2 * mass_kg]),
    )
    lit = dataclasses.replace(state, thrust_n=jnp.array([felt_m_s2 * mass_kg]))
    return dataclasses.replace(vehicle, engines=engines), lit


@pytest.mark.parametrize("felt_m_s2", [0.5, 2.0])
@pytest.mark.parametrize("depth_m", [0.15, 0.8])
def test_liquid_in_a_heavy_hull_swings_at_the_closed_form(depth_m, felt_m_s2):
    """sqrt(g X/R tanh(X h/R)), with the first root of J1' (SP-106)."""
    liquid_kg = 1141.0 * np.pi * 0.55**2 * depth_m
    vehicle, start = thrust_for(HEAVY, loaded(HEAVY, liquid_kg, MILLIMETRE), felt_m_s2)
    states = fly(vehicle, start, burning(1.0), 0.05)
    times_s, _ = peaks_of(np.asarray(states.slosh.out_m[:, 0, 0]), 0.05)
    wave = 1.841183781340659 / 0.55
    expected = np.sqrt(felt_m_s2 * wave * np.tanh(wave * depth_m))
    assert 2.0 * np.pi / np.mean(np.diff(times_s)) == pytest.approx(expected, rel=2e-4)


@pytest.mark.parametrize("damping_factor", [0.01, 0.1])
def test_the_swing_falls_by_the_damping_ratio_of_its_baffles(damping_factor):
    """From peak to peak by exp(-2 pi z/sqrt(1 - z^2)), and its energy by the square of that."""
    base = dataclasses.replace(
        HEAVY,
        slosh=dataclasses.replace(HEAVY.slosh, baffle_damping_factor=jnp.full(2, damping_factor)),
    )
    vehicle, start = thrust_for(base, loaded(base, 800.0, MILLIMETRE), 2.0)
    states = fly(vehicle, start, burning(1.0), 0.05)
    _, peaks_m = peaks_of(np.asarray(states.slosh.out_m[:, 0, 0]), 0.05)
    left = np.exp(-2.0 * np.pi * damping_factor / np.sqrt(1.0 - damping_factor**2))
    np.testing.assert_allclose(peaks_m[1:4] / peaks_m[:3], left, rtol=2e-3)


def test_liquid_and_a_free_hull_swing_together_as_lagrange_says():
    """Three freedoms in a plane, by hand: x of C, turn about y, and s; thrust follows the hull.

    Kinetic: M x'^2/2 + I th'^2/2 + m (x' + z th' + s')^2/2 less the point's share of the first two.
    """
    vehicle = swaying(tanks_of(700.0, INERTIA * np.eye(3), ON_AXIS))
    vehicle, start = thrust_for(vehicle, loaded(vehicle, [400.0, 1e-9], MILLIMETRE), 2.0)
    held = around(vehicle, start)
    mass_kg, sway = 1100.0, held.sway
    point_kg, arm_m = float(sway.mass_kg[0]), float(sway.arm_body_m[0, 2])
    square = 2.0 * float(sway.frequency_rad_s[0]) ** 2
    inertia = float(held.inertia_kg_m2[1, 1])
    moving = np.array(
        [
            [mass_kg, 0.0, point_kg],
            [0.0, inertia, point_kg * arm_m],
            [point_kg, point_kg * arm_m, point_kg],
        ]
    )
    # the spring, and the felt weight of the point out of its place, which turns the hull
    held_by = np.diag([0.0, 0.0, point_kg * square])
    held_by[1, 2] = -point_kg * 2.0
    roots = np.linalg.eigvals(np.linalg.solve(moving, held_by))
    expected = np.sqrt(np.max(roots.real))
    states = fly(vehicle, start, burning(1.0), 0.05)
    out_m = np.asarray(states.slosh.out_m[:, 0, 0])
    times_s, _ = peaks_of(out_m - np.mean(out_m), 0.05)
    assert 2.0 * np.pi / np.mean(np.diff(times_s)) == pytest.approx(expected, rel=1e-3)
    assert expected > 1.1 * np.sqrt(square)  # the hull gives way


def test_without_liquid_the_flight_is_that_of_a_rigid_lander():
    empty = loaded(VEHICLE, 0.0, rate_body_rad_s=jnp.array([0.1, -0.2, 0.05]))
    rigid = dataclasses.replace(VEHICLE, slosh=None)
    command = dataclasses.replace(burning(0.5), gimbal_rad=jnp.array([[0.02, -0.03]]))
    lit = dataclasses.replace(empty, thrust_n=jnp.array([2000.0]), tank_kg=empty.tank_kg)
    swung = fly(VEHICLE, lit, command)
    firm = fly(rigid, dataclasses.replace(lit, slosh=None), command)
    assert firm.slosh is None
    for name in ("velocity_inertial_m_s", "rate_body_rad_s", "sensed_velocity_body_m_s"):
        np.testing.assert_allclose(getattr(swung, name), getattr(firm, name), rtol=0, atol=1e-12)


def test_liquid_in_its_place_moves_a_lander_that_only_goes_along_its_axis_as_if_rigid():
    vehicle = swaying(tanks_of(700.0, np.diag(INERTIA), ON_AXIS))
    start = loaded(vehicle, [400.0, 150.0], thrust_n=jnp.array([4000.0]))
    swung = fly(vehicle, start, burning(1.0))
    rigid = dataclasses.replace(vehicle, slosh=None)
    firm = fly(rigid, dataclasses.replace(start, slosh=None), burning(1.0))
    np.testing.assert_allclose(
        swung.velocity_inertial_m_s, firm.velocity_inertial_m_s, rtol=1e-14, atol=1e-14
    )


def test_in_a_coast_of_long_ticks_the_liquid_comes_to_rest_in_its_hull():
    start = loaded(VEHICLE, [400.0, 1.0], 0.3, 0.5, rate_body_rad_s=jnp.array([0.02, 0.01, -0.02]))
    slosh = fly(VEHICLE, start, quiet_command(), 2.5).slosh
    slowest = np.sqrt(CARRIED_M_S2 * 1.841183781340659 / 0.55 * np.tanh(1.841183781340659 / 8.0))
    assert np.max(np.abs(slosh.out_m)) < 0.3 + 0.5 / slowest
    assert np.max(np.abs(slosh.speed_m_s[-1])) < 0.01 * 0.5


def test_a_long_tick_under_thrust_stays_finite():
    """No calm tick should burn, but a fault may: the spring is held to what the step can follow."""
    vehicle = swaying(tanks_of(700.0, np.diag(INERTIA), ON_AXIS))
    start = loaded(vehicle, [400.0, 150.0], 0.05, thrust_n=jnp.array([4000.0]))
    states = fly(vehicle, start, burning(1.0), 2.5)
    assert np.max(np.abs(states.slosh.out_m)) < 0.55


def test_the_wall_keeps_the_liquid_of_a_tumbling_lander():
    """Nothing else would: it is thrown out faster than the spring of the felt thrust pulls back."""
    start = loaded(VEHICLE, [400.0, 150.0], 0.05, rate_body_rad_s=jnp.array([0.0, 0.0, 3.0]))
    out_m = np.asarray(fly(VEHICLE, start, burning(0.5), 0.1).slosh.out_m)
    assert np.max(np.linalg.norm(out_m, axis=-1)) < 3.0 * 0.55


def kicked(vehicle, start, steps, command=None):
    """Steps of contact far above the ground."""
    ground = bodies.spread(bodies.plane(), vehicle)
    quiet = Jets(jnp.zeros(3), jnp.zeros(3), jnp.zeros(len(start.tank_kg)))
    held = around(vehicle, start, command)
    step_s = jnp.asarray(TICK_S / SUBSTEP_COUNT)

    def step(moving, _):
        return contact_step(vehicle, held, ground, moving, quiet, step_s), None

    ahead = (drift(start, 0.5 * step_s), untouched(vehicle.contact))
    (end, _), _ = jax.lax.scan(step, ahead, None, steps)
    return held, drift(end, -0.5 * step_s)


def test_the_steps_of_contact_swing_the_liquid_as_free_flight_does():
    start = loaded(
        VEHICLE, [400.0, 150.0], 0.05, 0.1,
        position_inertial_m=jnp.array([0.0, 0.0, 500.0]),
        rate_body_rad_s=jnp.array([0.05, -0.03, 0.04]),
        thrust_n=jnp.array([4000.0]),
    )  # fmt: skip
    vehicle = dataclasses.replace(
        VEHICLE, engines=dataclasses.replace(VEHICLE.engines, specific_impulse_s=jnp.array([1e12]))
    )
    _, near = kicked(vehicle, start, 20 * SUBSTEP_COUNT, burning(1.0))
    free = jax.tree.map(lambda x: x[-1], fly(vehicle, start, burning(1.0), 0.005))
    np.testing.assert_allclose(near.slosh.out_m, free.slosh.out_m, atol=1e-4)
    np.testing.assert_allclose(near.rate_body_rad_s, free.rate_body_rad_s, atol=1e-4)
    np.testing.assert_allclose(near.velocity_inertial_m_s, free.velocity_inertial_m_s, atol=1e-3)


def test_on_its_feet_the_liquid_swings_under_lunar_gravity():
    """The ground carries the lander, so what is felt is the weight; the hull is far heavier."""
    vehicle = dataclasses.replace(HEAVY, contact=bodies.pads(feet(), 1e12, 1e8, 0.5))
    depth_m = 1.62 * 1e9 / 4e12
    start = loaded(
        vehicle, 800.0, MILLIMETRE, position_inertial_m=jnp.array([0.0, 0.0, 1.0 - depth_m])
    )
    history, _ = jax.jit(
        lambda s: bodies.settle(vehicle, bodies.plane(), s, jnp.asarray(TICK_S), 100)
    )(start)
    times_s, _ = peaks_of(np.asarray(history.slosh.out_m[:, 0, 0]), TICK_S)
    wave = 1.841183781340659 / 0.55
    level_m = 800.0 / (1141.0 * np.pi * 0.55**2)
    expected = np.sqrt(1.62 * wave * np.tanh(wave * level_m))
    assert 2.0 * np.pi / np.mean(np.diff(times_s)) == pytest.approx(expected, rel=5e-3)


def feet():
    return np.array([[1.0, 1.0, -1.0], [-1.0, 1.0, -1.0], [-1.0, -1.0, -1.0], [1.0, -1.0, -1.0]])


def test_a_swing_on_the_feet_never_gains_energy():
    vehicle = dataclasses.replace(
        swaying(tanks_of(700.0, np.diag(INERTIA), ON_AXIS), 0.1),
        contact=bodies.pads(feet(), 2e5, 4e3, 0.5),
    )
    start = loaded(
        vehicle, [300.0, 100.0], [0.1, 0.05], position_inertial_m=jnp.array([0.0, 0.0, 1.2])
    )
    history, touch = jax.jit(
        lambda s: bodies.settle(vehicle, bodies.plane(), s, jnp.asarray(TICK_S), 200)
    )(start)
    sway = around(vehicle, start).sway
    moving_j = jax.vmap(lambda s: kinetic_j(vehicle, sway, s))(history)
    first_j = 1100.0 * 1.62 * 0.4
    assert float(jnp.max(moving_j)) < first_j
    assert float(moving_j[-1]) < 1e-3 * first_j
    assert np.all(np.isfinite(np.asarray(touch.normal_force_n)))
