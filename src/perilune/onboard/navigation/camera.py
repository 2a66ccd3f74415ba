"""Where the camera should have placed the vehicle, and how that depends on the errors."""

import equinox as eqx
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from perilune.interfaces.camera import CameraErrors, CameraReading, CameraSpec
from perilune.mechanics.rotation import conjugate, cross, rotate
from perilune.onboard.navigation.estimate import POSITION, Estimate
from perilune.onboard.navigation.sight import Craft, Sight
from perilune.onboard.navigation.update import Residuals


class Belief(eqx.Module):
    """One-sigma figures."""

    noise_m: Float[Array, ""]


def believe(spec: CameraSpec, drawn: CameraErrors, craft: Craft) -> Belief:
    """As specified."""
    del drawn, craft
    return Belief(jnp.asarray(spec.noise_m))


def first_variances(
    spec: CameraSpec, drawn: CameraErrors, craft: Craft
) -> dict[str, Float[np.ndarray, " n"]]:
    """Along and across the track: the camera's own bias, and the map's lie on the Moon."""
    del drawn
    return {"bias_m": spec.bias_m**2 + craft.map_lie_m2}


def expect(belief: Belief, sight: Sight, estimate: Estimate, reading: CameraReading) -> Residuals:
    """Two rows: along and across the track, each with a bias of its own."""
    layout, bias_m = estimate.layout, estimate.biases[sight.label]["bias_m"]
    here_fixed = rotate(sight.fixed_from_inertial, estimate.position_inertial_m)
    up = here_fixed / jnp.linalg.norm(here_fixed)
    along = cross(sight.chart.track_normal_fixed, up)
    along = along / jnp.linalg.norm(along)
    axes = jnp.stack([along, cross(up, along)])
    value = jnp.sum(axes * (reading.position_fixed_m - here_fixed), axis=-1) - bias_m
    inertial_axes = rotate(conjugate(sight.fixed_from_inertial)[None], axes)
    slope = jnp.zeros((2, layout.count)).at[:, POSITION].set(inertial_axes)
    slope = slope.at[:, layout.of[sight.label]["bias_m"]].set(jnp.eye(2))
    valid = jnp.stack([reading.valid, reading.valid])
    return Residuals(value, slope, jnp.full(2, belief.noise_m**2), valid)
