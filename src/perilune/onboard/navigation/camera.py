"""Where the camera should have placed the vehicle, and how that depends on the errors."""

from dataclasses import KW_ONLY

import equinox as eqx
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from perilune.interfaces.camera import CameraErrors, CameraReading, CameraSpec, one_sigma_m
from perilune.mechanics.rotation import conjugate, cross, rotate
from perilune.onboard.navigation.estimate import POSITION, Estimate
from perilune.onboard.navigation.sight import Craft, Sight
from perilune.onboard.navigation.update import Residuals


class Belief(eqx.Module):
    """One-sigma figures."""

    _: KW_ONLY
    noise_m: Float[Array, ""]
    noise_fraction: Float[Array, ""]
    vertical_factor: Float[Array, ""]
    map_resolution_m: Float[Array, ""]


def believe(spec: CameraSpec, drawn: CameraErrors, craft: Craft) -> Belief:
    """As specified."""
    del drawn, craft
    return Belief(
        noise_m=jnp.asarray(spec.noise_m),
        noise_fraction=jnp.asarray(spec.noise_fraction),
        vertical_factor=jnp.asarray(spec.vertical_factor),
        map_resolution_m=jnp.asarray(spec.map_resolution_m),
    )


def first_variances(
    spec: CameraSpec, drawn: CameraErrors, craft: Craft
) -> dict[str, Float[np.ndarray, " n"]]:
    """Along and across the track: the map's tie, and its lie on the Moon; up: its tie.

    What the map's height is off by everywhere is of the filter's datum.
    """
    del drawn
    return {"bias_m": spec.bias_m**2 + np.append(craft.map_lie_m2, 0.0)}


def expect(belief: Belief, sight: Sight, estimate: Estimate, reading: CameraReading) -> Residuals:
    """Three rows: along the track, across it and up, each with a bias of its own.

    The fix says by how many matches it is worse than one in full light.
    """
    layout, bias_m = estimate.layout, estimate.biases[sight.label]["bias_m"]
    here_fixed = rotate(sight.fixed_from_inertial, estimate.position_inertial_m)
    up = here_fixed / jnp.linalg.norm(here_fixed)
    along = cross(sight.chart.track_normal_fixed, up)
    along = along / jnp.linalg.norm(along)
    axes = jnp.stack([along, cross(up, along), up])
    value = jnp.sum(axes * (reading.position_fixed_m - here_fixed), axis=-1) - bias_m
    inertial_axes = rotate(conjugate(sight.fixed_from_inertial)[None], axes)
    slope = jnp.zeros((3, layout.count)).at[:, POSITION].set(inertial_axes)
    slope = slope.at[:, layout.of[sight.label]["bias_m"]].set(jnp.eye(3))
    valid = jnp.stack([reading.valid, reading.valid, reading.valid])
    sigma_m = one_sigma_m(belief, reading.height_m, reading.quality_fraction)
    return Residuals(value, slope, sigma_m**2, valid)
