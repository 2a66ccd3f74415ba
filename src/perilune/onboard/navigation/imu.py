"""The inertial units: the first one whose reading is valid is used, the others stand by.

The rule is that of a primary and its backups, in the order of their names. Each has its own biases
in the filter. Where none is valid, nothing is taken to turn or push.
"""

from collections.abc import Mapping
from dataclasses import KW_ONLY

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Bool, Float

from perilune.interfaces.imu import ImuErrors, ImuReading, ImuSpec
from perilune.mechanics.lever_arm import lever_increment_m_s
from perilune.mechanics.two_sample import residual_drifts
from perilune.onboard.navigation.estimate import (
    ACCELEROMETER_BIAS,
    GYRO_BIAS,
    Estimate,
)
from perilune.onboard.navigation.sight import Craft

LEAST_TICK_S = 1e-9
"""Before the first tick nothing has turned, and its rate is not nothing over nothing."""


class Belief(eqx.Module):
    """What is believed of a unit: where it sits, and its white noise."""

    _: KW_ONLY
    mount_body_m: Float[Array, "3"]
    angle_walk_rad_per_sqrt_s: Float[Array, ""]
    velocity_walk_m_s_per_sqrt_s: Float[Array, ""]


class Carried(eqx.Module):
    """How long the tick was, what carries the units over it, and how that turned before."""

    tick_s: Float[Array, ""]
    center_body_m: Float[Array, "3"]  # the centre of mass as believed
    rate_before_rad_s: Float[Array, "3"]


class Inertial(eqx.Module):
    """The increments of the unit in use, of the centre of mass, and its biases as believed."""

    _: KW_ONLY
    velocity_increment_body_m_s: Float[Array, "3"]
    rotation_increment_body_rad: Float[Array, "3"]
    rate_body_rad_s: Float[Array, "3"]
    gyro_bias_rad_s: Float[Array, "3"]
    accelerometer_bias_m_s2: Float[Array, "3"]


def believe(spec: ImuSpec, drawn: ImuErrors, craft: Craft) -> Belief:
    """As specified."""
    del drawn, craft
    return Belief(
        mount_body_m=jnp.asarray(spec.mount_m),
        angle_walk_rad_per_sqrt_s=jnp.asarray(spec.angle_random_walk_rad_per_sqrt_s),
        velocity_walk_m_s_per_sqrt_s=jnp.asarray(spec.velocity_random_walk_m_s_per_sqrt_s),
    )


def first_variances(
    spec: ImuSpec, drawn: ImuErrors, craft: Craft
) -> dict[str, Float[np.ndarray, " n"]]:
    """Of its biases at the start.

    Errors that grow with the thrust act like biases while braking is steady, and are counted so:
    scale errors of the accelerometers, drifts by thrust, what vibration leaves.
    """
    del drawn
    shaken_m_s2 = spec.vibration_factor * craft.braking_m_s2
    coning_rad_s, sculling_m_s2 = residual_drifts(
        spec.vibration_frequency_hz,
        spec.internal_rate_hz,
        spec.rocking_rad_per_m_s2 * shaken_m_s2,
        shaken_m_s2,
    )
    drift_rad_s = spec.gyro_g_sensitivity_rad_s_per_m_s2 * craft.braking_m_s2
    gyro2 = spec.gyro_bias_rad_s**2 + drift_rad_s**2 + float(coning_rad_s) ** 2
    scale_m_s2 = spec.accelerometer_scale_fraction * craft.braking_m_s2
    skew_m_s2 = spec.accelerometer_misalignment_rad * craft.braking_m_s2
    rectified_m_s2 = spec.accelerometer_vibration_rectification_s2_per_m * shaken_m_s2**2
    bias2 = spec.accelerometer_bias_m_s2**2 + scale_m_s2**2 + skew_m_s2**2
    shaken2 = rectified_m_s2**2 + float(sculling_m_s2) ** 2
    return {
        GYRO_BIAS: gyro2 * np.ones(3),
        ACCELEROMETER_BIAS: (bias2 + shaken2) * np.ones(3),
    }


def hear(
    beliefs: Mapping[str, Belief],
    estimate: Estimate,
    readings: Mapping[str, ImuReading],
    carried: Carried,
) -> tuple[Inertial, Bool[Array, " units"]]:
    """The first unit whose reading is valid, and which of the units that is."""
    all_heard = {
        label: _of(beliefs[label], estimate.biases[label], reading, carried)
        for label, reading in readings.items()
    }
    heard = jax.tree.map(jnp.zeros_like, next(iter(all_heard.values())))
    for label in sorted(readings, reverse=True):
        mine, valid = all_heard[label], readings[label].valid
        heard = jax.tree.map(lambda new, old, yes=valid: jnp.where(yes, new, old), mine, heard)
    valid = jnp.stack([readings[label].valid for label in sorted(readings)])
    return heard, valid & (jnp.cumsum(valid) == 1)


def _of(
    belief: Belief, biases: Mapping[str, Float[Array, "3"]], reading: ImuReading, carried: Carried
) -> Inertial:
    """A unit's increments, less what its lever arm adds by the rates that its gyros give."""
    tick_s = jnp.maximum(carried.tick_s, LEAST_TICK_S)
    rate_rad_s = reading.rotation_increment_body_rad / tick_s - biases[GYRO_BIAS]
    swung_m_s = lever_increment_m_s(
        belief.mount_body_m - carried.center_body_m,
        rate_rad_s,
        rate_rad_s - carried.rate_before_rad_s,
        carried.tick_s,
    )
    return Inertial(
        velocity_increment_body_m_s=reading.velocity_increment_body_m_s - swung_m_s,
        rotation_increment_body_rad=reading.rotation_increment_body_rad,
        rate_body_rad_s=rate_rad_s,
        gyro_bias_rad_s=biases[GYRO_BIAS],
        accelerometer_bias_m_s2=biases[ACCELEROMETER_BIAS],
    )
