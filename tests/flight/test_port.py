"""Other flight software behind the two functions of the port is heard and obeyed like our own."""

import dataclasses
import functools

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import pytest

from perilune.design import nominal
from perilune.flight.carry import Flight, begin
from perilune.flight.loop import frame
from perilune.interfaces import (
    BelievedState,
    NavigationTelemetry,
    Shortfall,
    Telemetry,
    quiet_command,
)
from perilune.mechanics.randomness import run_key
from perilune.onboard import port
from tests.compiling import BRIEFLY

STEPS = 18
TICKS = 6
THROTTLE = 0.4


def burning():
    """One engine at part thrust, its sixteen nozzles shut."""
    return dataclasses.replace(
        quiet_command(1, 16), engine_on=jnp.array([True]), throttle=jnp.array([THROTTLE])
    )


class Notebook(eqx.Module):
    """What the stand-in keeps: how often it was called, and what each inbox said."""

    count: jax.Array
    time_s: jax.Array  # (18,)
    tick_s: jax.Array  # (18,)
    cycle_due: jax.Array  # (18,)
    frame_due: jax.Array  # (18,)
    speed_gained_m_s: jax.Array  # (18,) along body z, over the tick before


class StandIn:
    """Burns from the first step on, wants long ticks from the seventh on, navigates by nothing."""

    def wake(self, upload):
        del upload
        none = jnp.zeros(STEPS)
        return Notebook(jnp.array(0), none, none, none, none, none)

    def step(self, upload, memory, inbox):
        at, imu = memory.count, inbox.arrived.tick["imu"].reading
        memory = Notebook(
            at + 1,
            memory.time_s.at[at].set(inbox.time_s),
            memory.tick_s.at[at].set(inbox.tick_s),
            memory.cycle_due.at[at].set(inbox.cycle_due.astype(float)),
            memory.frame_due.at[at].set(inbox.frame_due.astype(float)),
            memory.speed_gained_m_s.at[at].set(imu.velocity_increment_body_m_s[2]),
        )
        command = burning()
        calm_until_s = jnp.where(at >= TICKS, jnp.inf, -jnp.inf)
        nothing_short = Shortfall(jnp.array(0.0), jnp.zeros(3))
        said = Telemetry(jnp.array(0), calm_until_s, self._nowhere(upload), nothing_short)
        return memory, command, said

    def _nowhere(self, upload):
        none = jnp.array(0.0)
        state = BelievedState(
            position_inertial_m=upload.filter.start_position_inertial_m,
            velocity_inertial_m_s=upload.filter.start_velocity_inertial_m_s,
            inertial_from_body=upload.filter.start_inertial_from_body,
            map_bias_m=none,
            strike_direction=jnp.zeros(3),
            map_variance_m2=none,
        )
        return NavigationTelemetry(
            reckoned=state,
            estimate=state,
            covariance=jnp.eye(10),
            datum_variance_m2=none,
            height_m=none,
            mass_kg=none,
            height_variance_m2=none + 1.0,
            cycle_results={},
            frame_results={},
        )


@pytest.fixture(scope="module")
def flown(athena_design):
    """The carry at the start and after three frames."""
    flight = Flight(nominal(athena_design.plan), run_key(0, 0), StandIn())
    start = begin(flight)

    @functools.partial(jax.jit, compiler_options=BRIEFLY)
    def three_frames(plan, carry):
        again = Flight(plan, flight.key, flight.software)
        return jax.lax.scan(lambda now, _: frame(again, now, False), carry, None, 3)[0]

    return flight.plan, start, jax.tree.map(np.asarray, three_frames(flight.plan, start))


def test_a_stand_in_is_called_once_a_tick_and_never_asked_for_anything_else(flown):
    _, _, end = flown
    assert int(end.memory.count) == STEPS
    np.testing.assert_allclose(np.diff(end.memory.time_s), end.memory.tick_s[:-1], atol=1e-12)


def test_its_telemetry_alone_sets_the_pace(flown):
    """It asks for long ticks within the second frame, and has them from the third on."""
    tick_s = flown[2].memory.tick_s
    np.testing.assert_allclose(tick_s[: 2 * TICKS], 0.1)
    np.testing.assert_allclose(tick_s[2 * TICKS :], 2.5)
    np.testing.assert_allclose(flown[2].clock, 10 * (2 * 0.6 + 15.0))


def test_the_inbox_says_which_readings_are_new(flown):
    memory = flown[2].memory
    np.testing.assert_array_equal(memory.cycle_due, [1.0, 0.0] * (STEPS // 2))
    np.testing.assert_array_equal(memory.frame_due, ([1.0] + [0.0] * (TICKS - 1)) * 3)


def test_what_it_commands_is_flown_and_felt(flown):
    """Thrust over mass for the last tick, whose lag has passed: F / m of the mass then."""
    plan, start, end = flown
    burnt_kg = float(start.state.propellant_kg) - float(end.state.propellant_kg)
    thrust_n = THROTTLE * float(plan.vehicle.engines.max_thrust_n[0])
    assert float(end.state.thrust_n[0]) == pytest.approx(thrust_n, rel=1e-3)
    assert burnt_kg > 0.0
    mass_kg = float(plan.vehicle.mass.dry_kg + end.state.propellant_kg + end.state.cold_gas_kg)
    gained_m_s = end.memory.speed_gained_m_s
    assert gained_m_s[0] == 0.0
    assert gained_m_s[-1] == pytest.approx(2.5 * thrust_n / mass_kg, rel=0.02)


def test_our_own_software_holds_its_command_in_contact_until_a_footpad_closes(athena_design):
    """No sensor is read there: the inbox has the switches and nothing else."""
    from perilune.interfaces import ContactReading, Inbox

    upload = athena_design.plan.upload
    given = burning()
    memory = dataclasses.replace(port.wake(upload), command=given)
    tick_s, no = jnp.array(0.1), jnp.array(False)
    for closed in (False, True):
        inbox = Inbox(
            time_s=jnp.array(4_000.0),
            tick_s=tick_s,
            frame_s=tick_s,
            cycle_due=no,
            frame_due=no,
            contact=ContactReading(jnp.zeros(6, bool).at[2].set(closed)),
            arrived=None,
        )
        memory, command, telemetry = port.step(upload, memory, inbox)
        assert bool(command.engine_on[0]) is not closed
        assert float(command.throttle[0]) == (0.0 if closed else THROTTLE)
        assert telemetry.navigation is None
