"""What the velocimeter should have read, and how that depends on the errors."""

from dataclasses import KW_ONLY

import equinox as eqx
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from perilune.interfaces.velocimeter import (
    VelocimeterErrors,
    VelocimeterReading,
    VelocimeterSpec,
    beams_body,
)
from perilune.mechanics.rotation import cross, rotate
from perilune.onboard.navigation.estimate import ATTITUDE, VELOCITY, Estimate
from perilune.onboard.navigation.sight import Craft, Sight
from perilune.onboard.navigation.update import Residuals

TYPICAL_BEAM_SPEED_M_S = 50.0


class Belief(eqx.Module):
    """Geometry and one-sigma figures."""

    _: KW_ONLY
    beam_body: Float[Array, "3 3"]
    mount_from_center_m: Float[Array, "3"]
    noise_m_s: Float[Array, ""]


def believe(spec: VelocimeterSpec, drawn: VelocimeterErrors, craft: Craft) -> Belief:
    """As specified."""
    del drawn
    return Belief(
        beam_body=beams_body(spec),
        mount_from_center_m=jnp.asarray(spec.mount_m) - craft.landing_center_m,
        noise_m_s=jnp.asarray(spec.noise_m_s),
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
    """Three rows: closing speed along each beam of the mount over the turning ground."""
    layout, bias_m_s = estimate.layout, estimate.biases[sight.label]["bias_m_s"]
    swing = cross(sight.rate_body_rad_s, belief.mount_from_center_m)
    beams = rotate(estimate.inertial_from_body[None], belief.beam_body)
    ground = cross(sight.spin_inertial_rad_s, estimate.position_inertial_m)
    relative = estimate.velocity_inertial_m_s - ground
    slope = jnp.zeros((3, layout.count)).at[:, VELOCITY].set(beams)
    slope = slope.at[:, ATTITUDE].set(cross(beams, relative[None]))
    slope = slope.at[:, layout.of[sight.label]["bias_m_s"]].set(jnp.eye(3))
    swung = jnp.sum(belief.beam_body * swing, axis=-1)
    expected = jnp.sum(beams * relative, axis=-1) + swung + bias_m_s
    variance = jnp.full(3, belief.noise_m_s**2)
    return Residuals(reading.closing_speed_m_s - expected, slope, variance, reading.valid)
