"""The loop of contact: from just above the ground until at rest, over, or out of time."""

import dataclasses
from typing import NamedTuple

import jax.numpy as jnp
from jaxtyping import Array, Float

from perilune.flight import recorder as logbook
from perilune.flight import suite
from perilune.flight.carry import Carry, ContactTickSample, Flight, keep_if
from perilune.flight.checkpointed_loop import Step
from perilune.flight.ground_view import all_stops, ground_planes, with_stops
from perilune.flight.handover import center_of_mass_m
from perilune.flight.held_gravity import held_pull_m_s2
from perilune.flight.instant import moment
from perilune.flight.outcome import Outcome
from perilune.flight.run_software import run
from perilune.flight.vehicle_faults import leak_now, switches_on_ground
from perilune.interfaces import Inbox
from perilune.interfaces.clock import CLOCK_S, seconds
from perilune.mechanics.rotation import rotate_back
from perilune.truth.dynamics.contact import Held, contact_tick
from perilune.truth.dynamics.free_flight import surroundings
from perilune.truth.dynamics.ground_clearance import (
    bell_clearance_m,
    ground_under,
    point_places_m,
)
from perilune.truth.dynamics.ground_plane import carried
from perilune.truth.dynamics.stop_faces import Stops
from perilune.truth.environment.ephemeris import fixed_from_inertial, spin_inertial_rad_s


def settle(flight: Flight, pivot_fixed_m: Float[Array, "3"], sampled: bool) -> Step:
    """The step of contact that began at a place, among the rocks nearest to it."""
    here = Begun(pivot_fixed_m, all_stops(flight.plan, flight.key, pivot_fixed_m))
    return lambda now: settle_tick(flight, now, here, sampled)


class Begun(NamedTuple):
    """Where contact began, and what stands there, Moon-fixed."""

    pivot_fixed_m: Float[Array, "3"]
    stops: Stops


def settle_tick(
    flight: Flight, carry: Carry, begun: Begun, sampled: bool
) -> tuple[Carry, ContactTickSample | None]:
    """A tenth of a second of contact, on ground that tilts about where contact began.

    Nothing reaches the flight software here but its footpad switches, at the next step. What it
    commands passes the faults of the command on its way to the actuators, as in free flight.
    """
    plan, start_s = flight.plan, seconds(carry.clock)
    tick_s, none_due = jnp.array(CLOCK_S), jnp.array(False)
    draws = suite.contact_draws(plan, flight.key, carry.clock)
    contact, struck = switches_on_ground(plan, carry, start_s, draws)
    inbox = Inbox(
        time_s=start_s,
        tick_s=tick_s,
        frame_s=tick_s,
        cycle_due=none_due,
        frame_due=none_due,
        contact=contact,
        arrived=None,
    )
    ran, command, telemetry = run(flight, struck, inbox)
    leak, ran = leak_now(plan, ran)
    obeyed, faults = suite.obeyed(plan, carry.obeyed, command, moment(carry), draws)
    pull = held_pull_m_s2(plan, carry.state, start_s, tick_s)
    gm = plan.world.gravity.gm_m3_s2
    around = surroundings(plan.vehicle, carry.state, obeyed, gm, pull, leak)
    points = plan.vehicle.contact
    places = point_places_m(points, center_of_mass_m(plan, carry.state), carry.state)
    pivot_m = rotate_back(fixed_from_inertial(plan.world.sky, start_s), begun.pivot_fixed_m)
    clearance_m, normal = ground_planes(plan, flight.key, places, pivot_m, start_s)
    spin = spin_inertial_rad_s(plan.world.sky, start_s)
    planes = ground_under(places, clearance_m, normal, spin)
    ground = with_stops(plan, begun.stops, planes, start_s)
    moving = (carry.state, carry.touch, carry.first)
    held = Held(around, ground, obeyed)
    (state, touch, first), steps = contact_tick(
        plan.vehicle, held, moving, jnp.asarray(CLOCK_S), sampled
    )
    ended = point_places_m(points, center_of_mass_m(plan, state), state)
    after = dataclasses.replace(
        ran,
        clock=carry.clock + 1,
        state=state,
        touch=touch,
        first=first,
        command=command,
        obeyed=faults,
        phase=telemetry.phase,
        bell_clearance_m=bell_clearance_m(points, carried(ground, tick_s), ended, touch),
    )
    after = logbook.after_contact_tick(plan, carry, after, jnp.any(obeyed.engine_on))
    active = carry.outcome == Outcome.FLYING
    kept = keep_if(active, after, carry)
    sample = ContactTickSample(
        active=active,
        clock=after.clock,
        steps=steps,
        command=command,
        phase=telemetry.phase,
        pull_inertial_m_s2=pull,
    )
    return kept, sample if sampled else None
