"""What the loop carries: truth, its sensors, the computer's memory, and the log of the flight."""

import enum

import equinox as eqx
import jax
import jax.numpy as jnp

from perilune.flight.outcome import Outcome
from perilune.interfaces import Command, quiet_command
from perilune.onboard.memory import Memory, wake
from perilune.truth.dynamics.state import ContactState, Touchdown, TrueState, not_down, untouched
from perilune.truth.sensors.imu import ImuResidue


class Event(enum.IntEnum):
    """What the log keeps the time of; modes first, in their own order."""

    START = 0
    DEORBIT_IGNITION = 1
    DEORBIT_CUTOFF = 2
    ALIGNMENT = 3
    IGNITION = 4
    GATE = 5
    VERTICAL_DESCENT = 6
    ENGINE_CUTOFF = 7
    CONTACT = 8
    TANK_DRY = 9
    END = 10


class CheckPoint(enum.IntEnum):
    """When the filter's errors are held against its covariance."""

    DEORBIT_CUTOFF = 0
    MID_COAST = 1
    FIRST_FIXES = 2
    ALIGNMENT = 3
    IGNITION = 4
    BRAKING_200_S = 5
    BRAKING_400_S = 6
    GATE = 7
    HEIGHT_100_M = 8
    HEIGHT_10_M = 9


CONSISTENCY = (
    *("position", "velocity", "attitude", "height"),
    *("position_along", "position_cross", "position_radial"),
    *("velocity_along", "velocity_cross", "velocity_radial"),
    *("attitude_cross_1", "attitude_cross_2", "attitude_roll"),
)
"""What is held against its variance: three axes together over three, height, then axis by axis.

Along the track, across it and along the radius; across the star tracker's boresight and about it.
"""


class Log(eqx.Module):
    """Figures kept through the flight; not-a-number until they happen."""

    event_time_s: jax.Array  # (11,)
    consistency: jax.Array  # (10, 13) squared errors over variance: `CheckPoint`, `CONSISTENCY`
    height_error_100_m: jax.Array  # believed less true height when first under 100 m
    peak_thrust_fraction: jax.Array
    rest_s: jax.Array  # how long it has been at rest


class Carry(eqx.Module):
    """One flight under way; `clock` counts tenths of a second since the start."""

    clock: jax.Array
    outcome: jax.Array
    state: TrueState
    touch: ContactState
    first: Touchdown
    residue: ImuResidue
    memory: Memory
    command: Command  # the last one given
    clearance_m: jax.Array  # over the ground below, at the end of the last cycle
    contact_entered: jax.Array  # the ground is a cycle away: the end of free flight
    log: Log


def begin(plan):
    """The carry at the flight's start."""
    vehicle = plan.vehicle
    events = jnp.full(len(Event), jnp.nan).at[Event.START].set(0.0)
    return Carry(
        jnp.array(0),
        jnp.array(int(Outcome.FLYING)),
        plan.start,
        untouched(len(vehicle.contact.position_body_m)),
        not_down(plan.start),
        ImuResidue(jnp.zeros(3), jnp.zeros(3)),
        wake(plan.upload),
        quiet_command(len(vehicle.engines.lag_s), len(vehicle.nozzles.thrust_n)),
        jnp.array(0.0),
        jnp.array(False),
        Log(
            events,
            jnp.full((len(CheckPoint), len(CONSISTENCY)), jnp.nan),
            jnp.array(jnp.nan),
            jnp.array(0.0),
            jnp.array(0.0),
        ),
    )


def note(times_s, happened, time_s):
    """Keep the first time of every event; `happened` is one bool an event."""
    return jnp.where(happened & jnp.isnan(times_s), time_s, times_s)


def keep_if(active, new, old):
    """A lane that has ended keeps what it had."""
    return jax.tree.map(lambda a, b: jnp.where(active, a, b), new, old)
