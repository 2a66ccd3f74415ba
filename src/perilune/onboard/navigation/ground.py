"""Height over the ground below the vehicle, from the map and from where the altimeter last struck.

The map's error is a field over the ground. The filter's `map_bias_m` is that error, less the
altimeter's own, at one place: where the beam last struck. Under the vehicle, a distance d away,
only part of it holds. With variances of the map's varying error w, its steady error o and the
altimeter's a, and g(d) = exp(-(d/L)^2) the correlation of the varying part,

    rho = (o + g w) / (w + o + a),   left over = (w + o) - rho^2 (w + o + a),

which is the linear least-squares prediction of one place from the other.
"""

import dataclasses

import jax.numpy as jnp

from perilune.mechanics.rotation import conjugate, rotate
from perilune.mechanics.terrain_map import map_height_and_gradient, map_height_m
from perilune.onboard.navigation.estimate import ERROR_COUNT, MAP_BIAS, POSITION


def strike_at(estimate, struck, map_variance_m2, radius_m):
    """The estimate with its map bias referred to a new place, and how far that lies from the last.

    `struck` is (position (3,) of the beam's end, Moon-fixed, whether the reading is valid); without
    a valid reading the place stays and has moved by nothing. Distances run along the sphere, so
    that noise of the range under an upright lander is no movement.
    """
    place_fixed_m, valid = struck
    direction = place_fixed_m / jnp.linalg.norm(place_fixed_m)
    apart_m = radius_m * jnp.linalg.norm(direction - estimate.strike_direction)
    moved = dataclasses.replace(
        estimate,
        strike_direction=jnp.where(valid, direction, estimate.strike_direction),
        map_variance_m2=map_variance_m2,
    )
    return moved, jnp.where(valid, apart_m, 0.0)


def height_over_ground_m(upload, estimate, fixed_from_inertial):
    """Of the centre of mass above the believed ground below it."""
    terrain_map = upload.chart.terrain_map
    here = rotate(fixed_from_inertial, estimate.position_inertial_m)
    radius_m = jnp.linalg.norm(here)
    above_m = radius_m - terrain_map.reference_radius_m - map_height_m(terrain_map, here)
    share, _ = carried_to_nadir(upload, estimate, here / radius_m, above_m)
    return above_m - share * estimate.map_bias_m


def height_variance_m2(upload, estimate, fixed_from_inertial):
    """Variance of that height: of position and bias as the filter has them, and what is left over.

    Position counts along the map's normal, since a sideways error over sloping ground is an error
    of height.
    """
    terrain_map = upload.chart.terrain_map
    here = rotate(fixed_from_inertial, estimate.position_inertial_m)
    radius_m = jnp.linalg.norm(here)
    map_m, gradient = map_height_and_gradient(terrain_map, here)
    above_m = radius_m - terrain_map.reference_radius_m - map_m
    share, left_over_m2 = carried_to_nadir(upload, estimate, here / radius_m, above_m)
    normal = rotate(conjugate(fixed_from_inertial), here / radius_m - gradient)
    slope = jnp.zeros(ERROR_COUNT).at[POSITION].set(normal).at[MAP_BIAS].set(-share)
    return jnp.sum(slope * jnp.sum(estimate.covariance * slope, axis=-1)) + left_over_m2


def carried_to_nadir(upload, estimate, nadir_direction, above_m):
    """How much of the map bias at the strike holds below, and the variance (m2) of the rest."""
    settings, sensors = upload.filter, upload.sensors
    radius_m = upload.chart.terrain_map.reference_radius_m
    apart_m = radius_m * jnp.linalg.norm(nadir_direction - estimate.strike_direction)
    alike = jnp.exp(-((apart_m / settings.map_correlation_length_m) ** 2))
    steady_m2, bias_m2 = settings.map_steady_m**2, sensors.altimeter_bias_m**2
    varying_m2 = jnp.maximum(estimate.map_variance_m2 - steady_m2 - bias_m2, 0.0)
    altimeter_m2 = bias_m2 + (sensors.altimeter_scale_fraction * above_m) ** 2
    total_m2 = varying_m2 + steady_m2 + altimeter_m2
    share = (steady_m2 + alike * varying_m2) / total_m2
    return share, varying_m2 + steady_m2 - share**2 * total_m2
