"""What each instrument should have read, and how the reading depends on the errors."""

import dataclasses

import jax
import jax.numpy as jnp

from perilune.mechanics.rotation import (
    axes_about,
    conjugate,
    cross,
    multiply,
    rotate,
    to_rotation_vector,
)
from perilune.mechanics.terrain_map import map_height_and_gradient
from perilune.onboard.navigation.estimate import (
    ATTITUDE,
    CAMERA_BIAS,
    ERROR_COUNT,
    MAP_BIAS,
    POSITION,
    VELOCIMETER_BIAS,
    VELOCITY,
)
from perilune.onboard.navigation.update import Residuals


def altimeter_residuals(chart, sensors, estimate, reading, fixed_from_inertial):
    """One row: how high the beam's end stands over the map.

    The implicit measurement |p + rho b| - R - map - bias = 0 needs one look at the map and no
    march; its slope by position is the map's normal. It is to move nothing but height: what a
    sideways error does to the height over sloping ground is considered, but the map's own
    registration is as unsure as the camera's, so the ground is not matched against sideways.
    """
    arm, beam = _to_strike(sensors, estimate, reading)
    hit_fixed = rotate(fixed_from_inertial, estimate.position_inertial_m + arm)
    height_m, gradient = map_height_and_gradient(chart.terrain_map, hit_fixed)
    radius = jnp.linalg.norm(hit_fixed)
    normal = rotate(conjugate(fixed_from_inertial), hit_fixed / radius - gradient)
    above = radius - chart.terrain_map.reference_radius_m - height_m - estimate.map_bias_m
    slope = jnp.zeros(ERROR_COUNT).at[POSITION].set(normal).at[MAP_BIAS].set(-1.0)
    slope = slope.at[ATTITUDE].set(cross(arm, normal))
    noise = sensors.altimeter_noise_fraction * reading.range_m
    variance = (sensors.altimeter_noise_m**2 + noise**2) * jnp.sum(normal * beam) ** 2
    return Residuals(-above[None], slope[None], variance[None], reading.valid[None])


def strike_fixed_m(sensors, estimate, reading, fixed_from_inertial):
    """Where the beam of a reading ended, (3,) Moon-fixed, as the estimate has it."""
    arm, _ = _to_strike(sensors, estimate, reading)
    return rotate(fixed_from_inertial, estimate.position_inertial_m + arm)


def _to_strike(sensors, estimate, reading):
    """From the centre of mass to the beam's end, m, and the beam's direction, inertial."""
    beam = rotate(estimate.inertial_from_body, sensors.altimeter_beam_body[reading.beam])
    mount = rotate(estimate.inertial_from_body, sensors.altimeter_mount_from_center_m)
    return mount + reading.range_m * beam, beam


def map_variance_m2(settings, range_m):
    """Variance of the map's error at a distance before the site, as the upload has it."""
    return jnp.interp(range_m, settings.map_mismatch_range_m, settings.map_mismatch_m) ** 2


def with_gravity_walk(settings, range_m):
    """The settings with the walk of the gravity left out there added to the accelerometers'."""
    gravity = jnp.interp(
        range_m, settings.map_mismatch_range_m, settings.gravity_walk_m_s_per_sqrt_s
    )
    walk = jnp.sqrt(settings.velocity_walk_m_s_per_sqrt_s**2 + gravity**2)
    return dataclasses.replace(settings, velocity_walk_m_s_per_sqrt_s=walk)


def velocimeter_residuals(sensors, estimate, reading, rates):
    """Three rows: closing speed along each beam of the mount over the turning ground.

    `rates` is (the Moon's spin, inertial, and the body's rate, body axes), rad/s.
    """
    spin_inertial_rad_s, rate_body_rad_s = rates
    swing = cross(rate_body_rad_s, sensors.velocimeter_mount_from_center_m)
    beams = rotate(estimate.inertial_from_body[None], sensors.velocimeter_beam_body)
    ground = cross(spin_inertial_rad_s, estimate.position_inertial_m)
    relative = estimate.velocity_inertial_m_s - ground
    slope = jnp.zeros((3, ERROR_COUNT)).at[:, VELOCITY].set(beams)
    slope = slope.at[:, ATTITUDE].set(cross(beams, relative[None]))
    slope = slope.at[:, VELOCIMETER_BIAS].set(jnp.eye(3))
    swung = jnp.sum(sensors.velocimeter_beam_body * swing, axis=-1)
    expected = jnp.sum(beams * relative, axis=-1) + swung + estimate.velocimeter_bias_m_s
    variance = jnp.full(3, sensors.velocimeter_noise_m_s**2)
    residual = reading.closing_speed_m_s - expected
    return Residuals(residual, slope, variance, reading.valid)


def camera_residuals(chart, sensors, estimate, reading, fixed_from_inertial):
    """Two rows: along and across the track, each with a bias of its own."""
    here_fixed = rotate(fixed_from_inertial, estimate.position_inertial_m)
    up = here_fixed / jnp.linalg.norm(here_fixed)
    along = cross(chart.track_normal_fixed, up)
    along = along / jnp.linalg.norm(along)
    axes = jnp.stack([along, cross(up, along)])
    value = (
        jnp.sum(axes * (reading.position_fixed_m - here_fixed), axis=-1) - estimate.camera_bias_m
    )
    inertial_axes = rotate(conjugate(fixed_from_inertial)[None], axes)
    slope = jnp.zeros((2, ERROR_COUNT)).at[:, POSITION].set(inertial_axes)
    slope = slope.at[:, CAMERA_BIAS].set(jnp.eye(2))
    valid = jnp.stack([reading.valid, reading.valid])
    variance = jnp.full(2, sensors.camera_noise_m**2)
    return Residuals(value, slope, variance, valid)


def star_tracker_residuals(sensors, estimate, reading, coasting=0):
    """Three rows: the rotation from the believed to the seen attitude, in the tracker's axes.

    Two across the boresight and one about it: only there are its errors independent, so that one
    scalar after another may be used, each with its own variance. `coasting` (0 or 1) says which of
    the assumed sigmas holds.
    """
    seen = multiply(conjugate(estimate.inertial_from_body), reading.inertial_from_body)
    axes_body = axes_about(sensors.star_tracker_boresight_body)
    value = jnp.sum(axes_body * to_rotation_vector(seen), axis=-1)
    axes = rotate(estimate.inertial_from_body[None], axes_body)
    slope = jnp.zeros((3, ERROR_COUNT)).at[:, ATTITUDE].set(axes)
    across_rad = sensors.star_tracker_cross_axis_rad[coasting]
    roll_rad = sensors.star_tracker_roll_rad[coasting]
    variance = jnp.stack([across_rad, across_rad, roll_rad]) ** 2
    return Residuals(value, slope, variance, jnp.full(3, reading.valid))


def stack(*batches):
    """Several batches as one."""
    return jax.tree.map(lambda *parts: jnp.concatenate(parts), *batches)
