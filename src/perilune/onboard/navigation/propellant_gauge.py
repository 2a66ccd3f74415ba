"""What the flight software knows of a propellant gauge."""

from dataclasses import KW_ONLY

import equinox as eqx
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from perilune.interfaces.propellant_gauge import PropellantGaugeErrors, PropellantGaugeSpec
from perilune.onboard.navigation.sight import Craft


class Belief(eqx.Module):
    """One-sigma figures."""

    _: KW_ONLY
    noise_kg: Float[Array, ""]
    bias_kg: Float[Array, ""]  # for a flight, with that of the empty vehicle's mass
    scale_fraction: Float[Array, ""]  # for a flight, of what is left


def believe(spec: PropellantGaugeSpec, drawn: PropellantGaugeErrors, craft: Craft) -> Belief:
    """As specified; `navigation.mass_filter` uses it."""
    del drawn
    return Belief(
        noise_kg=jnp.asarray(spec.noise_kg),
        bias_kg=jnp.asarray(np.hypot(spec.bias_kg, craft.empty_mass_kg)),
        scale_fraction=jnp.asarray(spec.scale_fraction),
    )


def first_variances(
    spec: PropellantGaugeSpec, drawn: PropellantGaugeErrors, craft: Craft
) -> dict[str, Float[np.ndarray, " n"]]:
    """No state of the filter of the motion."""
    del spec, drawn, craft
    return {}
