"""The inertial measurement unit: increments with every error of a strapdown triad.

It is taken to sit at the centre of mass.
"""

from dataclasses import KW_ONLY

import equinox as eqx
import jax.numpy as jnp
from jaxtyping import Array, Float

from perilune.interfaces.imu import ImuErrors, ImuReading, ImuSpec
from perilune.interfaces.sensor import Draw
from perilune.mechanics.derivatives import to_quantum
from perilune.mechanics.rotation import cross
from perilune.truth.sensors.scene import Scene

LEAST_QUANTUM = 1e-15
"""No quantum is read as one below double precision."""


class ImuResidue(eqx.Module):
    """What quantisation has held back so far."""

    velocity_m_s: Float[Array, "3"]
    rotation_rad: Float[Array, "3"]


class Triad(eqx.Module):
    """Three like instruments; `bias` and `limit` are per second, `walk` per root second."""

    _: KW_ONLY
    bias: Float[Array, "3"]  # rad/s or m/s2
    scale_fraction: Float[Array, "3"]
    misalignment_rad: Float[Array, "3"]  # small rotation of the triad
    walk: Float[Array, ""]  # rad/sqrt(s) or (m/s)/sqrt(s)
    limit: Float[Array, ""]  # rad/s or m/s2
    quantum: Float[Array, ""]  # rad or m/s


def init(_: ImuSpec) -> ImuResidue:
    """Nothing held back yet."""
    return ImuResidue(jnp.zeros(3), jnp.zeros(3))


def measure(
    spec: ImuSpec, errors: ImuErrors, residue: ImuResidue, scene: Scene, draw: Draw
) -> tuple[ImuReading, ImuResidue]:
    """The increments over the tick that ends now, and what quantisation holds back of them."""
    state, tick_s = scene.state, scene.period_s
    velocity, residual_velocity = read(
        accelerometers(spec, errors),
        state.sensed_velocity_body_m_s,
        residue.velocity_m_s,
        draw.normals[:3],
        tick_s,
    )
    rotation, residual_rotation = read(
        gyros(spec, errors),
        state.sensed_rotation_body_rad,
        residue.rotation_rad,
        draw.normals[3:],
        tick_s,
    )
    reading = ImuReading(velocity, rotation, jnp.array(True))
    return reading, ImuResidue(residual_velocity, residual_rotation)


def gyros(spec: ImuSpec, errors: ImuErrors) -> Triad:
    """The three gyros."""
    return Triad(
        bias=jnp.asarray(errors.gyro_bias_rad_s),
        scale_fraction=jnp.asarray(errors.gyro_scale_fraction),
        misalignment_rad=jnp.asarray(errors.gyro_misalignment_rad),
        walk=jnp.asarray(spec.angle_random_walk_rad_per_sqrt_s),
        limit=jnp.asarray(spec.gyro_limit_rad_s),
        quantum=jnp.asarray(spec.gyro_quantum_rad),
    )


def accelerometers(spec: ImuSpec, errors: ImuErrors) -> Triad:
    """The three accelerometers."""
    return Triad(
        bias=jnp.asarray(errors.accelerometer_bias_m_s2),
        scale_fraction=jnp.asarray(errors.accelerometer_scale_fraction),
        misalignment_rad=jnp.asarray(errors.accelerometer_misalignment_rad),
        walk=jnp.asarray(spec.velocity_random_walk_m_s_per_sqrt_s),
        limit=jnp.asarray(spec.accelerometer_limit_m_s2),
        quantum=jnp.asarray(spec.accelerometer_quantum_m_s),
    )


def read(
    triad: Triad,
    increment: Float[Array, "3"],
    residue: Float[Array, "3"],
    noise: Float[Array, "3"],
    tick_s: Float[Array, ""],
) -> tuple[Float[Array, "3"], Float[Array, "3"]]:
    """An increment as a triad counts it, and what its quantum holds back."""
    turned = increment - cross(triad.misalignment_rad, increment)
    scaled = turned * (1.0 + triad.scale_fraction) + triad.bias * tick_s
    noisy = scaled + triad.walk * jnp.sqrt(tick_s) * noise
    limited = jnp.clip(noisy, -triad.limit * tick_s, triad.limit * tick_s)
    held = limited + residue
    counted = to_quantum(held, jnp.maximum(triad.quantum, LEAST_QUANTUM))
    return counted, held - counted


def sigma(spec: ImuSpec, reading: ImuReading, period_s: Float[Array, ""]) -> Float[Array, "6"]:
    """One sigma of its noise as rates: gyros, then accelerometers."""
    del reading
    per_root_s = jnp.sqrt(period_s)
    angle = spec.angle_random_walk_rad_per_sqrt_s / per_root_s
    speed = spec.velocity_random_walk_m_s_per_sqrt_s / per_root_s
    return jnp.concatenate([angle * jnp.ones(3), speed * jnp.ones(3)])


def shift(reading: ImuReading, error: Float[Array, "6"], scene: Scene) -> ImuReading:
    """The reading with an error of the rates added: gyros rad/s, then accelerometers m/s2."""
    return ImuReading(
        reading.velocity_increment_body_m_s + error[3:] * scene.period_s,
        reading.rotation_increment_body_rad + error[:3] * scene.period_s,
        reading.valid,
    )


def scale(reading: ImuReading, factor: Float[Array, "6"]) -> ImuReading:
    """The reading with what each instrument counts multiplied: gyros, then accelerometers."""
    return ImuReading(
        reading.velocity_increment_body_m_s * factor[3:],
        reading.rotation_increment_body_rad * factor[:3],
        reading.valid,
    )
