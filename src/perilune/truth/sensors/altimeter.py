"""The laser altimeter: one of two beams marched to the ground, with its limits and dropouts."""

import equinox as eqx
import jax
import jax.numpy as jnp

from perilune.interfaces import AltimeterReading
from perilune.mechanics.derivatives import to_quantum
from perilune.mechanics.ray_march import march


class Altimeter(eqx.Module):
    """Beam directions and mount are in body axes: canted beam first, then the axial one."""

    beam_body: jax.Array  # (2, 3) unit
    mount_body_m: jax.Array  # (3,)
    noise_m: jax.Array  # one sigma at no range
    noise_fraction: jax.Array  # of the range, added in square
    min_range_m: jax.Array
    max_range_m: jax.Array
    incidence_limit_rad: jax.Array
    dropout_fraction: jax.Array
    quantum_m: jax.Array
    bias_m: jax.Array  # fixed per flight
    scale_fraction: jax.Array  # of the range, fixed per flight


def measure(altimeter, ground, mount_m, beam, draws):
    """The slant range along `beam` = (index, unit direction) from `mount_m`, Moon-fixed axes.

    `ground` is a pair of functions of a position: clearance and unit normal. `draws` holds one
    standard normal and one uniform.
    """
    noise, chance = draws
    clearance_m, normal_at = ground
    index, direction = beam
    range_m, hit = march(clearance_m, mount_m, direction, altimeter.max_range_m)
    cosine = -jnp.sum(direction * normal_at(mount_m + range_m * direction))
    seen = hit & (cosine > jnp.cos(altimeter.incidence_limit_rad))
    sigma_m = jnp.sqrt(altimeter.noise_m**2 + (altimeter.noise_fraction * range_m) ** 2)
    biased_m = range_m * (1.0 + altimeter.scale_fraction) + altimeter.bias_m
    noisy_m = biased_m + sigma_m * noise
    counted_m = to_quantum(noisy_m, altimeter.quantum_m)
    inside = (range_m > altimeter.min_range_m) & (range_m < altimeter.max_range_m)
    valid = seen & inside & (chance >= altimeter.dropout_fraction)
    return AltimeterReading(counted_m, index, valid)
