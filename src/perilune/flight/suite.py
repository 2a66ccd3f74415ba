"""Truth to messages: each sensor asked in turn, then the faults at the seam."""

import equinox as eqx
import jax
import jax.numpy as jnp

from perilune.flight.draw import chance_of, noise_of
from perilune.interfaces import AltimeterReading, CycleReadings
from perilune.interfaces.clock import CYCLE_TICKS, FRAME_CYCLES
from perilune.mechanics.batching import if_any_lane
from perilune.mechanics.randomness import frame_bits
from perilune.mechanics.rotation import conjugate, cross, rotate
from perilune.truth.environment import terrain as ground
from perilune.truth.environment.ephemeris import fixed_from_inertial, spin_inertial_rad_s
from perilune.truth.faults.faults import on_altimeter, on_velocimeter
from perilune.truth.sensors import altimeter, camera, imu, star_tracker, velocimeter

BEAM_FOOTPRINT_M = 1.0
PAD_FOOTPRINT_M = 0.1
REACH_FACTOR = 2.0


class Draws(eqx.Module):
    """Noise of one frame; the leading axis is the cycle."""

    imu: jax.Array  # (3, 2, 6) by tick
    altimeter: jax.Array  # (3,)
    altimeter_chance: jax.Array  # (3,)
    fault: jax.Array  # (3,)
    velocimeter: jax.Array  # (3, 3)
    velocimeter_chance: jax.Array  # (3, 3)
    camera: jax.Array  # (3, 2)


NORMALS = {
    "imu": (FRAME_CYCLES, CYCLE_TICKS, 6),
    "altimeter": (FRAME_CYCLES,),
    "fault": (FRAME_CYCLES,),
    "velocimeter": (FRAME_CYCLES, 3),
    "camera": (FRAME_CYCLES, 2),
    "star_tracker": (3,),
}
CHANCES = {"altimeter_chance": (FRAME_CYCLES,), "velocimeter_chance": (FRAME_CYCLES, 3)}


def frame_draws(plan, key, clock):
    """All noise of one frame, by component, and that of the star tracker, (3,), at its end."""
    words = frame_bits(key, clock, NORMALS | CHANCES)
    drawn = {name: noise_of(plan, words[name]) for name in NORMALS}
    drawn |= {name: chance_of(plan, words[name]) for name in CHANCES}
    star_tracker = drawn.pop("star_tracker")
    return Draws(**drawn), star_tracker


def imu_reading(plan, state, residue, noise, tick_s):
    """The IMU at the end of a tick."""
    increments = (state.sensed_velocity_body_m_s, state.sensed_rotation_body_rad)
    return imu.measure(plan.sensors.imu, residue, increments, noise, tick_s)


def cycle_readings(plan, surface_key, moved, draws, when):
    """What the cycle's sensors say at its end, after the faults at the seam.

    `moved` is (state, center of mass in body axes, beam commanded); `when` (time_s, cycle_s).
    """
    state, center_body_m, beam = moved
    time_s, cycle_s = when
    sensors, world, faults = plan.sensors, plan.world, plan.faults
    fixed = fixed_from_inertial(world.sky, time_s)
    place, facing = _in_fixed(state, fixed)
    clearance, normal = _ground(world.terrain, surface_key)
    spin = rotate(fixed, spin_inertial_rad_s(world.sky, time_s))
    here = rotate(fixed, state.position_inertial_m)
    height_m = clearance(here)

    def ask_altimeter(_):
        return altimeter.measure(
            sensors.altimeter,
            (clearance, normal),
            place(sensors.altimeter.mount_body_m - center_body_m),
            (beam, facing(sensors.altimeter.beam_body[beam][None])[0]),
            (draws.altimeter, draws.altimeter_chance),
        )

    in_reach = height_m < REACH_FACTOR * sensors.altimeter.max_range_m
    silent = AltimeterReading(jnp.array(0.0), beam, jnp.array(False))
    ranges = if_any_lane(in_reach, ask_altimeter, silent)
    arm_m = sensors.velocimeter.mount_body_m - center_body_m
    swing = rotate(state.inertial_from_body, cross(state.rate_body_rad_s, arm_m))
    speeds = velocimeter.measure(
        sensors.velocimeter,
        rotate(fixed, state.velocity_inertial_m_s + swing) - cross(spin, here),
        facing(sensors.velocimeter.beam_body),
        (height_m, normal(here)),
        (draws.velocimeter, draws.velocimeter_chance),
    )
    fix = camera.measure(
        sensors.camera,
        ground.place_on_map_m(world.terrain, here),
        world.track_normal_fixed,
        (height_m, time_s, cycle_s),
        draws.camera,
    )
    ranges = on_altimeter(faults, ranges, time_s, draws.fault)
    return CycleReadings(ranges, on_velocimeter(faults, speeds, time_s), fix), height_m


def star_reading(plan, state, noise):
    """The star tracker at the end of a frame."""
    return star_tracker.measure(
        plan.sensors.star_tracker, state.inertial_from_body, state.rate_body_rad_s, noise
    )


def _ground(terrain, surface_key):
    def clearance(position):
        return ground.clearance_m(terrain, position, surface_key, BEAM_FOOTPRINT_M)

    def normal(position):
        return ground.normal_fixed(terrain, position, surface_key, BEAM_FOOTPRINT_M)

    return clearance, normal


def _in_fixed(state, fixed):
    """Two functions: a body point to its Moon-fixed place, body directions to Moon-fixed ones."""

    def place(arm_body_m):
        return rotate(
            fixed, state.position_inertial_m + rotate(state.inertial_from_body, arm_body_m)
        )

    def facing(directions_body):
        return rotate(fixed[None], rotate(state.inertial_from_body[None], directions_body))

    return place, facing


def ground_planes(plan, surface_key, where, time_s):
    """Clearance (n,) m and unit normal (n, 3), inertial, of the ground under some points.

    `where` is (the points (n, 3), the place (3,) about which the ground tilts), inertial, m.
    """
    places_inertial_m, pivot_inertial_m = where
    fixed = fixed_from_inertial(plan.world.sky, time_s)
    places = rotate(fixed[None], places_inertial_m)

    def one(place):
        terrain = plan.world.terrain
        return ground.clearance_m(
            terrain, place, surface_key, PAD_FOOTPRINT_M
        ), ground.normal_fixed(terrain, place, surface_key, PAD_FOOTPRINT_M)

    clearance, normal = jax.vmap(one)(places)
    arms = places - rotate(fixed, pivot_inertial_m)
    clearance, normal = ground.tilted(clearance, normal, arms, plan.world.slope_fixed_fraction)
    return clearance, rotate(conjugate(fixed)[None], normal)
