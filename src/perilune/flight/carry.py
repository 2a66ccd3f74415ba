"""What the loop carries: truth, what is on its way to the flight software, and the flight's log."""

import enum
from dataclasses import KW_ONLY
from types import ModuleType
from typing import Any, NamedTuple, Protocol, TypeVar

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, Bool, Float, Int, Key

from perilune.design.flight_plan import FlightPlan
from perilune.flight import suite
from perilune.flight.ground_view import stop_count
from perilune.flight.innovation_recorder import nothing_compared
from perilune.flight.outcome import Outcome
from perilune.flight.part_states import PartStates, first_parts
from perilune.interfaces import (
    Arrivals,
    BelievedState,
    Command,
    Inbox,
    NavigationTelemetry,
    Shortfall,
    Telemetry,
    quiet_command,
)
from perilune.interfaces.events import Event
from perilune.interfaces.sensor import Rate
from perilune.mechanics.batching import unless_no_lane
from perilune.truth.dynamics.state import (
    ContactState,
    ContactStep,
    Touchdown,
    TrueState,
    not_down,
    untouched,
)
from perilune.truth.faults.command import first_state
from perilune.truth.faults.fault_kinds import FaultState

NEVER_S = -jnp.inf
Tree = TypeVar("Tree")


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


class Software(Protocol):
    """Flight software as `onboard.port` is: pure functions, so that flights fly side by side."""

    def wake(self, upload: Any) -> Any:
        """Its memory at the start of the flight."""

    def step(self, upload: Any, memory: Any, inbox: Inbox) -> tuple[Any, Command, Telemetry]:
        """Its memory after this step, what it commands until the next, and what it says."""


class Flight(eqx.Module):
    """What every step of one flight is given."""

    plan: FlightPlan  # drawn
    key: Key[Array, ""]
    software: Software | ModuleType = eqx.field(static=True)


class Log(eqx.Module):
    """Figures kept through the flight; not-a-number until they happen."""

    event_time_s: Float[Array, "12"]
    peak_thrust_fraction: Float[Array, ""]
    thrust_short_s: Float[Array, ""]  # in powered descent, as `recorder.after_tick` counts it
    torque_short_s: Float[Array, ""]
    rest_s: Float[Array, ""]  # how long it has been at rest


class Checks(eqx.Module):
    """Telemetry held against truth; not-a-number until it happens."""

    consistency: Float[Array, "10 13"]  # squared errors over variance: `CheckPoint`, `CONSISTENCY`
    height_error_100_m: Float[Array, ""]  # believed less true height when first under 100 m
    innovations: Float[Array, "units 2"]  # by `innovation_recorder.compared_labels`


class Carry(eqx.Module):
    """One flight under way; `clock` counts tenths of a second since the start."""

    _: KW_ONLY
    clock: Int[Array, ""]
    outcome: Int[Array, ""]
    state: TrueState
    touch: ContactState
    first: Touchdown
    sensors: dict[str, suite.SensorState]  # by label
    obeyed: FaultState  # what the faults of the command keep
    parts: PartStates  # of computer, tanks and footpad switches
    memory: Any  # the flight software's own
    arrived: Arrivals  # what it will find at its next step
    command: Command  # the last one given
    phase: Int[Array, ""]  # the last one in its `Telemetry`
    calm_until_s: Float[Array, ""]
    clearance_m: Float[Array, ""]  # over the ground at the end of the last cycle; infinite before
    bell_clearance_m: Float[Array, ""]  # at the end of the last tick of contact
    contact_entered: Bool[Array, ""]  # the ground is a cycle away: the end of free flight
    log: Log
    checks: Checks


class Sample(eqx.Module):
    """One tick of free flight: at its end, but for the step of the software at its beginning."""

    _: KW_ONLY
    clock: Int[Array, ""]
    state: TrueState
    command: Command
    phase: Int[Array, ""]
    reckoned: BelievedState  # at the beginning of the tick
    shortfall: Shortfall  # of the command


class TickSlot(NamedTuple):
    """What a tick is given by its place in the frame."""

    draws: dict[str, suite.SignalDraw]
    cycle_due: Bool[Array, ""]  # a cycle has just ended
    frame_due: Bool[Array, ""]


class CycleSlot(NamedTuple):
    """What a cycle is given by its place in the frame."""

    of_ticks: dict[str, suite.SignalDraw]
    of_cycle: dict[str, suite.SignalDraw]
    is_first: Bool[Array, ""]


class CycleSample(NamedTuple):
    """One cycle: its ticks, the readings at its end, what navigation received at its beginning."""

    ticks: Sample  # (2,)
    readings: dict[str, Any]
    heard: NavigationTelemetry


class FrameSample(NamedTuple):
    """One frame of free flight."""

    active: Bool[Array, " cycles"]
    cycles: CycleSample  # (3,)
    readings: dict[str, Any]  # at its end


class ContactTickSample(eqx.Module):
    """One tick of contact."""

    _: KW_ONLY
    active: Bool[Array, ""]
    clock: Int[Array, ""]
    steps: ContactStep | None  # (100,)
    command: Command
    phase: Int[Array, ""]
    pull_inertial_m_s2: Float[Array, "3"]


def begin(flight: Flight) -> Carry:
    """The carry at the flight's start."""
    vehicle = flight.plan.vehicle
    events = jnp.full(len(Event), jnp.nan).at[Event.START].set(0.0)
    quiet = quiet_command(len(vehicle.engines.lag_s), len(vehicle.nozzles.thrust_n))
    return Carry(
        clock=jnp.array(0),
        outcome=jnp.array(int(Outcome.FLYING)),
        state=flight.plan.start,
        touch=untouched(vehicle.contact, stop_count(flight.plan)),
        first=not_down(flight.plan.start),
        sensors=suite.begin(flight.plan),
        parts=first_parts(flight.plan),
        obeyed=first_state(flight.plan.faults.get(suite.COMMAND, ()), quiet),
        memory=flight.software.wake(flight.plan.upload),
        arrived=Arrivals(*(suite.silence(flight.plan, rate) for rate in Rate)),
        command=quiet,
        phase=jnp.array(0),
        calm_until_s=jnp.array(NEVER_S),
        clearance_m=jnp.array(jnp.inf),
        bell_clearance_m=jnp.array(jnp.nan),
        contact_entered=jnp.array(False),
        log=Log(events, *(jnp.array(0.0) for _ in range(4))),
        checks=Checks(
            jnp.full((len(CheckPoint), len(CONSISTENCY)), jnp.nan),
            jnp.array(jnp.nan),
            nothing_compared(flight.plan),
        ),
    )


def note(
    times_s: Float[Array, " events"], happened: Bool[Array, " events"], time_s: Float[Array, ""]
) -> Float[Array, " events"]:
    """Keep the first time of every event; `happened` is one bool an event."""
    return jnp.where(happened & jnp.isnan(times_s), time_s, times_s)


def keep_if(active: Bool[Array, ""], new: Tree, old: Tree) -> Tree:
    """A lane that has ended keeps what it had; all is left alone while no lane has."""

    def kept(now: Tree) -> Tree:
        return jax.tree.map(lambda each, before: jnp.where(active, each, before), now, old)

    return unless_no_lane(~active, kept, new)
