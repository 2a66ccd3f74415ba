"""What the star tracker should have seen, and how that depends on the errors."""

from dataclasses import KW_ONLY

import equinox as eqx
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from perilune.interfaces.star_tracker import (
    StarTrackerErrors,
    StarTrackerReading,
    StarTrackerSpec,
)
from perilune.mechanics.rotation import axes_about, conjugate, multiply, rotate, to_rotation_vector
from perilune.onboard.navigation.estimate import ATTITUDE, Estimate
from perilune.onboard.navigation.sight import Craft, Sight
from perilune.onboard.navigation.update import Residuals


class Belief(eqx.Module):
    """Where it looks and the sigmas to assume of it: in frames of 0.6 s, and in those of the coast.

    They are larger than its noise, so that the filter leaves room for a misaligned head.
    """

    _: KW_ONLY
    boresight_body: Float[Array, "3"]
    cross_axis_rad: Float[Array, "2"]
    roll_rad: Float[Array, "2"]


def believe(spec: StarTrackerSpec, drawn: StarTrackerErrors, craft: Craft) -> Belief:
    """As specified, with room for the misalignment; `drawn` are mean squares."""
    lean2 = sum(drawn.misalignment_rad) / 3.0
    walk = craft.angle_walk_rad_per_sqrt_s

    def assumed(sigma_rad: float) -> Float[Array, "2"]:
        return jnp.array(
            [assumed_sigma_rad(sigma_rad, lean2, walk**2 * frame_s) for frame_s in craft.frames_s]
        )

    return Belief(
        boresight_body=jnp.asarray(np.asarray(spec.boresight) / np.linalg.norm(spec.boresight)),
        cross_axis_rad=assumed(spec.cross_axis_rad),
        roll_rad=assumed(spec.roll_rad),
    )


def assumed_sigma_rad(sigma_rad: float, lean2_rad2: float, growth_rad2: float) -> float:
    """The noise to assume, so that the filter is as unsure as a misalignment leaves it.

    The filter has no state for the head's misalignment m. The growth Q of the gyros' walk a frame
    and readings of assumed variance r settle it at P = (sqrt(Q^2 + 4 Q r) - Q) / 2 with the gain
    K = P / r, while its true error settles at m^2 + ((1 - K)^2 Q + K^2 s^2) / (1 - (1 - K)^2), s
    being the noise as it is. With r = P (P + Q) / Q the second is m^2 + (P^2 + Q s^2) / (2 P + Q),
    and the two are equal where P^2 + (Q - 2 m^2) P - Q (s^2 + m^2) = 0.
    """
    if growth_rad2 <= 0.0 or lean2_rad2 <= 0.0:
        return sigma_rad
    half = 0.5 * growth_rad2 - lean2_rad2
    settled = -half + np.sqrt(half**2 + growth_rad2 * (sigma_rad**2 + lean2_rad2))
    return float(np.sqrt(settled * (settled + growth_rad2) / growth_rad2))


def first_variances(
    spec: StarTrackerSpec, drawn: StarTrackerErrors, craft: Craft
) -> dict[str, Float[np.ndarray, " n"]]:
    """No state of its own."""
    del spec, drawn, craft
    return {}


def expect(
    belief: Belief, sight: Sight, estimate: Estimate, reading: StarTrackerReading
) -> Residuals:
    """Three rows: the rotation from the believed to the seen attitude, in the tracker's axes.

    Two across the boresight and one about it: only there are its errors independent, so that one
    scalar after another may be used, each with its own variance.
    """
    seen = multiply(conjugate(estimate.inertial_from_body), reading.inertial_from_body)
    axes_body = axes_about(belief.boresight_body)
    value = jnp.sum(axes_body * to_rotation_vector(seen), axis=-1)
    axes = rotate(estimate.inertial_from_body[None], axes_body)
    slope = jnp.zeros((3, estimate.layout.count)).at[:, ATTITUDE].set(axes)
    across_rad = belief.cross_axis_rad[sight.coasting]
    roll_rad = belief.roll_rad[sight.coasting]
    variance = jnp.stack([across_rad, across_rad, roll_rad]) ** 2
    return Residuals(value, slope, variance, jnp.full(3, reading.valid))
