"""One tick, one cycle, one frame of the flight computer, against what each should leave behind."""

import dataclasses
import math
from types import SimpleNamespace

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from perilune.interfaces import (
    Command,
    ContactReading,
    ImuReading,
    Message,
    StarTrackerReading,
)
from perilune.mechanics.gravity import harmonics_m_s2, third_body_m_s2
from perilune.mechanics.rotation import rotate, rotate_back
from perilune.mechanics.track_gravity import track_gravity_m_s2
from perilune.onboard import computer
from perilune.onboard.memory import wake
from perilune.truth.environment.ephemeris import pa_from_inertial
from perilune.truth.environment.gravitation import perturbation_m_s2
from tests.standard_phases import StandardPhase as Mode

TICK_S = 0.1
reckoned = jax.jit(computer.reckon)


def sent(reading):
    return Message(reading, jnp.array(0.0))


def at_touch(switches):
    """Of an inbox what the software looks at once it has touched."""
    return SimpleNamespace(contact=switches, time_s=jnp.array(0.0))


def in_mode(memory, mode):
    progress = dataclasses.replace(memory.progress, phase=jnp.array(int(mode)))
    return dataclasses.replace(memory, progress=progress, tick_s=jnp.array(TICK_S))


def test_the_first_tick_orders_nothing_but_attitude(upload):
    memory, command, _ = jax.jit(computer.decide)(upload, wake(upload), 0.0, TICK_S)
    assert Mode(int(memory.progress.phase)) is Mode.ORBIT
    assert not np.any(command.engine_on)
    assert not np.any(command.throttle)


def test_a_frame_holds_the_fields_pull_at_its_middle(athena_design, upload):
    """Asked where two-body motion is half a frame later, by truth's sky: field, table, Earth."""
    memory = wake(upload)
    begun = jax.jit(computer.hold_gravity)(upload, memory, 100.0, 0.6)
    estimate = memory.estimate
    place = estimate.position_inertial_m + 0.3 * estimate.velocity_inertial_m_s
    turn = pa_from_inertial(athena_design.plan.world.sky, 100.3)
    chart, place_pa_m = upload.chart, rotate(turn, place)
    pull = harmonics_m_s2(chart.gravity, place_pa_m)
    pull = pull + track_gravity_m_s2(chart.track_gravity, place_pa_m)
    pull = pull + third_body_m_s2(chart.earth_gm_m3_s2, chart.earth_pa_m, place_pa_m)
    np.testing.assert_allclose(
        begun.held_gravity.perturbation_inertial_m_s2, rotate_back(turn, pull), rtol=1e-9
    )


@pytest.mark.parametrize("share", [0.0, 0.3, 0.7, 1.0])
def test_the_pull_carried_is_truths_to_a_millionth(athena_design, upload, share):
    """Along the planned track: the onboard degree and table, and the Earth where it is at the end.

    What differs are the Sun's pull, 1e-7 m/s2, and the Earth's turn of a degree in two hours.
    """
    world, transfer = athena_design.plan.world, athena_design.transfer
    row = int(share * (len(transfer.times_s) - 1))
    time_s, place_m = float(transfer.times_s[row]), jnp.asarray(transfer.places_m[row])
    memory = wake(upload)
    there = dataclasses.replace(
        memory.estimate, position_inertial_m=place_m, velocity_inertial_m_s=jnp.zeros(3)
    )
    held = jax.jit(computer.hold_gravity)(
        upload, dataclasses.replace(memory, estimate=there), time_s, 0.0
    ).held_gravity
    true = perturbation_m_s2(world.gravity, world.sky, time_s, place_m, world.track_gravity)
    np.testing.assert_allclose(held.perturbation_inertial_m_s2, true, rtol=0.0, atol=1e-6)


def test_mass_falls_by_the_rocket_equation(upload):
    push = {"imu": sent(ImuReading(jnp.array([0.0, 0.0, 0.25]), jnp.zeros(3), jnp.array(True)))}
    memory = in_mode(wake(upload), Mode.BRAKING)
    for _ in range(20):
        memory = reckoned(upload, memory, push)
    exhaust_m_s = float(upload.vehicle.specific_impulse_s) * 9.80665
    expected = float(upload.vehicle.start_mass_kg) * math.exp(-5.0 / exhaust_m_s)
    assert float(memory.mass_kg) == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize(("mode", "share"), [(Mode.DEORBIT, 1.0), (Mode.BRAKING, 0.0)])
def test_the_burns_speed_is_counted_along_its_plan_and_in_its_mode_only(upload, mode, share):
    """The start faces the burn, so all of the push along body z counts."""
    push = {"imu": sent(ImuReading(jnp.array([0.0, 0.0, 0.25]), jnp.zeros(3), jnp.array(True)))}
    after = reckoned(upload, in_mode(wake(upload), mode), push)
    assert float(after.progress.deorbit_gained_m_s) == pytest.approx(0.25 * share, abs=1e-9)


