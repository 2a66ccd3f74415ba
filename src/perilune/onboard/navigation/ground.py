"""Height over the ground below the vehicle, from the map and from where the altimeter last struck.

The map's error is a field over the ground. What is the same of it everywhere, and the altimeter's
own bias, no range can separate from the vehicle's height: the filter's position is over the map's
datum, and `steady_variance_m2` is what that may be off by. What varies of it the filter knows, as
`map_bias_m`, at one place: where the beam last struck. Under the vehicle, a distance d away, the
linear least-squares prediction of it is g(d) times as much, and the variance w (1 - g(d)^2) is left
over; w is the varying part's variance and g(d) its correlation. Three parts vary: the map's error
between its points, its long waves, and the relief below any map's resolution, each with
exp(-(d/L)^2) of its own length.
"""

import dataclasses
import functools

import jax.numpy as jnp
from jaxtyping import Array, Bool, Float

from perilune.interfaces.units import kind_of
from perilune.mechanics.rotation import conjugate, rotate
from perilune.mechanics.terrain_map import map_height_m
from perilune.onboard.navigation.estimate import POSITION, Estimate
from perilune.onboard.navigation.misplaced import aside_m2, bent_factor, height_and_slope
from perilune.onboard.upload import FilterSettings, Upload


def strike_at(
    last_direction: Float[Array, "3"],
    place_fixed_m: Float[Array, "3"],
    valid: Bool[Array, ""],
    radius_m: Float[Array, ""],
) -> tuple[Float[Array, "3"], Float[Array, ""]]:
    """The direction of a new strike, Moon-fixed, and how far that lies from the last one.

    `place_fixed_m` is where the beam ended; without a valid reading the strike stays and has moved
    by nothing. Distances run along the sphere, so that noise of the range under an upright lander
    is no movement.
    """
    direction = place_fixed_m / jnp.linalg.norm(place_fixed_m)
    apart_m = radius_m * jnp.linalg.norm(direction - last_direction)
    return jnp.where(valid, direction, last_direction), jnp.where(valid, apart_m, 0.0)


def height_over_ground_m(
    upload: Upload, estimate: Estimate, fixed_from_inertial: Float[Array, "4"]
) -> Float[Array, ""]:
    """Of the centre of mass above the believed ground below it."""
    terrain_map = upload.chart.terrain_map
    here = rotate(fixed_from_inertial, estimate.position_inertial_m)
    radius_m = jnp.linalg.norm(here)
    above_m = radius_m - terrain_map.reference_radius_m - map_height_m(terrain_map, here)
    return above_m - _alike_fraction(upload, estimate, here / radius_m) * estimate.map_bias_m


def height_variance_m2(
    upload: Upload, estimate: Estimate, fixed_from_inertial: Float[Array, "4"]
) -> Float[Array, ""]:
    """Variance of that height: the filter's, what the ground between leaves over, the altimeter's.

    Position counts along the map's normal, since a sideways error over sloping ground is an error
    of height.
    """
    terrain_map = upload.chart.terrain_map
    here = rotate(fixed_from_inertial, estimate.position_inertial_m)
    radius_m = jnp.linalg.norm(here)
    map_m, gradient = height_and_slope(upload.chart, fixed_from_inertial, estimate, here)
    above_m = radius_m - terrain_map.reference_radius_m - map_m
    alike = _alike_fraction(upload, estimate, here / radius_m)
    normal = rotate(conjugate(fixed_from_inertial), here / radius_m - gradient)
    layout = estimate.layout
    slope = jnp.zeros(layout.count).at[POSITION].set(normal).at[layout.map_bias].set(-alike)
    known_m2 = jnp.sum(slope * jnp.sum(estimate.covariance * slope, axis=-1))
    left_over_m2 = estimate.map_variance_m2 * (1.0 - alike**2)
    bias_m, scale_fraction = steady_errors(upload)
    return known_m2 + left_over_m2 + bias_m**2 + (scale_fraction * above_m) ** 2


def steady_variance_m2(upload: Upload) -> Float[Array, ""]:
    """Along the radius, of the filter's datum: the map's height and the altimeter's bias."""
    return upload.filter.map_steady_m**2 + steady_errors(upload)[0] ** 2


def steady_errors(upload: Upload) -> tuple[Float[Array, ""], Float[Array, ""]]:
    """One sigma of the altimeters' bias, m, and scale: those of the worst of them, or none.

    Beside a laser a radar counts for little: see `navigation.radar_altimeter`.
    """
    labels = units(upload, "altimeter") or units(upload, "radar_altimeter")
    ranging = [upload.sensors[label] for label in labels]
    if not ranging:
        return jnp.array(0.0), jnp.array(0.0)
    both = [(each.bias_m, each.scale_fraction) for each in ranging]
    return tuple(functools.reduce(jnp.maximum, some) for some in zip(*both, strict=True))


def units(upload: Upload, kind: str) -> list[str]:
    """The labels of the units of a kind, in order."""
    return [label for label in sorted(upload.sensors) if kind_of(label) == kind]


def map_variance_m2(settings: FilterSettings, range_m: Float[Array, ""]) -> Float[Array, ""]:
    """Variance of the ground over the map at a distance before the site, as the upload has it."""
    of_map_m = jnp.interp(range_m, settings.map_mismatch_range_m, settings.map_mismatch_m)
    return of_map_m**2 + settings.relief_m**2 + settings.waves_m**2


def ground_variance_m2(
    settings: FilterSettings, estimate: Estimate, range_m: Float[Array, ""]
) -> Float[Array, ""]:
    """Variance of the ground over the map where the estimate takes itself to be.

    With what bends away from the map's slope over the width that the place is unsure.
    """
    of_map_m = jnp.interp(range_m, settings.map_mismatch_range_m, settings.map_mismatch_m)
    bent_m2 = bent_factor(settings, aside_m2(estimate)) * of_map_m**2
    return map_variance_m2(settings, range_m) + bent_m2


def with_gravity_walk(settings: FilterSettings, range_m: Float[Array, ""]) -> FilterSettings:
    """The settings with the walk of the gravity left out there added to the accelerometers'."""
    gravity = jnp.interp(
        range_m, settings.map_mismatch_range_m, settings.gravity_walk_m_s_per_sqrt_s
    )
    walk = jnp.sqrt(settings.velocity_walk_m_s_per_sqrt_s**2 + gravity**2)
    return dataclasses.replace(settings, velocity_walk_m_s_per_sqrt_s=walk)


def _alike_fraction(
    upload: Upload, estimate: Estimate, nadir_direction: Float[Array, "3"]
) -> Float[Array, ""]:
    """Correlation of the ground over the map at the strike and below the vehicle."""
    radius_m, settings = upload.chart.terrain_map.reference_radius_m, upload.filter
    apart_m = radius_m * jnp.linalg.norm(nadir_direction - estimate.strike_direction)
    of_map = jnp.exp(-((apart_m / settings.map_correlation_length_m) ** 2))
    of_relief = jnp.exp(-((apart_m / settings.relief_length_m) ** 2))
    of_waves = jnp.exp(-((apart_m / settings.waves_length_m) ** 2))
    relief = settings.relief_m**2 / estimate.map_variance_m2
    waves = settings.waves_m**2 / estimate.map_variance_m2
    return of_map + relief * (of_relief - of_map) + waves * (of_waves - of_map)
