"""What the velocimeter should have read, and how that depends on the errors."""

from dataclasses import KW_ONLY

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from perilune.interfaces.clock import CLOCK_S, CYCLE_TICKS
from perilune.interfaces.velocimeter import (
    VelocimeterErrors,
    VelocimeterReading,
    VelocimeterSpec,
    beams_body,
)
from perilune.mechanics.rotation import conjugate, cross, rotate
from perilune.mechanics.terrain_map import map_height_and_gradient
from perilune.onboard.navigation.estimate import ATTITUDE, POSITION, VELOCITY, Estimate
from perilune.onboard.navigation.sight import Craft, Sight
from perilune.onboard.navigation.update import Residuals

TYPICAL_BEAM_SPEED_M_S = 50.0
SAME_S = 30.0
"""Over which a scale error beyond that speed counts as noise."""
LEAST_NOISE_M = 0.01
"""No range is better: else a height would be weighed as if nothing could be wrong with it."""


class Belief(eqx.Module):
    """Geometry and one-sigma figures."""

    _: KW_ONLY
    beam_body: Float[Array, "3 3"]
    mount_from_center_m: Float[Array, "3"]
    noise_m_s: Float[Array, ""]
    range_noise_m: Float[Array, ""]
    scale_fraction: Float[Array, ""]  # one sigma, counted as noise of as many readings together


def believe(spec: VelocimeterSpec, drawn: VelocimeterErrors, craft: Craft) -> Belief:
    """As specified; the scale error, the same in every reading, counts as noise of half a minute's.

    `drawn` are mean squares.
    """
    return Belief(
        beam_body=beams_body(spec),
        mount_from_center_m=jnp.asarray(spec.mount_m) - craft.landing_center_m,
        noise_m_s=jnp.asarray(spec.noise_m_s),
        range_noise_m=jnp.asarray(spec.range_noise_m),
        scale_fraction=jnp.asarray(
            np.sqrt(SAME_S / (CLOCK_S * CYCLE_TICKS) * drawn.scale_fraction)
        ),
    )


def first_variances(
    spec: VelocimeterSpec, drawn: VelocimeterErrors, craft: Craft
) -> dict[str, Float[np.ndarray, " n"]]:
    """Of its biases: its own, and its scale at a typical speed; `drawn` are mean squares."""
    del craft
    scale = np.sqrt(drawn.scale_fraction)
    bias_m_s = np.hypot(spec.bias_m_s, scale * TYPICAL_BEAM_SPEED_M_S)
    return {"bias_m_s": bias_m_s**2 * np.ones(3)}


def expect(
    belief: Belief, sight: Sight, estimate: Estimate, reading: VelocimeterReading
) -> Residuals:
    """Three rows: closing speed along each beam of the mount over the turning ground.

    A beam's bias stands for its scale error at a typical speed; what is more than that is noise.
    """
    layout, bias_m_s = estimate.layout, estimate.biases[sight.label]["bias_m_s"]
    swing = cross(sight.rate_body_rad_s, belief.mount_from_center_m)
    beams = rotate(estimate.inertial_from_body[None], belief.beam_body)
    ground = cross(sight.spin_inertial_rad_s, estimate.position_inertial_m)
    relative = estimate.velocity_inertial_m_s - ground
    slope = jnp.zeros((3, layout.count)).at[:, VELOCITY].set(beams)
    slope = slope.at[:, ATTITUDE].set(cross(beams, relative[None]))
    slope = slope.at[:, layout.of[sight.label]["bias_m_s"]].set(jnp.eye(3))
    closing_m_s = jnp.sum(beams * relative, axis=-1) + jnp.sum(belief.beam_body * swing, axis=-1)
    expected = closing_m_s + bias_m_s
    fast_m2_s2 = jnp.maximum(closing_m_s**2 - TYPICAL_BEAM_SPEED_M_S**2, 0.0)
    variance = belief.noise_m_s**2 + belief.scale_fraction**2 * fast_m2_s2
    return Residuals(reading.closing_speed_m_s - expected, slope, variance, reading.valid)


def expect_height(
    belief: Belief, sight: Sight, estimate: Estimate, reading: VelocimeterReading
) -> Residuals:
    """One row: how high the ends of the beams stand over the map in the mean, all three heard.

    As the altimeter's (`navigation.altimeter.expect`), with the mean of the three ends.
    """
    chart, fixed_from_inertial = sight.chart, sight.fixed_from_inertial
    arms, beams = _to_strikes(belief, estimate, reading)
    hits = rotate(fixed_from_inertial[None], estimate.position_inertial_m + arms)
    height_m, gradient = jax.vmap(lambda hit: map_height_and_gradient(chart.terrain_map, hit))(hits)
    radius = jnp.linalg.norm(hits, axis=-1)
    normal = rotate(conjugate(fixed_from_inertial)[None], hits / radius[:, None] - gradient)
    above = radius - chart.terrain_map.reference_radius_m - height_m - estimate.map_bias_m
    layout = estimate.layout
    slope = jnp.zeros(layout.count).at[POSITION].set(jnp.mean(normal, axis=0))
    slope = slope.at[layout.map_bias].set(-1.0)
    slope = slope.at[ATTITUDE].set(jnp.mean(cross(arms, normal), axis=0))
    along = jnp.sum(normal * beams, axis=-1)
    variance = jnp.maximum(belief.range_noise_m, LEAST_NOISE_M) ** 2 * jnp.mean(along**2) / 3.0
    valid = jnp.all(reading.valid)[None]
    value = -jnp.mean(above)[None]
    return Residuals(value, slope[None], variance[None], valid, height_alone=True)


def middle_fixed_m(
    belief: Belief, sight: Sight, estimate: Estimate, reading: VelocimeterReading
) -> Float[Array, "3"]:
    """Amid the places where the beams of a reading ended, Moon-fixed, as the estimate has it."""
    arms, _ = _to_strikes(belief, estimate, reading)
    middle_m = estimate.position_inertial_m + jnp.mean(arms, axis=0)
    return rotate(sight.fixed_from_inertial, middle_m)


def _to_strikes(
    belief: Belief, estimate: Estimate, reading: VelocimeterReading
) -> tuple[Float[Array, "3 3"], Float[Array, "3 3"]]:
    """From the centre of mass to each beam's end, m, and the beams' directions, inertial."""
    beams = rotate(estimate.inertial_from_body[None], belief.beam_body)
    mount = rotate(estimate.inertial_from_body, belief.mount_from_center_m)
    return mount + reading.range_m[:, None] * beams, beams