def test_in_the_coast_the_nozzles_push_is_reckoned_by_their_orders_and_no_engine_seems_to_burn(
    upload,
):
    """One nozzle for 50 ms: what it adds is force times time over the mass."""
    still = {"imu": sent(ImuReading(jnp.zeros(3), jnp.zeros(3), jnp.array(True)))}
    memory, vehicle = in_mode(wake(upload), Mode.COAST), upload.vehicle
    open_s = jnp.zeros(len(vehicle.min_pulse_s)).at[0].set(0.05)
    fired = dataclasses.replace(
        memory, command=dataclasses.replace(memory.command, thruster_on_s=open_s)
    )
    quiet, after = (reckoned(upload, each, still) for each in (memory, fired))
    push_n = vehicle.nozzle_force_n[0]
    assert float(jnp.linalg.norm(push_n)) > 1.0
    expected = rotate(memory.estimate.inertial_from_body, 0.05 * push_n / memory.mass_kg)
    gained = after.estimate.velocity_inertial_m_s - quiet.estimate.velocity_inertial_m_s
    np.testing.assert_allclose(gained, expected, atol=1e-9)
    np.testing.assert_allclose(after.gain_inertial_m_s, expected, atol=1e-9)
    assert float(after.mass_kg) == float(memory.mass_kg)
    assert float(after.disturbance.present.force_n) == float(quiet.disturbance.present.force_n)


def test_the_rate_is_the_gyros_less_their_bias(upload):
    memory = in_mode(wake(upload), Mode.COAST)
    known = {"gyro_bias_rad_s": jnp.array([1e-3, 0.0, 0.0])}
    own = memory.estimate.biases["imu"] | known
    biased = dataclasses.replace(memory.estimate, biases=memory.estimate.biases | {"imu": own})
    turning = {"imu": sent(ImuReading(jnp.zeros(3), jnp.array([2e-3, 1e-3, 0.0]), jnp.array(True)))}
    after = reckoned(upload, dataclasses.replace(memory, estimate=biased), turning)
    np.testing.assert_allclose(after.rate_body_rad_s, [0.019, 0.01, 0.0], atol=1e-15)


def test_a_star_tracker_that_says_nothing_changes_nothing(upload):
    memory = wake(upload)
    blind = StarTrackerReading(jnp.array([0.6, 0.0, 0.8, 0.0]), jnp.array(False))
    after, judged = computer.end_frame(upload, memory, {"star_tracker": sent(blind)}, 0.0)
    np.testing.assert_array_equal(after.estimate.covariance, memory.estimate.covariance)
    assert not np.any(judged["star_tracker"].used)


@pytest.mark.parametrize("leg", range(6))
def test_any_one_footpad_turns_everything_off_and_means_landed(upload, leg):
    ordered = Command(
        engine_on=jnp.array([True]),
        throttle=jnp.array([0.4]),
        gimbal_rad=jnp.array([[0.01, 0.0]]),
        thruster_on_s=jnp.full(16, 0.05),
        altimeter_beam=jnp.array(1),
    )
    closed = ContactReading(jnp.zeros(6, bool).at[leg].set(True))
    memory, off = computer.after_touch(upload, wake(upload), ordered, at_touch(closed))
    assert int(memory.progress.phase) == Mode.LANDED
    assert not bool(off.engine_on[0])
    assert float(off.throttle[0]) == 0.0
    assert not np.any(off.gimbal_rad)
    assert not np.any(off.thruster_on_s)


def test_in_the_air_the_last_order_holds(upload):
    ordered = Command(
        engine_on=jnp.array([True]),
        throttle=jnp.array([0.4]),
        gimbal_rad=jnp.array([[0.01, 0.0]]),
        thruster_on_s=jnp.full(16, 0.05),
        altimeter_beam=jnp.array(1),
    )
    open_switches = ContactReading(jnp.zeros(6, bool))
    memory, held = computer.after_touch(upload, wake(upload), ordered, at_touch(open_switches))
    assert int(memory.progress.phase) == Mode.ORBIT
    for before, after in zip(jax.tree.leaves(ordered), jax.tree.leaves(held), strict=True):
        np.testing.assert_array_equal(before, after)


def test_before_the_first_tick_nothing_has_moved_nor_turned(upload):
    still = {"imu": sent(ImuReading(jnp.zeros(3), jnp.zeros(3), jnp.array(True)))}
    memory = wake(upload)
    after = reckoned(upload, memory, still)
    np.testing.assert_array_equal(after.rate_body_rad_s, 0.0)
    for name in ("position_inertial_m", "velocity_inertial_m_s"):
        np.testing.assert_array_equal(getattr(after.estimate, name), getattr(memory.estimate, name))
    np.testing.assert_allclose(
        after.estimate.inertial_from_body, memory.estimate.inertial_from_body, atol=1e-15
    )
