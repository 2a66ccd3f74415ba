"""A touchdown by itself: a lander comes down on a plane slope, and how it ends.

Gravity is uniform along -z, the slope falls away towards +x, and the lander moves over the ground
at an azimuth from straight downhill. It needs no mission, flight software or terrain; struts, soil
and hull are those of the flights.
"""

import dataclasses
import enum
from dataclasses import KW_ONLY
from typing import NamedTuple

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, Bool, Float, Int

from perilune.interfaces import Command, quiet_command
from perilune.interfaces.clock import CLOCK_S
from perilune.mechanics.derivatives import length
from perilune.mechanics.mass_properties import mass_properties
from perilune.mechanics.rotation import from_rotation_vector, multiply, rotate
from perilune.truth.actuators.engines import least_thrust_n
from perilune.truth.dynamics.contact import SUBSTEP_COUNT, Ground, Held, contact_tick
from perilune.truth.dynamics.free_flight import surroundings
from perilune.truth.dynamics.state import (
    ContactState,
    Touchdown,
    TrueState,
    not_down,
    slosh_at_rest,
    untouched,
)
from perilune.truth.vehicle.vehicle import Vehicle

ABOVE_M = 0.01
"""How far the lowest point is above the ground at the start."""
REST_SPEED_M_S, REST_RATE_RAD_S, REST_TIME_S = 0.02, 0.005, 1.0
LONGEST_S = 20.0


class DropEnd(enum.IntEnum):
    """How a touchdown ends, the worst that is true of it."""

    SAFE = 0  # at rest on its feet, whole, where it came down
    SLID = 1  # further than it may, or not at rest in time
    BROKEN = 2  # a leg broke, or hull or bell felt the ground
    TIPPED = 3


class Drop(eqx.Module):
    """How a lander meets the ground."""

    _: KW_ONLY
    vertical_speed_m_s: Float[Array, ""]  # down
    horizontal_speed_m_s: Float[Array, ""]
    slope_rad: Float[Array, ""]
    azimuth_rad: Float[Array, ""]  # of the way over the ground, from straight downhill
    heading_rad: Float[Array, ""]  # of body +x, from straight downhill
    lean_rad: Float[Array, "3"]  # rotation vector of the attitude after heading; level is zero
    rate_body_rad_s: Float[Array, "3"]
    cutoff_s: Float[Array, ""]  # how long the engine carries the weight from the start


class DropLimits(eqx.Module):
    """What ends a touchdown, and what calls it slid."""

    gravity_m_s2: Float[Array, ""]
    tip_over_tilt_rad: Float[Array, ""]
    slide_m: Float[Array, ""]
    rest_direction_body: Float[Array, "3"] | None = None  # up at rest as meant; None: body z


class DropResult(eqx.Module):
    """How a touchdown went; tilts are from the vertical."""

    _: KW_ONLY
    ending: Int[Array, ""]  # by `DropEnd`
    time_s: Float[Array, ""]
    rested: Bool[Array, ""]
    tilt_rad: Float[Array, ""]
    peak_tilt_rad: Float[Array, ""]
    slid_m: Float[Array, ""]  # of the centre of mass, along the ground
    clearance_m: Float[Array, ""]  # of the lowest point of hull and bells; infinite where none
    bell_clearance_m: Float[Array, ""]  # of the lowest point of the bells' rims, at the end
    least_bell_clearance_m: Float[Array, ""]  # likewise, at any step
    touch: ContactState
    state: TrueState


class _Falling(NamedTuple):
    tick: Int[Array, ""]
    state: TrueState
    touch: ContactState
    first: Touchdown
    calm_s: Float[Array, ""]
    peak_tilt_rad: Float[Array, ""]
    least_bell_clearance_m: Float[Array, ""]


def slope_ground(vehicle: Vehicle, slope_rad: Float[Array, ""]) -> Ground:
    """A plane through the origin that falls away towards +x, at rest."""
    shape = vehicle.contact.position_body_m.shape
    normal = jnp.stack([jnp.sin(slope_rad), jnp.zeros(()), jnp.cos(slope_rad)])
    return Ground(jnp.zeros(shape), jnp.broadcast_to(normal, shape), jnp.zeros(3))


