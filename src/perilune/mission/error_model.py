"""What may be wrong with a flight though no file of a lander gives it a value: zero unless drawn.

Each is fixed for a flight, known to truth alone, and has a path of its own, such as
`errors.imu.gyro_bias`, by which it is dispersed or set.
"""

from typing import Annotated

from pydantic import Field

from perilune.interfaces.table import Scale, SmallTurn, Table, Why, unit_of_field

AWAY = Why("the filter starts from an orbit that is known better")
ALIKE = Why("the ground is moved as one piece, a little")
Off = Annotated[float, Field(ge=-100_000.0, le=100_000.0), AWAY]
OffSpeed = Annotated[float, Field(ge=-100.0, le=100.0), AWAY]
Turn = Annotated[float, Field(ge=-3.141592653589793, le=3.141592653589793)]
GyroBias = Annotated[float, Field(ge=-0.1, le=0.1), Why("no gyro of a spacecraft is so bad")]
Push = Annotated[float, Field(ge=-1.0, le=1.0), Why("it is near the pull of the Moon itself")]
Shift = Annotated[float, Field(ge=-5_000.0, le=5_000.0), ALIKE]
FixBias = Annotated[float, Field(ge=-100_000.0, le=100_000.0)]
RangeBias = Annotated[float, Field(ge=-10_000.0, le=10_000.0)]
SpeedBias = Annotated[float, Field(ge=-100.0, le=100.0)]
Slope = Annotated[float, Field(ge=-1.0, le=1.0), Why("small slopes are added to the ground's")]
GravityError = Annotated[float, Field(ge=-0.01, le=0.01), Why("the field is known better")]
NONE, NEITHER = (0.0, 0.0, 0.0), (0.0, 0.0)


class StartErrors(Table):
    """Where the flight starts, less where it is believed to; axes turn with the orbit."""

    along_track_m: Off = 0.0
    """Of position, along the velocity."""
    cross_track_m: Off = 0.0
    """Of position, along the orbit's normal."""
    radial_m: Off = 0.0
    """Of position, up."""
    along_track_speed_m_s: OffSpeed = 0.0
    """Of velocity, along it."""
    cross_track_speed_m_s: OffSpeed = 0.0
    """Of velocity, along the orbit's normal."""
    radial_speed_m_s: OffSpeed = 0.0
    """Of velocity, up."""
    attitude_rad: tuple[Turn, Turn, Turn] = NONE
    """Of attitude: turned about along track, cross track and up."""


class EngineErrors(Table):
    """Of the main engine."""

    pointing_rad: tuple[SmallTurn, SmallTurn] = NEITHER
    """Lean of the thrust with the gimbal at rest, about body x and y."""


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


class StarTrackerErrors(Table):
    """Of the star tracker."""

    misalignment_rad: tuple[SmallTurn, SmallTurn, SmallTurn] = NONE
    """Small turn of its head against the body, about body x, y and z."""


class AltimeterErrors(Table):
    """Of the altimeter, both beams alike."""

    bias_m: RangeBias = 0.0
    """Added to each range."""
    scale_fraction: Scale = 0.0
    """Of each range."""


class VelocimeterErrors(Table):
    """Of the velocimeter."""

    bias_m_s: tuple[SpeedBias, SpeedBias, SpeedBias] = NONE
    """Added to the speed along each of the three beams."""
    scale_fraction: Scale = 0.0
    """Of every speed."""


class CameraErrors(Table):
    """Of the camera's fixes."""

    bias_m: tuple[FixBias, FixBias] = NEITHER
    """Along the track and across it."""


class MapErrors(Table):
    """Where the true ground lies, less where the map draws it: turned and raised as one piece."""

    east_m: Shift = 0.0
    """East at the site."""
    north_m: Shift = 0.0
    """North at the site."""
    height_m: Shift = 0.0
    """Up at the site."""


class GroundErrors(Table):
    """Of the ground under the lander, below what the map resolves."""

    slope_fraction: tuple[Slope, Slope] = NEITHER
    """More slope under the pads, metres up per metre to the east and to the north."""


class GravityErrors(Table):
    """Of the gravity field."""

    left_out_m_s2: tuple[GravityError, GravityError, GravityError] = NONE
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


def optional_of(model: type[Table]) -> dict:
    """The defaults of those fields of a table that may be left out, as a file would write them.

    Lists of tables and of names are left out: nothing is in them.
    """
    required = {name for name, field in model.model_fields.items() if field.is_required()}
    empty = {name for name, field in model.model_fields.items() if field.default == ()}
    found = {}
    for name, field in model.model_fields.items():
        if name in required | empty:
            continue
        unit, default = unit_of_field(name), field.default
        listed = isinstance(default, tuple)
        found[field.alias] = [_text(e, unit) for e in default] if listed else _text(default, unit)
    return found


def _text(value, unit):
    return f"{value:g} {unit}" if unit else value
