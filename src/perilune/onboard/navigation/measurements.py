"""What each instrument should have read, and how the reading depends on the errors."""

import jax
import jax.numpy as jnp

from perilune.mechanics.rotation import conjugate, cross, multiply, rotate, to_rotation_vector
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
    """One row, and the map's gradient (3,) inertial: how high the beam's end stands over the map.

    The implicit measurement |p + rho b| - R - map - bias = 0 needs one look at the map and no
    march. Its slope by position is taken along the radius only: the map is too coarse to be
    matched against sideways, and what a sideways error does to the height under a sloping map
    is counted in the map's variance (see `map_variance_m2`).
    """
    beam = rotate(estimate.inertial_from_body, sensors.altimeter_beam_body[reading.beam])
    mount = rotate(estimate.inertial_from_body, sensors.altimeter_mount_from_center_m)
    arm = mount + reading.range_m * beam
    hit_fixed = rotate(fixed_from_inertial, estimate.position_inertial_m + arm)
    height_m, gradient = map_height_and_gradient(chart.terrain_map, hit_fixed)
    radius = jnp.linalg.norm(hit_fixed)
    up = rotate(conjugate(fixed_from_inertial), hit_fixed / radius)
    lean = rotate(conjugate(fixed_from_inertial), gradient)
    above = radius - chart.terrain_map.reference_radius_m - height_m - estimate.map_bias_m
    slope = jnp.zeros(ERROR_COUNT).at[POSITION].set(up).at[MAP_BIAS].set(-1.0)
    slope = slope.at[ATTITUDE].set(cross(arm, up - lean))
    noise = sensors.altimeter_noise_fraction * reading.range_m
    variance = (sensors.altimeter_noise_m**2 + noise**2) * jnp.sum((up - lean) * beam) ** 2
    rows = Residuals(-above[None], slope[None], variance[None], reading.valid[None])
    return rows, lean


def map_variance_m2(settings, estimate, range_m, gradient_inertial):
    """Variance of the map's error where the beam falls: its own, and slope times sideways error."""
    own_m = jnp.interp(range_m, settings.map_mismatch_range_m, settings.map_mismatch_m)
    place = estimate.covariance[POSITION, POSITION]
    spread = jnp.sum(place * gradient_inertial[None, :], axis=1)
    return own_m**2 + jnp.sum(gradient_inertial * spread)


def velocimeter_residuals(sensors, estimate, reading, spin_inertial_rad_s):
    """Three rows: closing speed along each beam over the turning ground."""
    beams = rotate(estimate.inertial_from_body[None], sensors.velocimeter_beam_body)
    ground = cross(spin_inertial_rad_s, estimate.position_inertial_m)
    relative = estimate.velocity_inertial_m_s - ground
    slope = jnp.zeros((3, ERROR_COUNT)).at[:, VELOCITY].set(beams)
    slope = slope.at[:, ATTITUDE].set(cross(beams, relative[None]))
    slope = slope.at[:, VELOCIMETER_BIAS].set(jnp.eye(3))
    expected = jnp.sum(beams * relative, axis=-1) + estimate.velocimeter_bias_m_s
    variance = jnp.full(3, sensors.velocimeter_noise_m_s**2)
    return Residuals(reading.closing_speed_m_s - expected, slope, variance, reading.valid)


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
    return Residuals(value, slope, jnp.full(2, sensors.camera_noise_m**2), valid)


def star_tracker_residuals(sensors, estimate, reading):
    """Three rows: the rotation from the believed to the seen attitude, in body axes."""
    seen = multiply(conjugate(estimate.inertial_from_body), reading.inertial_from_body)
    value = to_rotation_vector(seen)
    axes = rotate(estimate.inertial_from_body[None], jnp.eye(3))
    slope = jnp.zeros((3, ERROR_COUNT)).at[:, ATTITUDE].set(axes)
    roll2, across2 = sensors.star_tracker_roll_rad**2, sensors.star_tracker_cross_axis_rad**2
    variance = across2 + (roll2 - across2) * sensors.star_tracker_boresight_body**2
    return Residuals(value, slope, variance, jnp.stack([reading.valid] * 3))


def stack(*batches):
    """Several batches as one."""
    return jax.tree.map(lambda *parts: jnp.concatenate(parts), *batches)
