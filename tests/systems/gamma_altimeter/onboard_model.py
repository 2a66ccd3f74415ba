"""What the gamma-ray altimeter should have read, and how that depends on the errors."""

from dataclasses import KW_ONLY

import equinox as eqx
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float
from perilune.interfaces.gamma_altimeter import (
    GammaAltimeterErrors,
    GammaAltimeterReading,
    GammaAltimeterSpec,
)

from perilune.mechanics.rotation import conjugate, rotate
from perilune.mechanics.terrain_map import map_height_and_gradient
from perilune.onboard.navigation.estimate import POSITION, Estimate
from perilune.onboard.navigation.sight import Craft, Sight
from perilune.onboard.navigation.update import Residuals


class Belief(eqx.Module):
    """Where it is, and its noise."""

    _: KW_ONLY
    mount_from_center_m: Float[Array, "3"]
    noise_m: Float[Array, ""]


def believe(spec: GammaAltimeterSpec, drawn: GammaAltimeterErrors, craft: Craft) -> Belief:
    """As specified."""
    del drawn
    return Belief(
        mount_from_center_m=jnp.asarray(spec.mount_m) - craft.landing_center_m,
        noise_m=jnp.asarray(spec.noise_m),
    )


def first_variances(
    spec: GammaAltimeterSpec, drawn: GammaAltimeterErrors, craft: Craft
) -> dict[str, np.ndarray]:
    """Of its bias."""
    del drawn, craft
    return {"bias_m": spec.bias_m**2 * np.ones(1)}


def expect(
    belief: Belief, sight: Sight, estimate: Estimate, reading: GammaAltimeterReading
) -> Residuals:
    """One row: the detector's height over the map below it, and the two biases."""
    layout, chart = estimate.layout, sight.chart
    arm_m = rotate(estimate.inertial_from_body, belief.mount_from_center_m)
    here_fixed = rotate(sight.fixed_from_inertial, estimate.position_inertial_m + arm_m)
    ground_m, gradient = map_height_and_gradient(chart.terrain_map, here_fixed)
    radius_m = jnp.linalg.norm(here_fixed)
    over_m = radius_m - chart.terrain_map.reference_radius_m - ground_m - estimate.map_bias_m
    bias_m = estimate.biases[sight.label]["bias_m"][0]
    normal = rotate(conjugate(sight.fixed_from_inertial), here_fixed / radius_m - gradient)
    slope = jnp.zeros(layout.count).at[POSITION].set(normal).at[layout.map_bias].set(-1.0)
    slope = slope.at[layout.of[sight.label]["bias_m"]].set(1.0)
    return Residuals(
        (reading.height_m - over_m - bias_m)[None],
        slope[None],
        (belief.noise_m**2)[None],
        reading.valid[None],
        height_alone=True,
    )
