"""The loop of free flight: tick in cycle in frame, until the ground is a cycle away."""

import dataclasses
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Int

from perilune.flight import recorder as logbook
from perilune.flight import suite
from perilune.flight.carry import (
    Carry,
    CycleSample,
    CycleSlot,
    Flight,
    FrameSample,
    Sample,
    TickSlot,
    keep_if,
)
from perilune.flight.handover import ground_is_near
from perilune.flight.held_gravity import held_pull_m_s2
from perilune.flight.instant import followed, moment, scene
from perilune.flight.outcome import Outcome
from perilune.flight.run_software import run
from perilune.flight.vehicle_faults import leak_now, switches_in_flight
from perilune.interfaces import Inbox
from perilune.interfaces.clock import CYCLE_TICKS, FRAME_CYCLES, seconds, tick_count
from perilune.interfaces.inbox import readings_of, valid_if
from perilune.interfaces.sensor import Rate
from perilune.mechanics.batching import room_like, unless_no_lane
from perilune.truth.dynamics.free_flight import fly_tick, surroundings

FIRST_CYCLE = np.arange(FRAME_CYCLES) == 0
FIRST_TICK = np.arange(CYCLE_TICKS) == 0


class Held(eqx.Module):
    """What one frame holds fixed."""

    pull_inertial_m_s2: Float[Array, "3"]  # beyond the point mass
    tick_count: Int[Array, ""]  # tenths of a second
    frame_s: Float[Array, ""]
    end_s: Float[Array, ""]


def frame(flight: Flight, carry: Carry, sampled: bool) -> tuple[Carry, FrameSample | None]:
    """Three cycles on held gravity, then the star tracker; what has ended stays as it is."""
    plan, start_s = flight.plan, seconds(carry.clock)
    count = tick_count(carry.calm_until_s, start_s)
    span = FRAME_CYCLES * CYCLE_TICKS * count
    frame_s, end_s = seconds(span), seconds(carry.clock + span)
    held = Held(held_pull_m_s2(plan, carry.state, start_s, frame_s), count, frame_s, end_s)
    draws = suite.frame_draws(plan, flight.key, carry.clock)
    moved, (active, cycles) = jax.lax.scan(
        lambda now, each: cycle(flight, now, held, each),
        carry,
        CycleSlot(draws[Rate.TICK], draws[Rate.CYCLE], FIRST_CYCLE),
    )
    seen = scene(flight, moved, seconds(count), FRAME_CYCLES * CYCLE_TICKS)
    messages, sensors = suite.read(plan, Rate.FRAME, moved.sensors, seen, draws[Rate.FRAME])
    heard = {label: valid_if(active[-1], each) for label, each in messages.items()}
    moved = dataclasses.replace(
        moved, arrived=dataclasses.replace(moved.arrived, frame=heard), sensors=sensors
    )
    return moved, FrameSample(active, cycles, readings_of(messages)) if sampled else None


def cycle(flight: Flight, carry: Carry, held: Held, each: CycleSlot) -> tuple[Carry, Any]:
    """Two ticks, then the ranging sensors; nothing moves once the ground is a cycle away.

    The flight software receives what happened up to now at the first tick of the next cycle.
    """
    plan, cycle_s = flight.plan, seconds(CYCLE_TICKS * held.tick_count)
    near = ground_is_near(plan, flight.key, carry, cycle_s)
    active = (carry.outcome == Outcome.FLYING) & ~near
    ended = unless_no_lane(~active, lambda _: carry, room_like(carry))
    slots = TickSlot(each.of_ticks, FIRST_TICK, FIRST_TICK & each.is_first)
    moved, (ticks, heard) = jax.lax.scan(
        lambda now, slot: tick(flight, now, held, slot), carry, slots
    )
    seen = scene(flight, moved, seconds(held.tick_count), CYCLE_TICKS)
    messages, sensors = suite.read(plan, Rate.CYCLE, moved.sensors, seen, each.of_cycle)
    moved = dataclasses.replace(
        moved,
        arrived=dataclasses.replace(moved.arrived, cycle=messages),
        sensors=sensors,
        clearance_m=seen[0].ground.height_m,
    )
    checks = logbook.checks_if(active, moved.checks, carry.checks)
    kept = keep_if(active, moved, ended)
    kept = dataclasses.replace(kept, outcome=moved.outcome, checks=checks, contact_entered=near)
    heard = jax.tree.map(lambda both: both[0], heard)
    return logbook.note_end(kept), (active, CycleSample(ticks, readings_of(messages), heard))


def tick(flight: Flight, carry: Carry, held: Held, slot: TickSlot) -> tuple[Carry, Any]:
    """The flight software takes what has arrived and commands; truth moves; the IMU measures it."""
    plan, tick_s, start_s = flight.plan, seconds(held.tick_count), seconds(carry.clock)
    contact, carry = switches_in_flight(plan, carry)
    inbox = Inbox(
        time_s=start_s,
        tick_s=tick_s,
        frame_s=held.frame_s,
        cycle_due=slot.cycle_due,
        frame_due=slot.frame_due,
        contact=contact,
        arrived=carry.arrived,
    )
    carry, command, telemetry = run(flight, carry, inbox)
    carry = logbook.check(plan, carry, telemetry, slot.frame_due)
    leak, carry = leak_now(plan, carry)
    gm = plan.world.gravity.gm_m3_s2
    obeyed, faults = suite.obeyed(plan, carry.obeyed, command, moment(carry), slot.draws)
    around = surroundings(plan.vehicle, carry.state, obeyed, gm, held.pull_inertial_m_s2, leak)
    state = fly_tick(plan.vehicle, around, obeyed, carry.state, tick_s)
    after = dataclasses.replace(
        carry,
        clock=carry.clock + held.tick_count,
        state=state,
        command=command,
        obeyed=faults,
        phase=telemetry.phase,
        calm_until_s=telemetry.calm_until_s,
    )
    seen = scene(flight, after, tick_s, 1)
    sensors = followed(plan, carry, after, held.end_s)
    messages, sensors = suite.read(plan, Rate.TICK, sensors, seen, slot.draws)
    after = dataclasses.replace(
        after,
        arrived=dataclasses.replace(after.arrived, tick=messages),
        sensors=sensors,
        log=logbook.after_tick(
            plan, after, start_s, telemetry.shortfall, jnp.any(obeyed.engine_on)
        ),
    )
    navigation: Any = telemetry.navigation
    assert navigation is not None, "in free flight it says what it believes"
    sample = Sample(
        clock=after.clock,
        state=state,
        command=command,
        phase=telemetry.phase,
        reckoned=navigation.reckoned,
        shortfall=telemetry.shortfall,
    )
    return after, (sample, dataclasses.replace(navigation, reckoned=None))
