"""How a lander by itself meets the ground: its slope, a wall on it, and the start."""

import dataclasses
from dataclasses import KW_ONLY

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, Bool, Float

from perilune.interfaces import Command, quiet_command
from perilune.mechanics.derivatives import length
from perilune.mechanics.mass_properties import mass_properties
from perilune.mechanics.rotation import from_rotation_vector, multiply, rotate
from perilune.truth.actuators.engines import least_thrust_n
from perilune.truth.dynamics.ground_plane import Ground
from perilune.truth.dynamics.state import TrueState, slosh_at_rest
from perilune.truth.dynamics.stop_faces import Stops
from perilune.truth.vehicle.vehicle import Vehicle

ABOVE_M = 0.01
"""How far the lowest point is above the ground at the start."""


class Wall(eqx.Module):
    """A straight wall square to the ground, across the way of the lander."""

    _: KW_ONLY
    height_m: Float[Array, ""]  # over the ground
    distance_m: Float[Array, ""]  # from the foremost pad at the start, along the way


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
    wall: Wall | None = None


def slope_ground(vehicle: Vehicle, slope_rad: Float[Array, ""]) -> Ground:
    """A plane through the origin that falls away towards +x, at rest."""
    shape = vehicle.contact.position_body_m.shape
    normal = jnp.stack([jnp.sin(slope_rad), jnp.zeros(()), jnp.cos(slope_rad)])
    return Ground(jnp.zeros(shape), jnp.broadcast_to(normal, shape), jnp.zeros(3))


def wall_ahead(vehicle: Vehicle, ground: Ground, start: TrueState, drop: Drop, wall: Wall) -> Stops:
    """The wall of a touchdown as a stop on its slope."""
    points, normal = vehicle.contact, ground.normal[0]
    level = jnp.stack([jnp.cos(drop.azimuth_rad), jnp.sin(drop.azimuth_rad), jnp.zeros(())])
    along = level - jnp.sum(level * normal) * normal
    way = along / length(along)
    center_m = mass_properties(vehicle.mass, start.tank_kg).center_body_m
    feet_m = points.position_body_m[: points.leg_count] - center_m
    foremost_m = jnp.max(jnp.sum(rotate(start.inertial_from_body[None], feet_m) * way, axis=-1))
    place_m = start.position_inertial_m + (foremost_m + wall.distance_m) * way
    return Stops(
        point_m=place_m[None],
        out_direction=-way[None],
        curvature_per_m=jnp.zeros(1),
        height_m=wall.height_m[None],
    )


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
        thrust_n=lit * carrying_n(vehicle, weight_n),
        gimbal_rad=jnp.zeros((len(vehicle.engines.max_thrust_n), 2)),
        sensed_velocity_body_m_s=jnp.zeros(3),
        sensed_rotation_body_rad=jnp.zeros(3),
        slosh=slosh_at_rest(vehicle.slosh),
    )


def burning(vehicle: Vehicle, lit: Bool[Array, ""], weight_n: Float[Array, ""]) -> Command:
    """Engines together carry the weight, or are off."""
    full_n, wanted_n = vehicle.engines.max_thrust_n, carrying_n(vehicle, weight_n)
    quiet = quiet_command(len(full_n), len(vehicle.nozzles.thrust_n))
    return dataclasses.replace(quiet, engine_on=lit & (wanted_n > 0.0), throttle=wanted_n / full_n)


def carrying_n(vehicle: Vehicle, weight_n: Float[Array, ""]) -> Float[Array, " E"]:
    """The weight shared by what each engine gives at most, by those that throttle or pulse.

    Where none does, by all, though each then gives all that it has.
    """
    full_n = vehicle.engines.max_thrust_n
    throttles = least_thrust_n(vehicle.engines) < full_n
    able_n = jnp.where(throttles | ~jnp.any(throttles), full_n, 0.0)
    return weight_n * able_n / jnp.sum(able_n)


def drops_of(count: int, wall: Wall | None = None, **given: float | Float[Array, "..."]) -> Drop:
    """`count` touchdowns, level and without turning, but for what is given: one value or each.

    A wall has one height and distance for all of them.
    """
    others = {"lean_rad", "rate_body_rad_s", "wall"}
    names = {field.name for field in dataclasses.fields(Drop)} - others
    values = dict.fromkeys(names, 0.0) | {"lean_rad": jnp.zeros(3), "rate_body_rad_s": jnp.zeros(3)}
    shapes = {name: (count, *jnp.shape(value)) for name, value in values.items()}
    every = {
        name: jnp.broadcast_to(jnp.asarray(given.get(name, value), float), shapes[name])
        for name, value in values.items()
    }
    walls = jax.tree.map(lambda each: jnp.broadcast_to(jnp.asarray(each, float), (count,)), wall)
    return Drop(wall=walls, **every)
