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
from perilune.onboard.navigation.estimate import (
    ACCELEROMETER_BIAS,
    GYRO_BIAS,
    Estimate,
)
from perilune.onboard.navigation.sight import Craft


class Belief(eqx.Module):
    """What is believed of a unit: its white noise."""

    angle_walk_rad_per_sqrt_s: Float[Array, ""]
    velocity_walk_m_s_per_sqrt_s: Float[Array, ""]


class Inertial(eqx.Module):
    """The increments of the unit in use, in body axes, and its biases as believed."""

    _: KW_ONLY
    velocity_increment_body_m_s: Float[Array, "3"]
    rotation_increment_body_rad: Float[Array, "3"]
    gyro_bias_rad_s: Float[Array, "3"]
    accelerometer_bias_m_s2: Float[Array, "3"]


def believe(spec: ImuSpec, drawn: ImuErrors, craft: Craft) -> Belief:
    """As specified."""
    del drawn, craft
    return Belief(
        jnp.asarray(spec.angle_random_walk_rad_per_sqrt_s),
        jnp.asarray(spec.velocity_random_walk_m_s_per_sqrt_s),
    )


def first_variances(
    spec: ImuSpec, drawn: ImuErrors, craft: Craft
) -> dict[str, Float[np.ndarray, " n"]]:
    """Of its biases at the start.

    Scale errors of the accelerometers act like biases while braking is steady, and are counted so.
    """
    del drawn
    scale_m_s2 = spec.accelerometer_scale_fraction * craft.braking_m_s2
    skew_m_s2 = spec.accelerometer_misalignment_rad * craft.braking_m_s2
    bias2 = spec.accelerometer_bias_m_s2**2 + scale_m_s2**2 + skew_m_s2**2
    return {
        GYRO_BIAS: spec.gyro_bias_rad_s**2 * np.ones(3),
        ACCELEROMETER_BIAS: bias2 * np.ones(3),
    }


def hear(
    estimate: Estimate, readings: Mapping[str, ImuReading]
) -> tuple[Inertial, Bool[Array, " units"]]:
    """The first unit whose reading is valid, and which of the units that is."""
    heard = jax.tree.map(jnp.zeros_like, _of(estimate, *next(iter(readings.items()))))
    for label in sorted(readings, reverse=True):
        mine, valid = _of(estimate, label, readings[label]), readings[label].valid
        heard = jax.tree.map(lambda new, old, yes=valid: jnp.where(yes, new, old), mine, heard)
    valid = jnp.stack([readings[label].valid for label in sorted(readings)])
    return heard, valid & (jnp.cumsum(valid) == 1)


def _of(estimate: Estimate, label: str, reading: ImuReading) -> Inertial:
    biases = estimate.biases[label]
    return Inertial(
        velocity_increment_body_m_s=reading.velocity_increment_body_m_s,
        rotation_increment_body_rad=reading.rotation_increment_body_rad,
        gyro_bias_rad_s=biases[GYRO_BIAS],
        accelerometer_bias_m_s2=biases[ACCELEROMETER_BIAS],
    )
