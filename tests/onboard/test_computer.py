"""One tick, one cycle, one frame of the flight computer, against what each should leave behind."""

import dataclasses
import math

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
from perilune.mechanics.gravity import harmonics_m_s2
from perilune.mechanics.rotation import rotate, rotate_back
from perilune.onboard import computer
from perilune.onboard.memory import wake
from perilune.truth.environment.ephemeris import pa_from_inertial
from tests.standard_phases import StandardPhase as Mode

TICK_S = 0.1
reckoned = jax.jit(computer.reckon)


def sent(reading):
    return Message(reading, jnp.array(0.0))


def in_mode(memory, mode):
    progress = dataclasses.replace(memory.progress, phase=jnp.array(int(mode)))
    return dataclasses.replace(memory, progress=progress, tick_s=jnp.array(TICK_S))


def test_the_first_tick_orders_nothing_but_attitude(upload):
    memory, command, _ = jax.jit(computer.decide)(upload, wake(upload), 0.0, TICK_S)
    assert Mode(int(memory.progress.phase)) is Mode.ORBIT
    assert not np.any(command.engine_on)
    assert not np.any(command.throttle)


def test_a_frame_holds_the_fields_pull_at_its_middle(athena_design, upload):
    """Against the same field asked where two-body motion is half a frame later, by truth's sky."""
    memory = wake(upload)
    begun = jax.jit(computer.hold_gravity)(upload, memory, 100.0, 0.6)
    estimate = memory.estimate
    place = estimate.position_inertial_m + 0.3 * estimate.velocity_inertial_m_s
    turn = pa_from_inertial(athena_design.plan.world.sky, 100.3)
    pull = harmonics_m_s2(upload.chart.gravity, rotate(turn, place))
    np.testing.assert_allclose(
        begun.held_gravity.perturbation_inertial_m_s2, rotate_back(turn, pull), rtol=1e-9
    )


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
    memory, off = computer.after_touch(upload, wake(upload), ordered, closed)
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
    memory, held = computer.after_touch(upload, wake(upload), ordered, open_switches)
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
