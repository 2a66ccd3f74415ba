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

from perilune.flight.drop_start import Drop, burning, drop_start, slope_ground, wall_ahead
from perilune.interfaces.clock import CLOCK_S
from perilune.mechanics.derivatives import length
from perilune.mechanics.mass_properties import mass_properties
from perilune.mechanics.rotation import rotate
from perilune.truth.dynamics.contact import SUBSTEP_COUNT, Held, contact_tick
from perilune.truth.dynamics.free_flight import surroundings
from perilune.truth.dynamics.ground_clearance import (
    bell_clearance_m,
    clearances_m,
    point_places_m,
)
from perilune.truth.dynamics.ground_plane import Ground
from perilune.truth.dynamics.state import (
    ContactState,
    Touchdown,
    TrueState,
    not_down,
    untouched,
)
from perilune.truth.vehicle.vehicle import Vehicle

REST_SPEED_M_S, REST_RATE_RAD_S, REST_TIME_S = 0.02, 0.005, 1.0
LONGEST_S = 20.0


class DropEnd(enum.IntEnum):
    """How a touchdown ends, the worst that is true of it."""

    SAFE = 0  # at rest on its feet, whole, where it came down
    SLID = 1  # further than it may, or not at rest in time
    BROKEN = 2  # a leg broke, or hull or bell felt the ground
    TIPPED = 3


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
    if drop.wall is not None:
        stops = wall_ahead(vehicle, ground, start, drop, drop.wall)
        ground = dataclasses.replace(ground, stops=stops)
    pull_m_s2 = limits.gravity_m_s2 * jnp.array([0.0, 0.0, -1.0])

    def under_way(now: _Falling) -> Bool[Array, ""]:
        over = tilt_rad(now.state, limits.rest_direction_body) > limits.tip_over_tilt_rad
        finite = jnp.isfinite(jnp.sum(now.state.position_inertial_m))
        calm = now.calm_s >= REST_TIME_S - 0.5 * CLOCK_S
        return (now.tick * CLOCK_S < LONGEST_S) & finite & ~over & ~calm

    def tick(now: _Falling) -> _Falling:
        command = burning(vehicle, now.tick * CLOCK_S < drop.cutoff_s, weight_n)
        around = surroundings(vehicle, now.state, command, jnp.zeros(()), pull_m_s2)
        held = Held(around, ground, command)
        moving = (now.state, now.touch, now.first)
        clock_s = jnp.asarray(CLOCK_S)
        moved, steps = contact_tick(vehicle, held, moving, clock_s, True, step_count)
        assert steps is not None, "each step is looked at"
        seen = (steps.state, steps.touch)
        bells_m = jax.vmap(lambda moved: _bell_clearance_m(vehicle, ground, moved))(seen)
        slow = length(moved[0].velocity_inertial_m_s) < REST_SPEED_M_S
        calm = slow & (length(moved[0].rate_body_rad_s) < REST_RATE_RAD_S) & moved[2].touched
        return _Falling(
            now.tick + 1,
            *moved,
            jnp.where(calm, now.calm_s + CLOCK_S, 0.0),
            jnp.maximum(now.peak_tilt_rad, tilt_rad(moved[0], limits.rest_direction_body)),
            jnp.minimum(now.least_bell_clearance_m, jnp.min(bells_m)),
        )

    touch = untouched(vehicle.contact, 0 if drop.wall is None else 1)
    fresh = _Falling(
        jnp.array(0),
        start,
        touch,
        not_down(start),
        jnp.zeros(()),
        tilt_rad(start, limits.rest_direction_body),
        _bell_clearance_m(vehicle, ground, (start, touch)),
    )
    return _summed_up(vehicle, ground, limits, start, jax.lax.while_loop(under_way, tick, fresh))


def tilt_rad(
    state: TrueState, rest_direction_body: Float[Array, "3"] | None = None
) -> Float[Array, ""]:
    """Between body z, or what else is to be up at rest, and the vertical."""
    upward = jnp.array([0.0, 0.0, 1.0]) if rest_direction_body is None else rest_direction_body
    axis = rotate(state.inertial_from_body, upward)
    return jnp.arctan2(length(axis[:2]), axis[2])


def _places_m(vehicle: Vehicle, state: TrueState) -> Float[Array, "P 3"]:
    center_m = mass_properties(vehicle.mass, state.tank_kg).center_body_m
    return point_places_m(vehicle.contact, center_m, state)


def _bell_clearance_m(
    vehicle: Vehicle, ground: Ground, moved: tuple[TrueState, ContactState]
) -> Float[Array, ""]:
    state, touch = moved
    return bell_clearance_m(vehicle.contact, ground, _places_m(vehicle, state), touch)


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
    clear_m = clearances_m(ground, _places_m(vehicle, state), touch)
    end = jnp.where(slid, int(DropEnd.SLID), int(DropEnd.SAFE))
    end = jnp.where(broken, int(DropEnd.BROKEN), end)
    return DropResult(
        ending=jnp.where(tilted, int(DropEnd.TIPPED), end),
        time_s=last.tick * CLOCK_S,
        rested=at_rest,
        tilt_rad=tilt,
        peak_tilt_rad=last.peak_tilt_rad,
        slid_m=slid_m,
        clearance_m=jnp.min(clear_m[points.leg_count :], initial=jnp.inf),
        bell_clearance_m=_bell_clearance_m(vehicle, ground, (state, touch)),
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
