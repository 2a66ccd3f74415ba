"""What may be wrong with a flight though no file of a lander gives it a value: zero unless drawn.

Each is fixed for a flight, known to truth alone, and has a path of its own, such as
`errors.imu.gyro_bias`, by which it is dispersed or set.
"""

from pydantic import Field

from perilune.mission.table import Table, Vector, unit_of_field

Pair = tuple[float, float]
NONE, NEITHER = (0.0, 0.0, 0.0), (0.0, 0.0)


class StartErrors(Table):
    """Where the flight starts, less where it is believed to; axes turn with the orbit."""

    along_track_m: float = 0.0
    """Of position, along the velocity."""
    cross_track_m: float = 0.0
    """Of position, along the orbit's normal."""
    radial_m: float = 0.0
    """Of position, up."""
    along_track_speed_m_s: float = 0.0
    """Of velocity, along it."""
    cross_track_speed_m_s: float = 0.0
    """Of velocity, along the orbit's normal."""
    radial_speed_m_s: float = 0.0
    """Of velocity, up."""
    attitude_rad: Vector = NONE
    """Of attitude: turned about along track, cross track and up."""


class EngineErrors(Table):
    """Of the main engine."""

    pointing_rad: Pair = NEITHER
    """Lean of the thrust with the gimbal at rest, about body x and y."""


class ImuErrors(Table):
    """Of gyros and accelerometers, about body x, y and z."""

    gyro_bias_rad_s: Vector = NONE
    """Added to each rate."""
    gyro_scale_fraction: Vector = NONE
    """Of each rate."""
    gyro_misalignment_rad: Vector = NONE
    """Small turn of the three gyros against the body."""
    accelerometer_bias_m_s2: Vector = NONE
    """Added to each specific force."""
    accelerometer_scale_fraction: Vector = NONE
    """Of each specific force."""
    accelerometer_misalignment_rad: Vector = NONE
    """Small turn of the three accelerometers against the body."""


class StarTrackerErrors(Table):
    """Of the star tracker."""

    misalignment_rad: Vector = NONE
    """Small turn of its head against the body, about body x, y and z."""


class AltimeterErrors(Table):
    """Of the altimeter, both beams alike."""

    bias_m: float = 0.0
    """Added to each range."""
    scale_fraction: float = 0.0
    """Of each range."""


class VelocimeterErrors(Table):
    """Of the velocimeter."""

    bias_m_s: Vector = NONE
    """Added to the speed along each of the three beams."""
    scale_fraction: float = 0.0
    """Of every speed."""


class CameraErrors(Table):
    """Of the camera's fixes."""

    bias_m: Pair = NEITHER
    """Along the track and across it."""


class MapErrors(Table):
    """Where the true ground lies, less where the map draws it: turned and raised as one piece."""

    east_m: float = 0.0
    """East at the site."""
    north_m: float = 0.0
    """North at the site."""
    height_m: float = 0.0
    """Up at the site."""


class GroundErrors(Table):
    """Of the ground under the lander, below what the map resolves."""

    slope_fraction: Pair = NEITHER
    """More slope under the pads, metres up per metre to the east and to the north."""


class GravityErrors(Table):
    """Of the gravity field."""

    left_out_m_s2: Vector = NONE
    """A steady pull that no field has, along track, cross track and up."""


class Errors(Table):
    """Every error a flight may have, zero where nothing is said."""

    engine: EngineErrors = Field(default_factory=EngineErrors)
    imu: ImuErrors = Field(default_factory=ImuErrors)
    star_tracker: StarTrackerErrors = Field(default_factory=StarTrackerErrors)
    altimeter: AltimeterErrors = Field(default_factory=AltimeterErrors)
    velocimeter: VelocimeterErrors = Field(default_factory=VelocimeterErrors)
    camera: CameraErrors = Field(default_factory=CameraErrors)
    map: MapErrors = Field(default_factory=MapErrors)
    ground: GroundErrors = Field(default_factory=GroundErrors)
    gravity: GravityErrors = Field(default_factory=GravityErrors)


def written(model):
    """The defaults of a table as a file would write them: `{"bias": "0 m", …}`."""
    found = {}
    for name, field in model.model_fields.items():
        default = field.get_default(call_default_factory=True)
        unit = unit_of_field(name)
        if isinstance(default, Table):
            found[field.alias] = written(type(default))
        elif isinstance(default, tuple):
            found[field.alias] = [_text(each, unit) for each in default]
        else:
            found[field.alias] = _text(default, unit)
    return found


def _text(value, unit):
    return f"{value:g} {unit}" if unit else value
