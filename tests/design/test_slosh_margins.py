"""The linear model of liquid that sways against truth's equations and against flown descents."""

import dataclasses
import functools

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from perilune.design.build_lander import mass_model, tank_loads_kg
from perilune.design.control_report import below_the_floor, control_report, lines_of
from perilune.design.control_rule import (
    GRAVITY_M_S2,
    TICK_S,
    actuations,
    control_gains,
    hover_masses_kg,
)
from perilune.design.descent_loops import (
    DRIFT_FACTORS,
    SWAYING_FILLS,
    drift_of,
    hover_loops,
    is_low,
    lander_gains,
    swaying,
    with_slosh,
)
from perilune.design.linear_slosh import accelerations, linear_slosh
from perilune.design.loop_margins import Attitude, attitude_loop, drift_loop, margins
from perilune.design.numbers import numbers_of, to_arrays
from perilune.design.slosh_report import closed_modes, slosh_row
from perilune.interfaces import quiet_command
from perilune.onboard.control.allocate import Demand, allocate, vehicle_now
from perilune.onboard.control.attitude import Pointing, torque_impulse_nms
from perilune.truth.dynamics.free_flight import fly_tick, surroundings
from perilune.truth.dynamics.slosh import Wrench, answer
from perilune.truth.dynamics.state import SloshState
from tests.compiling import BRIEFLY
from tests.systems.test_vertical_descent import software_of
from validation import bodies, landers

HALF_KG, TICK_COUNT = 1_221.0, 400
PULL_M_S2 = jnp.array([0.0, 0.0, -GRAVITY_M_S2])


def with_baffles(folder, damping_factor, lander="nova_c"):
    sways = {"viscosity": "2e-7 m**2/s", "baffle_damping_factor": damping_factor}
    tanks = [tank | {"slosh": sways} for tank in getattr(landers, lander)()["tanks"]]
    return landers.mission_with(folder, tanks=tanks)


@pytest.fixture(scope="module")
def bare(tmp_path_factory):
    return with_baffles(tmp_path_factory.mktemp("bare"), 0.0)


@pytest.fixture(scope="module")
def baffled(tmp_path_factory):
    return with_baffles(tmp_path_factory.mktemp("baffled"), 0.1)


@pytest.fixture(scope="module")
def damped(tmp_path_factory):
    """As much as the catalog takes for it."""
    return with_baffles(tmp_path_factory.mktemp("damped"), 0.15)


def slosh_of(mission, mass_kg=HALF_KG, axis=1):
    model = mass_model(to_arrays(numbers_of(mission)).lander)
    return linear_slosh(mission.lander, model, mass_kg, mass_kg * GRAVITY_M_S2, axis)


def test_the_linear_model_is_the_derivative_of_truth_s_equations(bare):
    """In a hover, about y: what a torque with a side force and each tank's displacement make."""
    vehicle, _ = landers.vehicles(bare, HALF_KG)
    state = hovering(bare, HALF_KG, 0.0)
    around = surroundings(vehicle, state, quiet_command(1, 16), jnp.asarray(0.0), jnp.zeros(3))
    inertia = float(around.inertia_kg_m2[1, 1])
    weight_n, side_s2 = HALF_KG * GRAVITY_M_S2, -0.7

    def made(given):
        turn, out, speed = given[0], given[1:3], given[3:5]
        level = jnp.zeros(2)
        slosh = SloshState(
            GRAVITY_M_S2 * jnp.stack([out, level], axis=-1),
            GRAVITY_M_S2 * jnp.stack([speed, level], axis=-1),
        )
        force_n = jnp.stack([side_s2 * turn * weight_n, 0.0, weight_n])
        torque_nm = jnp.stack([0.0, inertia * turn, 0.0])
        wrench = Wrench(force_n, torque_nm, jnp.asarray(HALF_KG))
        told = answer(around.sway, wrench, jnp.zeros(3), slosh)
        felt, swayed = told.felt_m_s2[0] / GRAVITY_M_S2, told.slosh_m_s2[:, 0] / GRAVITY_M_S2
        return jnp.concatenate([felt[None], told.turn_rad_s2[1:2], swayed])

    truth = jax.jacobian(made)(jnp.zeros(5))
    felt, turned, swayed = accelerations(slosh_of(bare), side_s2)
    np.testing.assert_allclose(np.vstack([felt, turned, swayed]), truth, rtol=1e-9, atol=1e-12)


def hovering(mission, mass_kg, out_m):
    """Upright, its thrust carries it, the liquid of every tank out along x."""
    lander = to_arrays(numbers_of(mission)).lander
    mass = mission.lander.mass
    left_kg = mass_kg - mass.dry_kg - mass.payload_kg - mass.cold_gas_kg
    out = jnp.array([[out_m, 0.0], [out_m, 0.0]])
    return dataclasses.replace(
        bodies.at_rest(),
        position_inertial_m=jnp.array([0.0, 0.0, 1e3]),
        tank_kg=tank_loads_kg(lander, jnp.asarray(left_kg)),
        thrust_n=jnp.array([mass_kg * GRAVITY_M_S2]),
        gimbal_rad=jnp.zeros((1, 2)),
        slosh=SloshState(out, jnp.zeros((2, 2))),
    )