def drop_start(
    vehicle: Vehicle,
    ground: Ground,
    tank_kg: Float[Array, " S"],
    drop: Drop,
    weight_n: Float[Array, ""],
) -> TrueState:
    """The lander just above the slope."""
    up = jnp.array([0.0, 0.0, 1.0])
    turn = multiply(
        from_rotation_vector(drop.heading_rad * up), from_rotation_vector(drop.lean_rad)
    )
    center_m = mass_properties(vehicle.mass, tank_kg).center_body_m
    arms_m = rotate(turn[None], vehicle.contact.position_body_m - center_m)
    lowest_m = jnp.min(jnp.sum(arms_m * ground.normal, axis=-1))
    speed_m_s = drop.horizontal_speed_m_s * jnp.stack(
        [jnp.cos(drop.azimuth_rad), jnp.sin(drop.azimuth_rad), jnp.zeros(())]
    )
    lit = jnp.where(drop.cutoff_s > 0.0, 1.0, 0.0)
    return TrueState(
        position_inertial_m=(ABOVE_M - lowest_m) * ground.normal[0],
        velocity_inertial_m_s=speed_m_s - drop.vertical_speed_m_s * up,
        inertial_from_body=turn,
        rate_body_rad_s=drop.rate_body_rad_s,
        tank_kg=tank_kg,
        thrust_n=lit * _carrying_n(vehicle, weight_n),
        gimbal_rad=jnp.zeros((len(vehicle.engines.max_thrust_n), 2)),
        sensed_velocity_body_m_s=jnp.zeros(3),
        sensed_rotation_body_rad=jnp.zeros(3),
        slosh=slosh_at_rest(vehicle.slosh),
    )


def flown_drop(
    vehicle: Vehicle,
    tank_kg: Float[Array, " S"],
    limits: DropLimits,
    drop: Drop,
    step_count: int = SUBSTEP_COUNT,
) -> DropResult:
    """A touchdown to rest, over, or out of time; `step_count` steps to a tenth of a second."""
    ground = slope_ground(vehicle, drop.slope_rad)
    mass_kg = vehicle.mass.dry_kg + jnp.sum(tank_kg)
    weight_n = mass_kg * limits.gravity_m_s2
    start = drop_start(vehicle, ground, tank_kg, drop, weight_n)
    pull_m_s2 = limits.gravity_m_s2 * jnp.array([0.0, 0.0, -1.0])

    def under_way(now: _Falling) -> Bool[Array, ""]:
        over = tilt_rad(now.state, limits.rest_direction_body) > limits.tip_over_tilt_rad
        finite = jnp.isfinite(jnp.sum(now.state.position_inertial_m))
        calm = now.calm_s >= REST_TIME_S - 0.5 * CLOCK_S
        return (now.tick * CLOCK_S < LONGEST_S) & finite & ~over & ~calm

    def tick(now: _Falling) -> _Falling:
        command = _burning(vehicle, now.tick * CLOCK_S < drop.cutoff_s, weight_n)
        around = surroundings(vehicle, now.state, command, jnp.zeros(()), pull_m_s2)
        held = Held(around, ground, command)
        moving = (now.state, now.touch, now.first)
        clock_s = jnp.asarray(CLOCK_S)
        moved, steps = contact_tick(vehicle, held, moving, clock_s, True, step_count)
        assert steps is not None, "each step is looked at"
        bells_m = jax.vmap(lambda state: _bell_clearance_m(vehicle, ground, state))(steps.state)
        slow = length(moved[0].velocity_inertial_m_s) < REST_SPEED_M_S
        calm = slow & (length(moved[0].rate_body_rad_s) < REST_RATE_RAD_S) & moved[2].touched
        return _Falling(
            now.tick + 1,
            *moved,
            jnp.where(calm, now.calm_s + CLOCK_S, 0.0),
            jnp.maximum(now.peak_tilt_rad, tilt_rad(moved[0], limits.rest_direction_body)),
            jnp.minimum(now.least_bell_clearance_m, jnp.min(bells_m)),
        )

    fresh = _Falling(
        jnp.array(0),
        start,
        untouched(vehicle.contact),
        not_down(start),
        jnp.zeros(()),
        tilt_rad(start, limits.rest_direction_body),
        _bell_clearance_m(vehicle, ground, start),
    )
    return _summed_up(vehicle, ground, limits, start, jax.lax.while_loop(under_way, tick, fresh))


def tilt_rad(
    state: TrueState, rest_direction_body: Float[Array, "3"] | None = None
) -> Float[Array, ""]:
    """Between body z, or what else is to be up at rest, and the vertical."""
    upward = jnp.array([0.0, 0.0, 1.0]) if rest_direction_body is None else rest_direction_body
    axis = rotate(state.inertial_from_body, upward)
    return jnp.arctan2(length(axis[:2]), axis[2])


