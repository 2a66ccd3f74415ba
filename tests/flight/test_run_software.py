"""What comes of a step of the flight software while its computer is down or its clock is off."""

import dataclasses

import jax.numpy as jnp
import pytest

from perilune.flight.carry import Flight, begin
from perilune.flight.run_software import run
from perilune.interfaces import ContactReading, Inbox, Shortfall, Telemetry
from perilune.mechanics.randomness import run_key
from tests.truth.faults.test_faults import fault

TICK_S = 0.1


class Counting:
    """Flight software that counts its steps and keeps what it was last handed."""

    def wake(self, upload):
        """Nothing has come yet."""
        del upload
        return {name: jnp.array(0.0) for name in ("steps", "time_s", "down_s")}

    def step(self, upload, memory, inbox):
        """Engines on; the phase is the count."""
        del upload
        count = memory["steps"] + 1.0
        kept = {"steps": count, "time_s": inbox.time_s, "down_s": jnp.asarray(inbox.down_s)}
        nothing = Shortfall(jnp.array(0.0), jnp.zeros(3))
        telemetry = Telemetry(count.astype(int), inbox.time_s + 5.0, None, nothing)
        return kept, self.command(), telemetry

    def command(self):
        """Everything on."""
        on = dataclasses.replace(self.quiet, engine_on=jnp.ones_like(self.quiet.engine_on))
        return dataclasses.replace(on, throttle=jnp.ones_like(on.throttle))


@pytest.fixture
def stepped(athena_design):
    """A function: the carry and the command after each of some steps, with faults."""

    def steps(*faults, count=5):
        software = Counting()
        every = {**athena_design.plan.faults, "computer": faults}
        plan = dataclasses.replace(athena_design.plan, faults=every)
        flight = Flight(plan, run_key(0, 0), software)
        carry = begin(flight)
        software.quiet, found = carry.command, []
        for _ in range(count):
            time_s = TICK_S * carry.clock
            inbox = Inbox(
                time_s=time_s,
                tick_s=jnp.array(TICK_S),
                frame_s=jnp.array(0.6),
                cycle_due=jnp.array(False),
                frame_due=jnp.array(False),
                contact=ContactReading(jnp.zeros(6, bool)),
                arrived=None,
            )
            ran = run(flight, carry, inbox)
            carry = dataclasses.replace(
                ran.carry,
                clock=carry.clock + 1,
                command=ran.command,
                phase=ran.telemetry.phase,
                calm_until_s=ran.telemetry.calm_until_s,
            )
            found.append(carry)
        return found

    return steps


def down(**changes):
    when = {"after_s": 0.2, "duration_s": 0.2}
    return fault(**{"down": 1.0, "holds_command": 0.0} | when | changes)


def lit(carries):
    return [bool(each.command.engine_on[0]) for each in carries]


def test_a_computer_that_is_down_runs_nothing_and_everything_is_off(stepped):
    carries = stepped(down())
    assert [float(each.memory["steps"]) for each in carries] == [1.0, 2.0, 2.0, 2.0, 3.0]
    assert [int(each.phase) for each in carries] == [1, 2, 2, 2, 3]
    assert lit(carries) == [True, True, False, False, True]
    calm_s = [float(each.calm_until_s) for each in carries]
    assert calm_s == pytest.approx([5.0, 5.1, 5.1, 5.1, 5.4])


def test_the_last_command_holds_where_it_is_to(stepped):
    assert lit(stepped(down(holds_command=1.0))) == [True] * 5


def test_the_first_step_afterwards_is_told_how_long_it_was(stepped):
    carries = stepped(down(), count=6)
    assert float(carries[4].memory["down_s"]) == pytest.approx(0.2)
    assert float(carries[5].memory["down_s"]) == 0.0


def test_a_clock_that_jumps_is_seen_by_the_flight_software_alone(stepped):
    carries = stepped(fault(clock_jump_s=1.5, after_s=0.3))
    seen_s = [float(each.memory["time_s"]) for each in carries]
    assert seen_s == pytest.approx([0.0, 0.1, 0.2, 1.8, 1.9])
    assert int(carries[-1].clock) == 5