@functools.partial(jax.jit, compiler_options=BRIEFLY)
def hovered(vehicle, software, start):
    """How far the liquid is out at the end of each tick, (ticks, tanks), by our attitude law."""
    believed, control, _ = software

    def tick(state, _):
        mass_kg = vehicle.mass.dry_kg + jnp.sum(state.tank_kg)
        now = vehicle_now(believed, mass_kg)
        pointing = Pointing(
            state.inertial_from_body, jnp.eye(3), state.sensed_rotation_body_rad / TICK_S,
            jnp.zeros(3),
        )  # fmt: skip
        tick_s, no = jnp.asarray(TICK_S), jnp.array(False)
        impulse, _ = torque_impulse_nms(control, now.inertia_kg_m2, pointing, tick_s)
        demand = Demand(
            engine_on=jnp.array(True),
            throttle=mass_kg * GRAVITY_M_S2 / believed.max_thrust_n,
            angular_impulse_n_m_s=impulse,
            tick_s=tick_s,
            nozzles_closed=no,
            altimeter_beam=jnp.array(0),
        )
        order, *_ = allocate(believed, now.center_body_m, demand)
        around = surroundings(vehicle, state, order, jnp.asarray(0.0), PULL_M_S2)
        after = fly_tick(vehicle, around, order, state, tick_s)
        return dataclasses.replace(after, tank_kg=state.tank_kg), after.slosh.out_m[:, 0]

    return jax.lax.scan(tick, start, None, TICK_COUNT)[1]


def attitude_of(mission, believed, mass_kg=HALF_KG):
    gains = control_gains(mission.lander, believed)
    act = actuations(mission.lander, believed, mass_kg)[1]
    return Attitude(
        frequency_rad_s=gains.attitude_frequency_rad_s,
        damping_factor=mission.lander.control.damping_factor,
        lag_s=act.lag_s,
        side_frequency_rad_s=act.side_frequency_rad_s,
        tick_s=TICK_S,
        slosh=slosh_of(mission, mass_kg),
    )


