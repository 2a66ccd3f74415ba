"""Truth to messages: each sensor asked in turn, then the faults at the seam."""

import equinox as eqx
import jax
import jax.numpy as jnp

from perilune.flight.draw import chance_of, noise_of
from perilune.mechanics.randomness import stream, uniforms
from perilune.mechanics.rotation import conjugate, cross, rotate
from perilune.messages import ContactReading, FastReadings, SlowReadings
from perilune.truth.faults.faults import on_altimeter, on_velocimeter
from perilune.truth.sensors import altimeter, camera, imu, star_tracker, velocimeter
from perilune.truth.world import terrain as ground
from perilune.truth.world.ephemeris import fixed_from_inertial, spin_inertial_rad_s

BEAM_FOOTPRINT_M = 1.0


class Draws(eqx.Module):
    """Noise for the ticks of one frame; leading axis is the tick."""

    imu: jax.Array  # (5, 6)
    altimeter: jax.Array  # (5, 2)
    altimeter_chance: jax.Array  # (5, 2)
    velocimeter: jax.Array  # (5, 3)
    velocimeter_chance: jax.Array  # (5, 3)
    fault: jax.Array  # (5, 2)


def frame_draws(plan, key, clock, count):
    """All noise of one frame, a stream a component, keyed by the frame's first tick."""

    def normal(name, width):
        return noise_of(plan, key, name, clock, (count, width))

    def chance(name, width):
        return chance_of(plan, uniforms(stream(key, name, clock), (count, width)))

    return Draws(
        normal("imu noise", 6),
        normal("altimeter noise", 2),
        chance("altimeter dropout", 2),
        normal("velocimeter noise", 3),
        chance("velocimeter dropout", 3),
        normal("altimeter fault", 2),
    )


def fast_readings(plan, surface_key, moved, draws, when):
    """What the tick's sensors say at its end; `moved` is (state, residue, center, pads closed)."""
    state, residue, center_body_m, closed = moved
    time_s, tick_s = when
    sensors, world, faults = plan.sensors, plan.world, plan.faults
    increments = (state.sensed_velocity_body_m_s, state.sensed_rotation_body_rad)
    imu_reading, residue = imu.measure(sensors.imu, residue, increments, draws.imu, tick_s)
    fixed = fixed_from_inertial(world.sky, time_s)
    place, facing = _in_fixed(state, fixed)
    mount = place(sensors.altimeter.mount_body_m - center_body_m)
    terrain = world.terrain

    def clearance(position):
        return ground.clearance_m(terrain, position, surface_key, BEAM_FOOTPRINT_M)

    def normal(position):
        return ground.normal_fixed(terrain, position, surface_key, BEAM_FOOTPRINT_M)

    ranges = altimeter.measure(
        sensors.altimeter,
        (clearance, normal),
        mount,
        facing(sensors.altimeter.beam_body),
        (draws.altimeter, draws.altimeter_chance),
    )
    spin = rotate(fixed, spin_inertial_rad_s(world.sky, time_s))
    here = rotate(fixed, state.position_inertial_m)
    relative = rotate(fixed, state.velocity_inertial_m_s) - cross(spin, here)
    speeds = velocimeter.measure(
        sensors.velocimeter,
        relative,
        facing(sensors.velocimeter.beam_body),
        (clearance(here), normal(here)),
        (draws.velocimeter, draws.velocimeter_chance),
    )
    readings = FastReadings(
        imu_reading,
        on_altimeter(faults, ranges, time_s, draws.fault),
        on_velocimeter(faults, speeds, time_s),
        ContactReading(closed),
    )
    return readings, residue


def _in_fixed(state, fixed):
    """Two functions: a body point to its Moon-fixed place, body directions to Moon-fixed ones."""

    def place(arm_body_m):
        return rotate(
            fixed, state.position_inertial_m + rotate(state.inertial_from_body, arm_body_m)
        )

    def facing(directions_body):
        return rotate(fixed[None], rotate(state.inertial_from_body[None], directions_body))

    return place, facing


def slow_readings(plan, key, surface_key, state, when):
    """What the frame's sensors say at its end; `when` is (time_s, clock, frame_s)."""
    time_s, clock, frame_s = when
    fixed = fixed_from_inertial(plan.world.sky, time_s)
    here = rotate(fixed, state.position_inertial_m)
    clearance = ground.clearance_m(plan.world.terrain, here, surface_key, BEAM_FOOTPRINT_M)
    stars = star_tracker.measure(
        plan.sensors.star_tracker,
        state.inertial_from_body,
        state.rate_body_rad_s,
        noise_of(plan, key, "star tracker noise", clock, 3),
    )
    fix = camera.measure(
        plan.sensors.camera,
        here,
        plan.world.track_normal_fixed,
        (clearance, time_s, frame_s),
        noise_of(plan, key, "camera noise", clock, 2),
    )
    return SlowReadings(stars, fix)


def ground_planes(plan, surface_key, places_inertial_m, time_s):
    """Clearance (n,) m and unit normal (n, 3), inertial, of the ground under some points."""
    fixed = fixed_from_inertial(plan.world.sky, time_s)
    places = rotate(fixed[None], places_inertial_m)

    def one(place):
        terrain = plan.world.terrain
        return ground.clearance_m(terrain, place, surface_key, 0.1), ground.normal_fixed(
            terrain, place, surface_key, 0.1
        )

    clearance, normal = jax.vmap(one)(places)
    return clearance, rotate(conjugate(fixed)[None], normal)


def slant_clearance_m(plan, surface_key, state, time_s):
    """Clearance of the centre of mass."""
    fixed = fixed_from_inertial(plan.world.sky, time_s)
    here = rotate(fixed, state.position_inertial_m)
    return ground.clearance_m(plan.world.terrain, here, surface_key, jnp.asarray(1.0))
