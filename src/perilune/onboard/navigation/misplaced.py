"""What an unsure place makes of the map's slope: the ground is looked at where the vehicle is not.

Over a displacement as wide as the place is unsure, a map's local slope says nothing of the ground.
The slope that does is the chord's, between the two places one sigma to either side (statistical
linearisation). What bends away from it is an error of the map, whose waves are as long as that.
"""

import jax.numpy as jnp
from jaxtyping import Array, Float

from perilune.mechanics.rotation import conjugate, cross, rotate
from perilune.mechanics.terrain_map import map_height_and_gradient, map_height_m
from perilune.onboard.navigation.estimate import POSITION, Estimate
from perilune.onboard.upload import Chart, FilterSettings

LEAST_CHORD_M = 100.0
"""Half of the shortest: a map is smooth between its nodes, a kilometre apart."""


def variance_along_m2(estimate: Estimate, direction: Float[Array, "3"]) -> Float[Array, ""]:
    """Variance of the place along an inertial direction, times the square of its length."""
    known_m2 = estimate.covariance[POSITION, POSITION]
    return jnp.sum(direction * jnp.sum(known_m2 * direction, axis=-1))


def aside_m2(estimate: Estimate) -> Float[Array, ""]:
    """Variance of the place along the ground, both ways together."""
    position_m = estimate.position_inertial_m
    up = position_m / jnp.linalg.norm(position_m)
    whole_m2 = jnp.sum(jnp.diagonal(estimate.covariance[POSITION, POSITION]))
    return jnp.maximum(whole_m2 - variance_along_m2(estimate, up), 0.0)


def bent_factor(settings: FilterSettings, unsure_m2: Float[Array, ""]) -> Float[Array, ""]:
    """Variance of what bends away from the chord, over that of what the map leaves out.

    On ground whose rms height difference goes as distance to the power H it is D^2 k r^2H, for a
    place unsure by r postings and the rms second difference D of nodes a posting apart; k is 0.32
    to 0.34 for H from 0.76 to 0.95. The map itself is smooth, and bends with r^4 where r is small.
    """
    square = unsure_m2 / settings.map_mismatch_length_m**2
    return settings.map_bend_factor**2 * square**2 / (3.0 + 3.0 * square)


def height_and_slope(
    chart: Chart,
    fixed_from_inertial: Float[Array, "4"],
    estimate: Estimate,
    place_fixed_m: Float[Array, "3"],
) -> tuple[Float[Array, ""], Float[Array, "3"]]:
    """The map's height at a place, m, and its slope, Moon-fixed: along the track the chord's."""
    height_m, slope = map_height_and_gradient(chart.terrain_map, place_fixed_m)
    along = cross(chart.track_normal_fixed, place_fixed_m)
    along = along / jnp.linalg.norm(along)
    way = rotate(conjugate(fixed_from_inertial), along)
    half_m = jnp.sqrt(jnp.maximum(variance_along_m2(estimate, way), LEAST_CHORD_M**2))
    ahead_m, behind_m = (
        map_height_m(chart.terrain_map, place_fixed_m + each * along) for each in (half_m, -half_m)
    )
    chord = (ahead_m - behind_m) / (2.0 * half_m)
    return height_m, slope + (chord - jnp.sum(slope * along)) * along
