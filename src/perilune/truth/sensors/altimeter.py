"""The laser altimeter: two beams marched to the ground, with gate, incidence limit and dropouts."""

import equinox as eqx
import jax
import jax.numpy as jnp

from perilune.mechanics.rays import march
from perilune.messages import AltimeterReading


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


def measure(altimeter, ground, mount_m, beams, draws):
    """Slant ranges along `beams` (2, 3) from `mount_m`, both in Moon-fixed axes.

    `ground` is a pair of functions of a position: clearance and unit normal. `draws` holds
    standard normals (2,) and uniforms (2,).
    """
    noise, chance = draws
    clearance_m, normal_at = ground

    def one_beam(beam):
        range_m, hit = march(clearance_m, mount_m, beam, altimeter.max_range_m)
        cosine = -jnp.sum(beam * normal_at(mount_m + range_m * beam))
        return range_m, hit & (cosine > jnp.cos(altimeter.incidence_limit_rad))

    range_m, seen = jax.vmap(one_beam)(beams)
    sigma_m = jnp.sqrt(altimeter.noise_m**2 + (altimeter.noise_fraction * range_m) ** 2)
    noisy_m = range_m + sigma_m * noise
    counted_m = altimeter.quantum_m * jnp.round(noisy_m / altimeter.quantum_m)
    inside = (range_m > altimeter.min_range_m) & (range_m < altimeter.max_range_m)
    return AltimeterReading(counted_m, seen & inside & (chance >= altimeter.dropout_fraction))
