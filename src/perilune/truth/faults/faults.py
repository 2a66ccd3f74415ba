"""Faults as data at the seam: each maps a reading to the reading that arrives instead."""

import dataclasses

import equinox as eqx
import jax
import jax.numpy as jnp

from perilune.mechanics.derivatives import root


class Faults(eqx.Module):
    """All faults of a flight; a time never reached and a factor of one mean none."""

    altimeter_lost_after_s: jax.Array
    altimeter_noise_factor: jax.Array
    altimeter_noise_m: jax.Array  # the healthy sigma at no range, which the factor multiplies
    altimeter_noise_fraction: jax.Array
    velocimeter_lost_after_s: jax.Array


def no_faults():
    """Everything works."""
    return Faults(*map(jnp.array, (jnp.inf, 1.0, 0.0, 0.0, jnp.inf)))


def on_altimeter(faults, reading, time_s, noise):
    """Lost, or noisier: the added error makes the total sigma `factor` times the healthy one."""
    sigma_m = jnp.sqrt(
        faults.altimeter_noise_m**2 + (faults.altimeter_noise_fraction * reading.range_m) ** 2
    )
    added = root(jnp.maximum(faults.altimeter_noise_factor**2 - 1.0, 0.0)) * sigma_m * noise
    alive = reading.valid & (time_s < faults.altimeter_lost_after_s)
    range_m = jnp.maximum(reading.range_m + added, 0.0)
    return dataclasses.replace(reading, range_m=range_m, valid=alive)


def on_velocimeter(faults, reading, time_s):
    """Lost after a time."""
    return dataclasses.replace(
        reading, valid=reading.valid & (time_s < faults.velocimeter_lost_after_s)
    )
