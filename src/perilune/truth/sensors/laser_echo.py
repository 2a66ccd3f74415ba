"""What becomes of a laser pulse on its way: how deep its echo is, and whether it is one at all.

A spot on a slope, and relief within the spot, spread an echo over a depth along the beam (Gardner
1992, IEEE Trans. Geosci. Remote Sensing 30(5), eq. 7, without the curvature of the wavefront).
Sunlight on the ground drowns echoes the more the fainter they are, by the square of the range.
Dust that engines raise takes echoes, and gives some of its own.
"""

from typing import NamedTuple

import jax.numpy as jnp
from jaxtyping import Array, Bool, Float

from perilune.interfaces.altimeter import AltimeterSpec
from perilune.truth.sensors.scene import Scene

LEAST_COSINE = 0.05
LEAST_HEIGHT_M = 1e-9


class Fate(NamedTuple):
    """What a reading is of."""

    lost: Bool[Array, ""]
    false: Bool[Array, ""]  # an echo of nothing, or of dust


def depth_m(
    spec: AltimeterSpec, scene: Scene, range_m: Float[Array, ""], cosine: Float[Array, ""]
) -> Float[Array, ""]:
    """One sigma of an echo's depth along the beam; `cosine` is that of the incidence.

    The spot of radius w = r tan(divergence) on a slope: w tan(incidence). Relief within it, of the
    ground's rms slope at its size: w slope / cos(incidence).
    """
    spot_m = range_m * jnp.tan(jnp.asarray(spec.divergence_rad))
    held = jnp.clip(cosine, LEAST_COSINE, 1.0)
    rough = scene.ground.rough_slope(spot_m)
    return spot_m * jnp.sqrt(1.0 - held**2 + rough**2) / held


def fate(
    spec: AltimeterSpec, scene: Scene, range_m: Float[Array, ""], chance: Float[Array, ""]
) -> Fate:
    """By one uniform number: lost below the chance of that, false in the part next to it."""
    dusty = _dust(spec, scene)
    kept = (1.0 - spec.dropout_fraction) * (1.0 - _drowned(spec, scene, range_m))
    kept = kept * (1.0 - spec.dust_dropout_fraction * dusty)
    true = (1.0 - spec.false_echo_fraction) * (1.0 - spec.dust_echo_fraction * dusty)
    lost = chance < 1.0 - kept
    return Fate(lost, ~lost & (chance < 1.0 - kept * true))


def _drowned(spec: AltimeterSpec, scene: Scene, range_m: Float[Array, ""]) -> Float[Array, ""]:
    """The chance that sunlight takes an echo: by Lambert's law for level ground, as it is lit."""
    light = scene.ground.lighting()
    bright = jnp.maximum(jnp.sin(light.sun_elevation_rad), 0.0) * light.lit_fraction
    far = jnp.minimum(range_m / spec.max_range_m, 1.0)
    return spec.sun_dropout_fraction * bright * far**2


def _dust(spec: AltimeterSpec, scene: Scene) -> Float[Array, ""]:
    """How thick the dust is: 1 at the ground, falling evenly to nothing at its height."""
    burning = jnp.any(scene.state.thrust_n > 0.0)
    top_m = jnp.maximum(spec.dust_height_m, LEAST_HEIGHT_M)
    below = jnp.clip(1.0 - scene.ground.height_m / top_m, 0.0, 1.0)
    return jnp.where(burning, below, 0.0)