def _clearance_m(
    vehicle: Vehicle, ground: Ground, state: TrueState, first: int
) -> Float[Array, ""]:
    """Of the lowest of the contact points from `first` on, square to the slope."""
    center_m = mass_properties(vehicle.mass, state.tank_kg).center_body_m
    arms_m = rotate(
        state.inertial_from_body[None], vehicle.contact.position_body_m[first:] - center_m
    )
    places_m = state.position_inertial_m + arms_m
    return jnp.min(jnp.sum(places_m * ground.normal[0], axis=-1), initial=jnp.inf)


def _bell_clearance_m(vehicle: Vehicle, ground: Ground, state: TrueState) -> Float[Array, ""]:
    points = vehicle.contact
    first = len(points.position_body_m) - points.bell_count
    return _clearance_m(vehicle, ground, state, first)


def _burning(vehicle: Vehicle, lit: Bool[Array, ""], weight_n: Float[Array, ""]) -> Command:
    """Engines together carry the weight, or are off."""
    full_n, wanted_n = vehicle.engines.max_thrust_n, _carrying_n(vehicle, weight_n)
    quiet = quiet_command(len(full_n), len(vehicle.nozzles.thrust_n))
    return dataclasses.replace(quiet, engine_on=lit & (wanted_n > 0.0), throttle=wanted_n / full_n)


def _carrying_n(vehicle: Vehicle, weight_n: Float[Array, ""]) -> Float[Array, " E"]:
    """The weight shared by what each engine gives at most, by those that throttle or pulse.

    Where none does, by all, though each then gives all that it has.
    """
    full_n = vehicle.engines.max_thrust_n
    throttles = least_thrust_n(vehicle.engines) < full_n
    able_n = jnp.where(throttles | ~jnp.any(throttles), full_n, 0.0)
    return weight_n * able_n / jnp.sum(able_n)


def _summed_up(
    vehicle: Vehicle, ground: Ground, limits: DropLimits, start: TrueState, last: _Falling
) -> DropResult:
    state, touch, points = last.state, last.touch, vehicle.contact
    normal = ground.normal[0]
    way_m = state.position_inertial_m - start.position_inertial_m
    slid_m = length(way_m - jnp.sum(way_m * normal) * normal)
    at_rest = last.calm_s >= REST_TIME_S - 0.5 * CLOCK_S
    tilt = tilt_rad(state, limits.rest_direction_body)
    tilted = ~(tilt <= limits.tip_over_tilt_rad)
    struck = jnp.max(touch.peak_force_n[points.leg_count :], initial=0.0) > 0.0
    broken = jnp.any(touch.legs.broken) | struck
    slid = ~at_rest | (slid_m > limits.slide_m)
    end = jnp.where(slid, int(DropEnd.SLID), int(DropEnd.SAFE))
    end = jnp.where(broken, int(DropEnd.BROKEN), end)
    return DropResult(
        ending=jnp.where(tilted, int(DropEnd.TIPPED), end),
        time_s=last.tick * CLOCK_S,
        rested=at_rest,
        tilt_rad=tilt,
        peak_tilt_rad=last.peak_tilt_rad,
        slid_m=slid_m,
        clearance_m=_clearance_m(vehicle, ground, state, points.leg_count),
        bell_clearance_m=_bell_clearance_m(vehicle, ground, state),
        least_bell_clearance_m=last.least_bell_clearance_m,
        touch=touch,
        state=state,
    )


@eqx.filter_jit
def flown_drops(
    vehicle: Vehicle,
    tank_kg: Float[Array, " S"],
    limits: DropLimits,
    drops: Drop,
    step_count: int = SUBSTEP_COUNT,
) -> DropResult:
    """`flown_drop` of many touchdowns of one lander, over the leading axis of `drops`."""
    return jax.vmap(lambda one: flown_drop(vehicle, tank_kg, limits, one, step_count))(drops)


def drops_of(count: int, **given: float | Float[Array, "..."]) -> Drop:
    """`count` touchdowns, level and without turning, but for what is given: one value or each."""
    names = {field.name for field in dataclasses.fields(Drop)} - {"lean_rad", "rate_body_rad_s"}
    values = dict.fromkeys(names, 0.0) | {"lean_rad": jnp.zeros(3), "rate_body_rad_s": jnp.zeros(3)}
    shapes = {name: (count, *jnp.shape(value)) for name, value in values.items()}
    every = {
        name: jnp.broadcast_to(jnp.asarray(given.get(name, value), float), shapes[name])
        for name, value in values.items()
    }
    return Drop(**every)
