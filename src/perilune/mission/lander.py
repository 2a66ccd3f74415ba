"""What a lander file says: masses, tanks, engine, thrusters, legs, hull, sensors, limits.

Body frame: origin at the centre of the plane of the undeployed footpads, +z up along the engine's
thrust axis, +x towards the side on which the canted altimeter beam points. All values are SI.
"""

from typing import Annotated

from pydantic import Field

from perilune.mission.table import (
    Angle,
    Direction,
    Fraction,
    Name,
    NotNegative,
    Positive,
    Table,
    Vector,
)


class Mass(Table):
    """What does not burn, and where it is; the inertia is about the dry centre of mass."""

    dry_kg: Positive
    payload_kg: NotNegative
    cold_gas_kg: NotNegative
    dry_center_of_mass_m: Vector
    dry_inertia_kg_m2: tuple[Positive, Positive, Positive]


class Tank(Table):
    """An upright cylinder on the body axis, holding its share of the propellant's mass."""

    name: Name
    propellant_fraction: Annotated[float, Field(gt=0.0, le=1.0)]
    density_kg_m3: Positive
    radius_m: Positive
    bottom_height_m: float


class Engine(Table):
    """The main engine: thrust between a floor and a maximum, first-order lags, a gimbal."""

    max_thrust_n: Positive
    min_thrust_n: NotNegative
    specific_impulse_s: Positive
    lag_s: Positive
    gimbal_limit_rad: Angle
    gimbal_lag_s: Positive
    pivot_height_m: float
    bell_exit_height_m: Positive
    bell_radius_m: Positive


class Nozzle(Table):
    """One cold-gas nozzle; `direction` is that of the force on the vehicle."""

    position_m: Vector
    direction: Direction


class Thrusters(Table):
    """Cold-gas nozzles, all alike, on or off."""

    thrust_n: Positive
    specific_impulse_s: Positive
    min_pulse_s: Positive
    nozzles: Annotated[tuple[Nozzle, ...], Field(min_length=6, max_length=16)]


class Legs(Table):
    """Legs evenly spaced; each crushes along body z at a constant force."""

    count: Annotated[int, Field(ge=3, le=6)]
    tread_radius_m: Positive
    first_azimuth_rad: Annotated[float, Field(ge=0.0, lt=6.283185307179586)]
    stroke_m: Positive
    crush_force_n: Positive
    stiffness_n_per_m: Positive
    damping_n_s_per_m: NotNegative
    friction_factor: NotNegative


class Hull(Table):
    """The body as an upright cylinder, where it would touch the ground."""

    radius_m: Positive
    bottom_height_m: Positive
    top_height_m: Positive
    stiffness_n_per_m: Positive
    damping_n_s_per_m: NotNegative
    friction_factor: NotNegative


class Imu(Table):
    """Gyros and accelerometers; bias, scale and misalignment are one sigma, fixed per flight."""

    gyro_bias_rad_s: NotNegative
    gyro_scale_fraction: Fraction
    gyro_misalignment_rad: NotNegative
    angle_random_walk_rad_per_sqrt_s: NotNegative
    gyro_limit_rad_s: Positive
    gyro_quantum_rad: NotNegative
    accelerometer_bias_m_s2: NotNegative
    accelerometer_scale_fraction: Fraction
    accelerometer_misalignment_rad: NotNegative
    velocity_random_walk_m_s_per_sqrt_s: NotNegative
    accelerometer_limit_m_s2: Positive
    accelerometer_quantum_m_s: NotNegative


class StarTracker(Table):
    """Attitude from stars; errors are one sigma, `roll` about the boresight."""

    cross_axis_rad: Positive
    roll_rad: Positive
    rate_limit_rad_s: Positive
    boresight: Direction


class Altimeter(Table):
    """A laser altimeter with two beams: one along -z, one canted from it towards +x."""

    mount_m: Vector
    cant_rad: Angle
    noise_m: Positive
    noise_fraction: Fraction
    quantum_m: NotNegative
    min_range_m: NotNegative
    max_range_m: Positive
    incidence_limit_rad: Angle
    dropout_fraction: Fraction


class Velocimeter(Table):
    """Three Doppler beams evenly spaced on a cone about -z; errors are one sigma per beam."""

    mount_m: Vector
    half_angle_rad: Angle
    noise_m_s: Positive
    bias_m_s: NotNegative
    min_range_m: NotNegative
    max_range_m: Positive
    speed_limit_m_s: Positive
    incidence_limit_rad: Angle
    dropout_fraction: Fraction


class Camera(Table):
    """Horizontal position fixes; noise per fix and a bias fixed per flight, one sigma an axis."""

    noise_m: Positive
    bias_m: NotNegative
    period_s: Positive
    min_height_m: NotNegative
    max_height_m: Positive


class Control(Table):
    """How the attitude is held."""

    attitude_frequency_rad_s: Positive
    damping_factor: Positive
    coast_deadband_rad: Angle
    rate_limit_rad_s: Positive


class Limits(Table):
    """What the lander is built for at touchdown, and where its leg model stops being valid."""

    vertical_speed_m_s: Positive
    horizontal_speed_m_s: Positive
    tilt_rad: Angle
    body_rate_rad_s: Positive
    crash_speed_m_s: Positive
    tip_over_tilt_rad: Angle


class Lander(Table):
    """A lander, whole."""

    name: Name
    title: str
    mass: Mass
    tanks: Annotated[tuple[Tank, ...], Field(min_length=2, max_length=2)]
    engine: Engine
    thrusters: Thrusters
    legs: Legs
    hull: Hull
    imu: Imu
    star_tracker: StarTracker
    altimeter: Altimeter
    velocimeter: Velocimeter
    camera: Camera
    control: Control
    limits: Limits
