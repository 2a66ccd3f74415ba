"""What the radar altimeter should have read, and how that depends on the errors.

It ranges to the nearest ground in its beam. On the map that is found as truth finds it, by fewer
looks. Relief that no map shows brings the nearest ground nearer, and makes it another ground than
the one that a thin beam would strike: the mean of that is taken off, and its scatter allowed for.
"""

from dataclasses import KW_ONLY

import equinox as eqx
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from perilune.interfaces.radar_altimeter import RadarAltimeterSpec
from perilune.interfaces.ranging import RangeReading, RangingErrors, beams_body
from perilune.mechanics.derivatives import root
from perilune.mechanics.nearest_ground import Cone, Level, Pattern, nearest_ground, toward_in_cone
from perilune.mechanics.rotation import conjugate, cross, rotate
from perilune.mechanics.terrain_map import map_height_m
from perilune.onboard.navigation.estimate import ATTITUDE, POSITION, Estimate
from perilune.onboard.navigation.sight import Craft, Sight
from perilune.onboard.navigation.update import Residuals

PATTERN = Pattern(ring_fractions=(1.0,), ray_count=(6,))
NEARER_FACTOR, NEARER_AT_EDGE_FACTOR = 0.4, 0.2
"""Of the relief in the beam: how much higher its nearest ground is in the mean; as truth has it
over the grounds of the catalog, to 0.1."""


class Belief(eqx.Module):
    """Geometry and one-sigma figures."""

    _: KW_ONLY
    beam_body: Float[Array, "2 3"]
    mount_from_center_m: Float[Array, "3"]
    half_angle_rad: Float[Array, ""]
    resolution_m: Float[Array, ""]
    noise_m: Float[Array, ""]  # with the bias in it: another altimeter has another
    noise_fraction: Float[Array, ""]  # noise that grows with range, with the scale error in it
    bias_m: Float[Array, ""]  # one sigma
    scale_fraction: Float[Array, ""]  # one sigma
    relief_m: Float[Array, ""]  # one sigma of the ground below the map's resolution
    relief_length_m: Float[Array, ""]  # its correlation is exp(-(d/L)^2)


def believe(spec: RadarAltimeterSpec, drawn: RangingErrors, craft: Craft) -> Belief:
    """As specified, with bias and scale error counted as noise; `drawn` are mean squares."""
    bias_m, scale = np.sqrt(drawn.bias_m), np.sqrt(drawn.scale_fraction)
    return Belief(
        beam_body=beams_body(spec),
        mount_from_center_m=jnp.asarray(spec.mount_m) - craft.landing_center_m,
        half_angle_rad=jnp.asarray(spec.half_angle_rad),
        resolution_m=jnp.asarray(spec.resolution_m),
        noise_m=jnp.asarray(np.hypot(spec.noise_m, bias_m)),
        noise_fraction=jnp.asarray(np.hypot(spec.noise_fraction, scale)),
        bias_m=jnp.asarray(bias_m),
        scale_fraction=jnp.asarray(scale),
        relief_m=jnp.asarray(craft.relief_m),
        relief_length_m=jnp.asarray(craft.relief_length_m),
    )


def first_variances(
    spec: RadarAltimeterSpec, drawn: RangingErrors, craft: Craft
) -> dict[str, Float[np.ndarray, " n"]]:
    """No state of its own: its bias is one with the map's height."""
    del spec, drawn, craft
    return {}


