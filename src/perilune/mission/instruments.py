"""What a lander file says of its sensors: what they measure and how wrong they are.

Body frame as in `mission.lander`; all values are SI. A lander may lack any but the inertial unit.
"""

from typing import Annotated

from pydantic import Field

from perilune.interfaces.table import (
    Angle,
    Direction,
    Fraction,
    NotNegative,
    Slack,
    SmallAngle,
    Table,
    Vector,
    Why,
)

GyroBias = Annotated[float, Field(ge=0.0, le=0.01), Why("no gyro of a spacecraft is so bad")]
AccelerometerBias = Annotated[float, Field(ge=0.0, le=0.1), Why("guidance could not see through")]
Reach = Annotated[float, Field(gt=0.0, le=1e6), Why("no beam comes back from further off")]
ScaleSigma = Annotated[float, Field(ge=0.0, le=0.1), Why("a tenth of a reading is no scale error")]


class Imu(Table):
    """Gyros and accelerometers; bias, scale and misalignment are one sigma, fixed per flight."""

    gyro_bias_rad_s: GyroBias
    """One sigma, fixed per flight."""
    gyro_scale_fraction: ScaleSigma
    """One sigma, fixed per flight."""
    gyro_misalignment_rad: Slack
    """One sigma an axis, fixed per flight."""
    angle_random_walk_rad_per_sqrt_s: Annotated[float, Field(ge=0.0, le=0.01)]
    """White noise of the gyros."""
    gyro_limit_rad_s: Annotated[float, Field(gt=0.0, le=1_000.0)]
    """Where the gyros saturate."""
    gyro_quantum_rad: Annotated[float, Field(ge=0.0, le=0.001)]
    """Least step of the angle."""
    accelerometer_bias_m_s2: AccelerometerBias
    """One sigma, fixed per flight."""
    accelerometer_scale_fraction: ScaleSigma
    """One sigma, fixed per flight."""
    accelerometer_misalignment_rad: Slack
    """One sigma an axis, fixed per flight."""
    velocity_random_walk_m_s_per_sqrt_s: Annotated[float, Field(ge=0.0, le=0.1)]
    """White noise of the accelerometers."""
    accelerometer_limit_m_s2: Annotated[float, Field(gt=0.0, le=1e5)]
    """Where the accelerometers saturate."""
    accelerometer_quantum_m_s: Annotated[float, Field(ge=0.0, le=0.01)]
    """Least step of the velocity."""


class StarTracker(Table):
    """Attitude from stars; errors are one sigma, `roll` about the boresight."""

    cross_axis_rad: SmallAngle
    """One sigma across the boresight."""
    roll_rad: SmallAngle
    """One sigma about the boresight."""
    rate_limit_rad_s: Annotated[float, Field(gt=0.0, le=10.0)]
    """Turning faster, it gives nothing."""
    boresight: Direction
    """In the body frame."""


class Altimeter(Table):
    """A laser altimeter with two beams: one along -z, one canted from it towards +x."""

    mount_m: Vector
    """Where both beams start, in the body frame."""
    cant_rad: Angle
    """Between -z and the canted beam."""
    noise_m: Annotated[float, Field(gt=0.0, le=1_000.0)]
    """One sigma near the ground."""
    noise_fraction: Annotated[float, Field(ge=0.0, le=0.1)]
    """One sigma growing with range, of the range."""
    quantum_m: Annotated[float, Field(ge=0.0, le=100.0)]
    """Least step of the range."""
    min_range_m: NotNegative
    """Nearest range it gives."""
    max_range_m: Reach
    """Furthest range it gives."""
    incidence_limit_rad: Angle
    """Between beam and the normal of the ground; past it no echo."""
    dropout_fraction: Fraction
    """Share of readings lost."""


class Velocimeter(Table):
    """Three Doppler beams evenly spaced on a cone about -z; errors are one sigma per beam."""

    mount_m: Vector
    """Where the beams start, in the body frame."""
    half_angle_rad: Annotated[
        float,
        Field(ge=0.017453292519943295, le=1.3962634015954636),
        Why("its beams would not span three axes"),
    ]
    """Between -z and each beam."""
    noise_m_s: Annotated[float, Field(gt=0.0, le=10.0)]
    """One sigma along a beam."""
    bias_m_s: Annotated[float, Field(ge=0.0, le=10.0)]
    """One sigma along a beam, fixed per flight."""
    min_range_m: NotNegative
    """Nearest slant range."""
    max_range_m: Reach
    """Furthest slant range."""
    speed_limit_m_s: Annotated[float, Field(gt=0.0, le=10_000.0)]
    """Fastest speed along a beam."""
    incidence_limit_rad: Angle
    """Between beam and the normal of the ground; past it no echo."""
    dropout_fraction: Fraction
    """Share of readings lost."""


class Camera(Table):
    """Horizontal position fixes; noise per fix and a bias fixed per flight, one sigma an axis."""

    noise_m: Annotated[float, Field(gt=0.0, le=10_000.0)]
    """One sigma an axis, each fix anew."""
    bias_m: Annotated[float, Field(ge=0.0, le=10_000.0)]
    """One sigma an axis, fixed per flight."""
    period_s: Annotated[
        float, Field(ge=0.2, le=3_600.0), Why("sensors are asked once in a cycle of 0.2 s")
    ]
    """Between fixes."""
    min_height_m: NotNegative
    """Lowest height over ground of a fix."""
    max_height_m: Reach
    """Greatest height over ground of a fix."""


_DOWN, _UP = (0.0, 0.0, 0.0), (0.0, 0.0, 1.0)
ABSENT: dict[str, Table] = {
    "star_tracker": StarTracker.model_construct(
        cross_axis_rad=1.0, roll_rad=1.0, rate_limit_rad_s=0.0, boresight=_UP
    ),
    "altimeter": Altimeter.model_construct(
        mount_m=_DOWN,
        cant_rad=0.1,
        noise_m=1.0,
        noise_fraction=0.0,
        quantum_m=0.0,
        min_range_m=1.0,
        max_range_m=0.0,
        incidence_limit_rad=1.0,
        dropout_fraction=1.0,
    ),
    "velocimeter": Velocimeter.model_construct(
        mount_m=_DOWN,
        half_angle_rad=0.1,
        noise_m_s=1.0,
        bias_m_s=0.0,
        min_range_m=1.0,
        max_range_m=0.0,
        speed_limit_m_s=0.0,
        incidence_limit_rad=1.0,
        dropout_fraction=1.0,
    ),
    "camera": Camera.model_construct(
        noise_m=1.0, bias_m=0.0, period_s=1.0, min_height_m=1.0, max_height_m=0.0
    ),
}
"""What flies in the place of an instrument that is not fitted: one whose range is empty, so that it
never gives a reading. A flight so has one structure, and compiles nothing new for such a lander."""
