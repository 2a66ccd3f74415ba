"""The inertial measurement unit: increments with every error of a strapdown triad."""

import equinox as eqx
import jax
import jax.numpy as jnp

from perilune.interfaces import ImuReading
from perilune.mechanics.derivatives import to_quantum
from perilune.mechanics.rotation import cross


class TriadErrors(eqx.Module):
    """Three like instruments; `bias` and `limit` are per second, `walk` per root second."""

    bias: jax.Array  # (3,) rad/s or m/s2
    scale_fraction: jax.Array  # (3,)
    misalignment_rad: jax.Array  # (3,) small rotation of the triad
    walk: jax.Array  # rad/sqrt(s) or (m/s)/sqrt(s)
    limit: jax.Array  # rad/s or m/s2
    quantum: jax.Array  # rad or m/s


class Imu(eqx.Module):
    """One strapdown unit, taken to sit at the centre of mass."""

    gyro: TriadErrors
    accelerometer: TriadErrors


class ImuResidue(eqx.Module):
    """What quantisation has held back so far."""

    velocity_m_s: jax.Array
    rotation_rad: jax.Array


def measure(imu, residue, increments, noise, tick_s):
    """Read true body increments (velocity, rotation) over a tick; noise is (6,) standard normal."""
    velocity, residual_velocity = _read(
        imu.accelerometer, increments[0], residue.velocity_m_s, noise[:3], tick_s
    )
    rotation, residual_rotation = _read(
        imu.gyro, increments[1], residue.rotation_rad, noise[3:], tick_s
    )
    return ImuReading(velocity, rotation), ImuResidue(residual_velocity, residual_rotation)


def _read(triad, increment, residue, noise, tick_s):
    turned = increment - cross(triad.misalignment_rad, increment)
    scaled = turned * (1.0 + triad.scale_fraction) + triad.bias * tick_s
    noisy = scaled + triad.walk * jnp.sqrt(tick_s) * noise
    limited = jnp.clip(noisy, -triad.limit * tick_s, triad.limit * tick_s)
    held = limited + residue
    counted = to_quantum(held, triad.quantum)
    return counted, held - counted