def expect(belief: Belief, sight: Sight, estimate: Estimate, reading: RangeReading) -> Residuals:
    """One row: how high the end of the range stands over the map, towards its nearest ground.

    As the altimeter's (`navigation.altimeter.expect`). Where the perpendicular to the ground lies
    in the beam, the range is along it however the lander turns; else it is along the beam's edge,
    which turns with the lander.
    """
    terrain_map, fixed_from_inertial = sight.chart.terrain_map, sight.fixed_from_inertial

    def clearance_m(place_m: Float[Array, "3"]) -> Float[Array, ""]:
        ground_m = terrain_map.reference_radius_m + map_height_m(terrain_map, place_m)
        return jnp.linalg.norm(place_m) - ground_m - estimate.map_bias_m

    mount_m = rotate(estimate.inertial_from_body, belief.mount_from_center_m)
    cone = _cone(belief, sight, estimate, reading)
    level = Level(cone.apex_m, clearance_m(cone.apex_m))
    found = nearest_ground(clearance_m, cone, level, PATTERN)
    end_m = cone.apex_m + reading.range_m * found.direction
    up = end_m / jnp.linalg.norm(end_m)
    inertial_from_fixed = conjugate(fixed_from_inertial)
    along = jnp.sum(found.normal * found.direction) / jnp.sum(found.normal * up)
    normal = rotate(inertial_from_fixed, found.normal) / jnp.sum(found.normal * up)
    edge_m = reading.range_m * rotate(inertial_from_fixed, found.direction)
    arm_m = mount_m + jnp.where(found.at_edge, edge_m, 0.0)
    layout = estimate.layout
    slope = jnp.zeros(layout.count).at[POSITION].set(normal).at[layout.map_bias].set(-1.0)
    slope = slope.at[ATTITUDE].set(cross(arm_m, normal))
    nearer = jnp.where(found.at_edge, NEARER_AT_EDGE_FACTOR, NEARER_FACTOR)
    higher_m, apart_m = relief_in_beam_m(belief, reading.range_m)
    noise_m2 = belief.noise_m**2 + (belief.noise_fraction * reading.range_m) ** 2
    variance = noise_m2 * along**2 + apart_m**2
    value = nearer * higher_m - clearance_m(end_m)
    return Residuals(
        value[None], slope[None], variance[None], reading.valid[None], height_alone=True
    )


def relief_in_beam_m(
    belief: Belief, range_m: Float[Array, ""]
) -> tuple[Float[Array, ""], Float[Array, ""]]:
    """One sigma of the relief that could be nearest, and of it against that amid the beam.

    Both by the relief's correlation: within the ground that is near enough to be nearest, which is
    sqrt(2 r h) to each side for a height h, no further than the beam's edge; the first less what
    the ground of the first echo averages.
    """
    averaged_m2 = 2.0 * range_m * belief.resolution_m
    edge_m2 = (range_m * jnp.tan(belief.half_angle_rad)) ** 2
    near_m2 = jnp.minimum(2.0 * range_m * belief.relief_m, edge_m2)
    square_m2 = belief.relief_length_m**2
    averaged, near = jnp.exp(-averaged_m2 / square_m2), jnp.exp(-near_m2 / square_m2)
    could_m = belief.relief_m * root(jnp.maximum(averaged - near, 0.0))
    return could_m, belief.relief_m * root(jnp.maximum(1.0 - near, 0.0))


def strike_fixed_m(
    belief: Belief, sight: Sight, estimate: Estimate, reading: RangeReading
) -> Float[Array, "3"]:
    """Where a reading's range ended, Moon-fixed, were the ground level."""
    cone = _cone(belief, sight, estimate, reading)
    down = -cone.apex_m / jnp.linalg.norm(cone.apex_m)
    return cone.apex_m + reading.range_m * toward_in_cone(cone, down)


def _cone(belief: Belief, sight: Sight, estimate: Estimate, reading: RangeReading) -> Cone:
    """The beam of a reading as it is believed to stand, Moon-fixed."""
    mount_m = rotate(estimate.inertial_from_body, belief.mount_from_center_m)
    axis = rotate(estimate.inertial_from_body, belief.beam_body[reading.beam])
    return Cone(
        rotate(sight.fixed_from_inertial, estimate.position_inertial_m + mount_m),
        rotate(sight.fixed_from_inertial, axis),
        belief.half_angle_rad,
    )
