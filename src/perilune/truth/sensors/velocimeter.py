"""The Doppler velocimeter: closing speeds along three beams."""

import equinox as eqx
import jax
import jax.numpy as jnp

from perilune.interfaces import VelocimeterReading


class Velocimeter(eqx.Module):
    """Three coherent beams spread about the downward axis."""

    beam_body: jax.Array  # (3, 3) unit
    mount_body_m: jax.Array  # (3,)
    bias_m_s: jax.Array  # (3,)
    noise_m_s: jax.Array
    min_range_m: jax.Array
    max_range_m: jax.Array
    speed_limit_m_s: jax.Array
    incidence_limit_rad: jax.Array
    dropout_fraction: jax.Array
    scale_fraction: jax.Array  # of every speed, fixed per flight


def measure(velocimeter, relative_m_s, beams, ground, draws):
    """Speeds along `beams` (3, 3); `relative_m_s` is the mount's over the turning ground.

    `ground` is clearance (m) and unit normal below.

    Range serves validity only and is taken to the tangent plane below: right to the roughness of
    the ground over the beams' spread, a few per cent of the height.
    """
    noise, chance = draws
    clearance_m, normal = ground
    cosine = -jnp.sum(beams * normal, axis=-1)
    range_m = clearance_m / jnp.maximum(cosine, 1e-3)
    closing_m_s = jnp.sum(beams * relative_m_s, axis=-1)
    valid = (
        (cosine > jnp.cos(velocimeter.incidence_limit_rad))
        & (range_m > velocimeter.min_range_m)
        & (range_m < velocimeter.max_range_m)
        & (jnp.abs(closing_m_s) < velocimeter.speed_limit_m_s)
        & (chance >= velocimeter.dropout_fraction)
    )
    scaled_m_s = closing_m_s * (1.0 + velocimeter.scale_fraction)
    reading_m_s = scaled_m_s + velocimeter.bias_m_s + velocimeter.noise_m_s * noise
    return VelocimeterReading(reading_m_s, valid)
