"""What a lander file says of its sensors: what they measure and how wrong they are.

Body frame as in `mission.lander`; all values are SI. A lander may lack any but the inertial unit.
"""

from perilune.mission.table import Angle, Direction, Fraction, NotNegative, Positive, Table, Vector


class Imu(Table):
    """Gyros and accelerometers; bias, scale and misalignment are one sigma, fixed per flight."""

    gyro_bias_rad_s: NotNegative
    """One sigma, fixed per flight."""
    gyro_scale_fraction: Fraction
    """One sigma, fixed per flight."""
    gyro_misalignment_rad: NotNegative
    """One sigma an axis, fixed per flight."""
    angle_random_walk_rad_per_sqrt_s: NotNegative
    """White noise of the gyros."""
    gyro_limit_rad_s: Positive
    """Where the gyros saturate."""
    gyro_quantum_rad: NotNegative
    """Least step of the angle."""
    accelerometer_bias_m_s2: NotNegative
    """One sigma, fixed per flight."""
    accelerometer_scale_fraction: Fraction
    """One sigma, fixed per flight."""
    accelerometer_misalignment_rad: NotNegative
    """One sigma an axis, fixed per flight."""
    velocity_random_walk_m_s_per_sqrt_s: NotNegative
    """White noise of the accelerometers."""
    accelerometer_limit_m_s2: Positive
    """Where the accelerometers saturate."""
    accelerometer_quantum_m_s: NotNegative
    """Least step of the velocity."""


class StarTracker(Table):
    """Attitude from stars; errors are one sigma, `roll` about the boresight."""

    cross_axis_rad: Positive
    """One sigma across the boresight."""
    roll_rad: Positive
    """One sigma about the boresight."""
    rate_limit_rad_s: Positive
    """Turning faster, it gives nothing."""
    boresight: Direction
    """In the body frame."""


class Altimeter(Table):
    """A laser altimeter with two beams: one along -z, one canted from it towards +x."""

    mount_m: Vector
    """Where both beams start, in the body frame."""
    cant_rad: Angle
    """Between -z and the canted beam."""
    noise_m: Positive
    """One sigma near the ground."""
    noise_fraction: Fraction
    """One sigma growing with range, of the range."""
    quantum_m: NotNegative
    """Least step of the range."""
    min_range_m: NotNegative
    """Nearest range it gives."""
    max_range_m: Positive
    """Furthest range it gives."""
    incidence_limit_rad: Angle
    """Between beam and the normal of the ground; past it no echo."""
    dropout_fraction: Fraction
    """Share of readings lost."""


class Velocimeter(Table):
    """Three Doppler beams evenly spaced on a cone about -z; errors are one sigma per beam."""

    mount_m: Vector
    """Where the beams start, in the body frame."""
    half_angle_rad: Angle
    """Between -z and each beam."""
    noise_m_s: Positive
    """One sigma along a beam."""
    bias_m_s: NotNegative
    """One sigma along a beam, fixed per flight."""
    min_range_m: NotNegative
    """Nearest slant range."""
    max_range_m: Positive
    """Furthest slant range."""
    speed_limit_m_s: Positive
    """Fastest speed along a beam."""
    incidence_limit_rad: Angle
    """Between beam and the normal of the ground; past it no echo."""
    dropout_fraction: Fraction
    """Share of readings lost."""


class Camera(Table):
    """Horizontal position fixes; noise per fix and a bias fixed per flight, one sigma an axis."""

    noise_m: Positive
    """One sigma an axis, each fix anew."""
    bias_m: NotNegative
    """One sigma an axis, fixed per flight."""
    period_s: Positive
    """Between fixes."""
    min_height_m: NotNegative
    """Lowest height over ground of a fix."""
    max_height_m: Positive
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
