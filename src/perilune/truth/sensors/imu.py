"""The inertial measurement unit: increments with every error of a strapdown triad.

It sits on a mount off the centre of mass that bends and shakes while an engine burns.
"""

from dataclasses import KW_ONLY

import equinox as eqx
import jax.numpy as jnp
from jaxtyping import Array, Float

from perilune.interfaces.imu import ImuErrors, ImuReading, ImuSpec
from perilune.interfaces.sensor import Draw
from perilune.mechanics.derivatives import to_quantum
from perilune.mechanics.lever_arm import lever_increment_m_s
from perilune.mechanics.rotation import cross
from perilune.mechanics.two_sample import residual_drifts
from perilune.truth.sensors.scene import Scene

LEAST_QUANTUM = 1e-15
"""No quantum is read as one below double precision."""


class ImuResidue(eqx.Module):
    """What quantisation has held back so far, and the turning and the bend at the last reading."""

    _: KW_ONLY
    velocity_m_s: Float[Array, "3"]
    rotation_rad: Float[Array, "3"]
    rate_body_rad_s: Float[Array, "3"]
    bend_rad: Float[Array, "3"]


class Felt(eqx.Module):
    """What the unit's box goes through over a tick, in its own axes."""

    _: KW_ONLY
    velocity_m_s: Float[Array, "3"]
    rotation_rad: Float[Array, "3"]
    bend_rad: Float[Array, "3"]  # of the mount, at the end of the tick
    along_m_s2: Float[Array, ""]  # specific force along body +z
    vibration_m_s2: Float[Array, ""]  # rms


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
    """Nothing held back, nothing turning, the mount straight."""
    none = jnp.zeros(3)
    return ImuResidue(velocity_m_s=none, rotation_rad=none, rate_body_rad_s=none, bend_rad=none)


def measure(
    spec: ImuSpec, errors: ImuErrors, residue: ImuResidue, scene: Scene, draw: Draw
) -> tuple[ImuReading, ImuResidue]:
    """The increments over the tick that ends now, and what quantisation holds back of them."""
    felt, tick_s = at_mount(spec, errors, residue, scene), scene.period_s
    velocity, residual_velocity = read(
        accelerometers(spec, errors, felt),
        felt.velocity_m_s,
        residue.velocity_m_s,
        draw.normals[:3],
        tick_s,
    )
    rotation, residual_rotation = read(
        gyros(spec, errors, felt),
        felt.rotation_rad,
        residue.rotation_rad,
        draw.normals[3:],
        tick_s,
    )
    kept = ImuResidue(
        velocity_m_s=residual_velocity,
        rotation_rad=residual_rotation,
        rate_body_rad_s=scene.state.rate_body_rad_s,
        bend_rad=felt.bend_rad,
    )
    return ImuReading(velocity, rotation, jnp.array(True)), kept


def at_mount(spec: ImuSpec, errors: ImuErrors, residue: ImuResidue, scene: Scene) -> Felt:
    """Increments at the end of the lever arm, in the axes of a mount that bends under thrust.

    A bend is a turn of the box against the body: what it feels is turned the other way, and the
    gyros see the bending itself.
    """
    state, tick_s = scene.state, scene.period_s
    pushed_m_s, turned_rad = state.sensed_velocity_body_m_s, state.sensed_rotation_body_rad
    along_m_s2 = pushed_m_s[2] / tick_s
    bend_rad = jnp.asarray(errors.mount_flex_rad_per_m_s2) * along_m_s2
    swung_m_s = pushed_m_s + lever_increment_m_s(
        jnp.asarray(spec.mount_m) - scene.center_body_m,
        turned_rad / tick_s,
        state.rate_body_rad_s - residue.rate_body_rad_s,
        tick_s,
    )
    return Felt(
        velocity_m_s=swung_m_s - cross(bend_rad, swung_m_s),
        rotation_rad=turned_rad - cross(bend_rad, turned_rad) + bend_rad - residue.bend_rad,
        bend_rad=bend_rad,
        along_m_s2=along_m_s2,
        vibration_m_s2=spec.vibration_factor * jnp.abs(along_m_s2),
    )


def gyros(spec: ImuSpec, errors: ImuErrors, felt: Felt) -> Triad:
    """The three gyros, drifting with the thrust and with what is left of coning."""
    coning_rad_s, _ = left_of_rocking(spec, felt)
    pushed_rad_s = jnp.asarray(errors.gyro_g_sensitivity_rad_s_per_m_s2) * felt.along_m_s2
    return Triad(
        bias=jnp.asarray(errors.gyro_bias_rad_s) + pushed_rad_s + coning_rad_s,
        scale_fraction=jnp.asarray(errors.gyro_scale_fraction),
        misalignment_rad=jnp.asarray(errors.gyro_misalignment_rad),
        walk=jnp.asarray(spec.angle_random_walk_rad_per_sqrt_s),
        limit=jnp.asarray(spec.gyro_limit_rad_s),
        quantum=jnp.asarray(spec.gyro_quantum_rad),
    )


def accelerometers(spec: ImuSpec, errors: ImuErrors, felt: Felt) -> Triad:
    """The three accelerometers, rectifying vibration, with what is left of sculling."""
    _, sculling_m_s2 = left_of_rocking(spec, felt)
    per_square = jnp.asarray(errors.accelerometer_vibration_rectification_s2_per_m)
    rectified_m_s2 = per_square * felt.vibration_m_s2**2
    return Triad(
        bias=jnp.asarray(errors.accelerometer_bias_m_s2) + rectified_m_s2 + sculling_m_s2,
        scale_fraction=jnp.asarray(errors.accelerometer_scale_fraction),
        misalignment_rad=jnp.asarray(errors.accelerometer_misalignment_rad),
        walk=jnp.asarray(spec.velocity_random_walk_m_s_per_sqrt_s),
        limit=jnp.asarray(spec.accelerometer_limit_m_s2),
        quantum=jnp.asarray(spec.accelerometer_quantum_m_s),
    )


def left_of_rocking(spec: ImuSpec, felt: Felt) -> tuple[Float[Array, ""], Float[Array, ""]]:
    """Residual coning, rad/s, and sculling, m/s2: alike about and along every axis."""
    return residual_drifts(
        spec.vibration_frequency_hz,
        spec.internal_rate_hz,
        spec.rocking_rad_per_m_s2 * felt.vibration_m_s2,
        felt.vibration_m_s2,
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


def limit(reading: ImuReading, most: Float[Array, "6"], scene: Scene) -> ImuReading:
    """The reading within plus and minus a limit of the rates: gyros rad/s, accelerometers m/s2."""
    most_rad, most_m_s = most[:3] * scene.period_s, most[3:] * scene.period_s
    return ImuReading(
        jnp.clip(reading.velocity_increment_body_m_s, -most_m_s, most_m_s),
        jnp.clip(reading.rotation_increment_body_rad, -most_rad, most_rad),
        reading.valid,
    )