def growth_per_s(out_m):
    """Of the envelope over the last three quarters: a line through the logarithm of its peaks."""
    size = np.abs(out_m[TICK_COUNT // 4 :])
    at = 1 + np.flatnonzero((size[1:-1] > size[:-2]) & (size[1:-1] >= size[2:]))
    return np.polyfit(TICK_S * at, np.log(size[at]), 1)[0]


@pytest.mark.parametrize("which", ["bare", "baffled"])
def test_a_mode_grows_or_dies_in_flight_as_the_linear_model_says(which, request):
    """To a fifth of the rate: by truth, our torque law and our allocation, from a millimetre."""
    mission = request.getfixturevalue(which)
    vehicle, believed = landers.vehicles(mission, HALF_KG)
    out_m = hovered(vehicle, software_of(mission, believed), hovering(mission, HALF_KG, 1e-3))
    poles, share = closed_modes(attitude_of(mission, believed), None)
    modes = np.flatnonzero((poles.imag > 0.05) & (share > 0.5))
    slowest = np.max(poles[modes].real)
    assert (slowest > 0.0) == (which == "bare")
    assert growth_per_s(np.asarray(out_m[:, 0])) == pytest.approx(slowest, rel=0.2)


def test_check_names_the_tank_that_grows_and_what_its_baffles_must_do(bare):
    _, believed = landers.vehicles(bare, 2_000.0)
    report = control_report(bare, believed)
    worst = max(report.slosh, key=lambda row: row.needed_factor)
    assert worst.grows
    (note,) = below_the_floor(bare, report)
    assert f"The liquid of tank `{worst.tank}` swings up" in note
    assert "slosh.baffle_damping_factor" in note
    printed = "\n".join(lines_of(report))
    assert f"{worst.tank} binds" in printed
    assert f"{worst.needed_factor:.2%}" in printed


def test_at_half_fill_the_tank_above_the_centre_of_mass_is_named(bare):
    _, believed = landers.vehicles(bare, HALF_KG)
    gains = control_gains(bare.lander, believed)
    loops = hover_loops(bare.lander, swaying(bare), believed, gains, HALF_KG)
    assert slosh_row("", loops, drift_of(gains)).tank == "methane"


def test_check_prints_first_and_last_mass_and_the_worst_between(damped):
    """Of the 17 masses looked at; those between them have at most 1 deg less."""
    _, believed = landers.vehicles(damped, 1_627.0)
    report = control_report(damped, believed)
    gains, model = report.gains, swaying(damped)

    def least_phase_deg(fills):
        return min(
            margins(attitude_loop(loop, drift_of(gains))).phase_margin_deg
            for mass_kg in hover_masses_kg(damped.lander, believed, fills)
            for loop in hover_loops(damped.lander, model, believed, gains, mass_kg)
        )

    within = [row for row in report.rows if row.loop == "attitude within drift"]
    assert [row.case for row in within[::2]] == ["1627 kg", "814 kg"]
    least_deg = within[1].margins.phase_margin_deg
    assert 30.0 <= least_deg < 0.9 * within[2].margins.phase_margin_deg
    assert least_deg == pytest.approx(least_phase_deg(SWAYING_FILLS), abs=1e-9)
    assert least_phase_deg([(fill + 0.5) / 16 for fill in range(16)]) > least_deg - 1.0


@pytest.mark.parametrize("mass_kg", [814.0, 1_000.0, 1_140.0, HALF_KG, 1_465.0, 1_627.0])
@pytest.mark.parametrize("thrust", ["hover", "full thrust"])
def test_what_the_baffles_need_is_where_the_loop_neither_grows_nor_dies(bare, mass_kg, thrust):
    """By all poles of the closed loop that swing, whichever of them is the liquid's."""
    _, believed = landers.vehicles(bare, mass_kg)
    loop, full_n = attitude_of(bare, believed, mass_kg), float(believed.max_thrust_n)
    if thrust == "full thrust":
        faster = np.sqrt(full_n / (mass_kg * GRAVITY_M_S2))
        side_rad_s = faster * loop.side_frequency_rad_s
        hurried = dataclasses.replace(loop, side_frequency_rad_s=side_rad_s)
        loop = with_slosh(bare.lander, swaying(bare), [hurried] * 2, mass_kg, full_n)[1]
    needed = slosh_row("", [loop], None).needed_factor

    def growth(damping_factor):
        slosh = dataclasses.replace(loop.slosh, damping_factor=np.full(2, damping_factor))
        poles, _ = closed_modes(dataclasses.replace(loop, slosh=slosh), None)
        swings = poles[poles.imag > 0.05]
        return np.max(swings.real / np.abs(swings))

    assert growth(1.1 * needed) < 0.0 < growth(0.9 * needed)
    assert abs(growth(needed)) < 1e-5


@pytest.mark.parametrize("tank", [0, 1])
def test_a_tank_alone_grows_between_its_hinge_and_the_centre_of_percussion(bare, tank):
    """With z over the centre of mass: where (z - I/(M l)) (z + g/w^2) < 0.

    By hand: the swing turns the lander by m (g + z w^2)/I s, and the torque against that pushes the
    liquid by its place over the point that the gimbal leaves at rest, g over the square of the side
    force's frequency.
    """
    _, believed = landers.vehicles(bare, HALF_KG)
    loop = attitude_of(bare, believed)
    only = np.arange(2) == tank
    slosh = dataclasses.replace(loop.slosh, mass_kg=only * loop.slosh.mass_kg)
    swaying = dataclasses.replace(loop, slosh=slosh)
    above_m = slosh.arm_m[tank]
    percussion_m = GRAVITY_M_S2 / loop.side_frequency_rad_s**2
    hinge_m = -GRAVITY_M_S2 / slosh.frequency_rad_s[tank] ** 2
    by_hand = (above_m - percussion_m) * (above_m - hinge_m) < 0.0
    assert by_hand == (tank == 1)
    assert slosh_row("", [swaying], None).grows == by_hand


def gained(mission, factor):
    """Whether every loop of a descent is over the floor with so much of the rule's drift gain."""
    _, believed = landers.vehicles(mission, 1_627.0)
    gains = control_gains(mission.lander, believed).slowed(factor)
    lander, drift, model = mission.lander, drift_of(gains), swaying(mission)
    return not any(
        is_low(margins(close(loop, drift)))
        for mass_kg in hover_masses_kg(lander, believed, SWAYING_FILLS)
        for loop in hover_loops(lander, model, believed, gains, mass_kg)
        for close in (attitude_loop, drift_loop)
    )


def test_the_drift_gain_is_the_largest_of_its_steps_that_keeps_all_margins(damped):
    _, believed = landers.vehicles(damped, 1_627.0)
    factor = lander_gains(damped, believed).drift_factor
    assert factor < 1.0
    assert gained(damped, factor)
    assert not any(gained(damped, more) for more in DRIFT_FACTORS if more > factor)
    printed = "\n".join(lines_of(control_report(damped, believed)))
    assert f"({factor:.0%} of a rigid lander's)" in printed


def test_a_rigid_lander_and_one_that_nothing_helps_keep_the_rule_s_drift_gain(bare, tmp_path):
    rigid = landers.nova_c()["tanks"]
    for tank in rigid:
        del tank["slosh"]
    for mission in (landers.mission_with(tmp_path, tanks=rigid), bare):
        _, believed = landers.vehicles(mission, 1_627.0)
        assert lander_gains(mission, believed) == control_gains(mission.lander, believed)


def test_too_little_of_baffles_is_a_note_that_names_them(tmp_path):
    """No mode grows at 7 %, but a loop has less than 30 deg whatever the gain on drift."""
    mission = with_baffles(tmp_path, 0.07)
    _, believed = landers.vehicles(mission, 1_627.0)
    report = control_report(mission, believed)
    assert not any(row.grows for row in report.slosh)
    (note,) = below_the_floor(mission, report)
    assert "30 deg of margin and may swing" in note
    assert "slosh.baffle_damping_factor`, which is 0.07" in note
