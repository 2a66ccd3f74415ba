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
    """Where it looks and one-sigma figures of its noise."""

    _: KW_ONLY
    boresight_body: Float[Array, "3"]
    cross_axis_rad: Float[Array, ""]
    roll_rad: Float[Array, ""]


def believe(spec: StarTrackerSpec, drawn: StarTrackerErrors, craft: Craft) -> Belief:
    """As specified."""
    del drawn, craft
    return Belief(
        boresight_body=jnp.asarray(np.asarray(spec.boresight) / np.linalg.norm(spec.boresight)),
        cross_axis_rad=jnp.asarray(spec.cross_axis_rad),
        roll_rad=jnp.asarray(spec.roll_rad),
    )


def first_variances(
    spec: StarTrackerSpec, drawn: StarTrackerErrors, craft: Craft
) -> dict[str, Float[np.ndarray, " n"]]:
    """Of the head's misalignment, about body x, y and z; `drawn` are mean squares."""
    del spec, craft
    return {"misalignment_rad": np.array(drawn.misalignment_rad)}


def expect(
    belief: Belief, sight: Sight, estimate: Estimate, reading: StarTrackerReading
) -> Residuals:
    """Three rows: the rotation from the believed to the seen attitude, in the tracker's axes.

    Two across the boresight and one about it: only there are its errors independent, so that one
    scalar after another may be used, each with its own variance. A misaligned head turns them all.
    """
    layout, off_rad = estimate.layout, estimate.biases[sight.label]["misalignment_rad"]
    seen = multiply(conjugate(estimate.inertial_from_body), reading.inertial_from_body)
    axes_body = axes_about(belief.boresight_body)
    value = jnp.sum(axes_body * (to_rotation_vector(seen) - off_rad), axis=-1)
    axes = rotate(estimate.inertial_from_body[None], axes_body)
    slope = jnp.zeros((3, layout.count)).at[:, ATTITUDE].set(axes)
    slope = slope.at[:, layout.of[sight.label]["misalignment_rad"]].set(axes_body)
    variance = jnp.stack([belief.cross_axis_rad, belief.cross_axis_rad, belief.roll_rad]) ** 2
    return Residuals(value, slope, variance, jnp.full(3, reading.valid))
