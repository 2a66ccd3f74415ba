"""What the altimeter should have read, and how that depends on the errors."""

from dataclasses import KW_ONLY

import equinox as eqx
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Bool, Float

from perilune.interfaces.altimeter import AltimeterSpec
from perilune.interfaces.ranging import RangeReading, RangingErrors, beams_body
from perilune.mechanics.rotation import conjugate, cross, rotate
from perilune.onboard.navigation.estimate import ATTITUDE, POSITION, Estimate
from perilune.onboard.navigation.misplaced import height_and_slope, variance_along_m2
from perilune.onboard.navigation.sight import Craft, Sight
from perilune.onboard.navigation.update import Residuals

REACH_SIGMAS = 2.0
"""Of the expected range, kept from the greatest: what is cut off beyond moves the mean by 0.06."""
LEAST_FACING = 0.05


class Belief(eqx.Module):
    """Geometry and one-sigma figures."""

    _: KW_ONLY
    beam_body: Float[Array, "2 3"]
    mount_from_center_m: Float[Array, "3"]
    noise_m: Float[Array, ""]
    noise_fraction: Float[Array, ""]  # noise that grows with range, with the scale error in it
    divergence_rad: Float[Array, ""]  # one sigma of the beam's light
    depth_factor: Float[Array, ""]  # one sigma of an echo's time, in sigmas of its depth
    bias_m: Float[Array, ""]  # one sigma; no reading can separate it from the map's height
    scale_fraction: Float[Array, ""]  # one sigma
    max_range_m: Float[Array, ""]


def believe(spec: AltimeterSpec, drawn: RangingErrors, craft: Craft) -> Belief:
    """As specified, with the scale error counted as noise; `drawn` are mean squares."""
    scale = np.sqrt(drawn.scale_fraction)
    return Belief(
        beam_body=beams_body(spec),
        mount_from_center_m=jnp.asarray(spec.mount_m) - craft.landing_center_m,
        noise_m=jnp.asarray(spec.noise_m),
        noise_fraction=jnp.asarray(np.hypot(spec.noise_fraction, scale)),
        divergence_rad=jnp.asarray(spec.divergence_rad),
        depth_factor=jnp.asarray(np.hypot(spec.early_factor, spec.jitter_factor)),
        bias_m=jnp.asarray(np.sqrt(drawn.bias_m)),
        scale_fraction=jnp.asarray(scale),
        max_range_m=jnp.asarray(spec.max_range_m),
    )


def first_variances(
    spec: AltimeterSpec, drawn: RangingErrors, craft: Craft
) -> dict[str, Float[np.ndarray, " n"]]:
    """No state of its own: its bias is one with the map's height."""
    del spec, drawn, craft
    return {}


def expect(belief: Belief, sight: Sight, estimate: Estimate, reading: RangeReading) -> Residuals:
    """One row: how high the beam's end stands over the map.

    The implicit measurement |p + rho b| - R - map - bias = 0 needs one look at the map and no
    march; its slope by position is the map's normal. It is to move nothing but height: what a
    sideways error does to the height over sloping ground is considered, but the map's own
    registration is as unsure as the camera's, so the ground is not matched against sideways.
    The depth of an echo, w tan(incidence) for a spot of radius w, is w sin(incidence) of height.
    """
    chart, fixed_from_inertial = sight.chart, sight.fixed_from_inertial
    arm, beam = _to_strike(belief, estimate, reading)
    hit_fixed = rotate(fixed_from_inertial, estimate.position_inertial_m + arm)
    height_m, gradient = height_and_slope(chart, fixed_from_inertial, estimate, hit_fixed)
    radius = jnp.linalg.norm(hit_fixed)
    normal = rotate(conjugate(fixed_from_inertial), hit_fixed / radius - gradient)
    above = radius - chart.terrain_map.reference_radius_m - height_m - estimate.map_bias_m
    layout = estimate.layout
    slope = jnp.zeros(layout.count).at[POSITION].set(normal).at[layout.map_bias].set(-1.0)
    slope = slope.at[ATTITUDE].set(cross(arm, normal))
    noise = belief.noise_fraction * reading.range_m
    facing = jnp.sum(normal * beam)
    spot_m = reading.range_m * belief.divergence_rad
    deep_m2 = spot_m**2 * jnp.maximum(jnp.sum(normal**2) - facing**2, 0.0)
    variance = (belief.noise_m**2 + noise**2) * facing**2 + belief.depth_factor**2 * deep_m2
    expected_m = reading.range_m + above / jnp.maximum(-facing, LEAST_FACING)
    valid = reading.valid & _in_reach(belief, estimate, normal, facing, expected_m)
    return Residuals(-above[None], slope[None], variance[None], valid[None], height_alone=True)


def _in_reach(
    belief: Belief,
    estimate: Estimate,
    normal: Float[Array, "3"],
    facing: Float[Array, ""],
    expected_m: Float[Array, ""],
) -> Bool[Array, ""]:
    """Whether the range expected is well within the greatest.

    Near that one it is the ground that decides which ranges come back: only those of ground higher
    than the map has it. Taken for a fair sample they draw the believed height down.
    """
    unsure_m2 = variance_along_m2(estimate, normal) + estimate.map_variance_m2
    spare_m = REACH_SIGMAS * jnp.sqrt(unsure_m2) / jnp.maximum(-facing, LEAST_FACING)
    return expected_m + spare_m < belief.max_range_m


def strike_fixed_m(
    belief: Belief, sight: Sight, estimate: Estimate, reading: RangeReading
) -> Float[Array, "3"]:
    """Where the beam of a reading ended, Moon-fixed, as the estimate has it."""
    arm, _ = _to_strike(belief, estimate, reading)
    return rotate(sight.fixed_from_inertial, estimate.position_inertial_m + arm)


def _to_strike(
    belief: Belief, estimate: Estimate, reading: RangeReading
) -> tuple[Float[Array, "3"], Float[Array, "3"]]:
    """From the centre of mass to the beam's end, m, and the beam's direction, inertial."""
    beam = rotate(estimate.inertial_from_body, belief.beam_body[reading.beam])
    mount = rotate(estimate.inertial_from_body, belief.mount_from_center_m)
    return mount + reading.range_m * beam, beam
