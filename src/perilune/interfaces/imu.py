"""The inertial measurement unit: increments of velocity and rotation at every tick."""

from typing import Annotated

import equinox as eqx
import jax.numpy as jnp
from jaxtyping import Array, Bool, Float
from pydantic import Field

from perilune.interfaces.sensor import Rate, Sensor
from perilune.interfaces.table import Scale, Slack, SmallTurn, Table, Vector, Why

NONE = (0.0, 0.0, 0.0)
SigmaOfGyroBias = Annotated[float, Field(ge=0.0, le=0.01), Why("no gyro of a spacecraft is so bad")]
SigmaOfPush = Annotated[float, Field(ge=0.0, le=0.1), Why("guidance could not see through")]
SigmaOfScale = Annotated[
    float, Field(ge=0.0, le=0.1), Why("a tenth of a reading is no scale error")
]
GyroBias = Annotated[float, Field(ge=-0.1, le=0.1), Why("no gyro of a spacecraft is so bad")]
Push = Annotated[float, Field(ge=-1.0, le=1.0), Why("it is near the pull of the Moon itself")]
SigmaOfDrift = Annotated[
    float, Field(ge=0.0, le=1e-4), Why("at one g0 it would drift by more than 200 deg/h")
]
Drift = Annotated[float, Field(ge=-1e-3, le=1e-3), Why("no gyro of a spacecraft is so bad")]
SigmaOfBend = Annotated[float, Field(ge=0.0, le=0.01), Why("turns are added as small angles")]
Bend = Annotated[float, Field(ge=-0.01, le=0.01), Why("turns are added as small angles")]
SigmaOfRectified = Annotated[
    float, Field(ge=0.0, le=0.001), Why("it would take half of a vibration of 50 g0 for a push")
]
Rectified = Annotated[
    float, Field(ge=-0.01, le=0.01), Why("it would take a vibration for a push of its own size")
]
Frequency = Annotated[float, Field(gt=0.0, le=1e6)]


class ImuSpec(Table):
    """Gyros and accelerometers; bias, scale and misalignment are one sigma, fixed per flight."""

    mount_m: Vector
    """Where it sits, in the body frame."""
    gyro_bias_rad_s: SigmaOfGyroBias
    """One sigma, fixed per flight."""
    gyro_scale_fraction: SigmaOfScale
    """One sigma, fixed per flight."""
    gyro_misalignment_rad: Slack
    """One sigma an axis, fixed per flight."""
    angle_random_walk_rad_per_sqrt_s: Annotated[float, Field(ge=0.0, le=0.01)]
    """White noise of the gyros."""
    gyro_limit_rad_s: Annotated[float, Field(gt=0.0, le=1_000.0)]
    """Where the gyros saturate."""
    gyro_quantum_rad: Annotated[float, Field(ge=0.0, le=0.001)]
    """Least step of the angle."""
    accelerometer_bias_m_s2: SigmaOfPush
    """One sigma, fixed per flight."""
    accelerometer_scale_fraction: SigmaOfScale
    """One sigma, fixed per flight."""
    accelerometer_misalignment_rad: Slack
    """One sigma an axis, fixed per flight."""
    velocity_random_walk_m_s_per_sqrt_s: Annotated[float, Field(ge=0.0, le=0.1)]
    """White noise of the accelerometers."""
    accelerometer_limit_m_s2: Annotated[float, Field(gt=0.0, le=1e5)]
    """Where the accelerometers saturate."""
    accelerometer_quantum_m_s: Annotated[float, Field(ge=0.0, le=0.01)]
    """Least step of the velocity."""
    gyro_g_sensitivity_rad_s_per_m_s2: SigmaOfDrift = 0.0
    """Drift of a gyro per specific force along +z, the thrust axis; one sigma, fixed per flight."""
    accelerometer_vibration_rectification_s2_per_m: SigmaOfRectified = 0.0
    """Bias per mean square of the vibration; one sigma, fixed per flight."""
    mount_flex_rad_per_m_s2: SigmaOfBend = 0.0
    """Turn of the mount an axis per specific force along +z; one sigma, fixed per flight."""
    vibration_factor: Annotated[float, Field(ge=0.0, le=100.0)] = 0.0
    """Vibration of the mount, rms, as a multiple of the specific force along +z."""
    vibration_frequency_hz: Frequency = 100.0
    """Of that vibration."""
    rocking_rad_per_m_s2: Annotated[float, Field(ge=0.0, le=1e-3)] = 0.0
    """By what angle the vibration rocks the mount about each axis, rms, per its own rms."""
    internal_rate_hz: Frequency = 1000.0
    """At which the unit samples, two samples to each turn that it adds up."""


class ImuErrors(Table):
    """Of gyros and accelerometers, about body x, y and z."""

    gyro_bias_rad_s: tuple[GyroBias, GyroBias, GyroBias] = NONE
    """Added to each rate."""
    gyro_scale_fraction: tuple[Scale, Scale, Scale] = NONE
    """Of each rate."""
    gyro_misalignment_rad: tuple[SmallTurn, SmallTurn, SmallTurn] = NONE
    """Small turn of the three gyros against the body."""
    accelerometer_bias_m_s2: tuple[Push, Push, Push] = NONE
    """Added to each specific force."""
    accelerometer_scale_fraction: tuple[Scale, Scale, Scale] = NONE
    """Of each specific force."""
    accelerometer_misalignment_rad: tuple[SmallTurn, SmallTurn, SmallTurn] = NONE
    """Small turn of the three accelerometers against the body."""
    gyro_g_sensitivity_rad_s_per_m_s2: tuple[Drift, Drift, Drift] = NONE
    """Drift per specific force along +z."""
    accelerometer_vibration_rectification_s2_per_m: tuple[Rectified, Rectified, Rectified] = NONE
    """Bias per mean square of the vibration."""
    mount_flex_rad_per_m_s2: tuple[Bend, Bend, Bend] = NONE
    """Small turn of the mount per specific force along +z."""


class ImuReading(eqx.Module):
    """Increments since the last tick, in body axes, as a strapdown unit gives them."""

    velocity_increment_body_m_s: Float[Array, "3"]  # specific force integrated
    rotation_increment_body_rad: Float[Array, "3"]
    valid: Bool[Array, ""]


IMU = Sensor(
    kind="imu",
    title="inertial measurement unit",
    spec=ImuSpec,
    errors=ImuErrors,
    silent=lambda: ImuReading(jnp.zeros(3), jnp.zeros(3), jnp.array(False)),
    rate=Rate.TICK,
    normals=(6,),
    noises={"accelerometer noise": 3, "gyro noise": 3},
    bias_states={"gyro_bias_rad_s": 3, "accelerometer_bias_m_s2": 3},
    error_units={"gyro": ("rad_s", 3), "accelerometer": ("m_s2", 3)},
    scaled_parts=("gyro", "accelerometer"),
    limited_parts=("gyro", "accelerometer"),
    axes=("x", "y", "z"),
    truth_alone=(
        "gyro_scale_fraction",
        "gyro_misalignment_rad",
        "gyro_limit_rad_s",
        "gyro_quantum_rad",
        "accelerometer_limit_m_s2",
        "accelerometer_quantum_m_s",
    ),
)
