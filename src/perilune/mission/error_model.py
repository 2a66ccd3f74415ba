"""What may be wrong with a flight though no file of a lander gives it a value: zero unless drawn.

Each is fixed for a flight, known to truth alone, and has a path of its own, such as
`errors.imu.gyro_bias`, by which it is dispersed or set.
"""

from typing import Annotated, Any

from pydantic import Field

from perilune.interfaces.sensor import Sensor
from perilune.interfaces.sensor_kinds import SENSORS
from perilune.interfaces.table import SmallTurn, Table, Why, table_of, unit_of_field
from perilune.interfaces.units import labels_in, units_of

AWAY = Why("the filter starts from an orbit that is known better")
ALIKE = Why("the ground is moved as one piece, a little")
BENT = Why("maps of the Moon are better over 10 to 100 km")
Off = Annotated[float, Field(ge=-100_000.0, le=100_000.0), AWAY]
OffSpeed = Annotated[float, Field(ge=-100.0, le=100.0), AWAY]
Turn = Annotated[float, Field(ge=-3.141592653589793, le=3.141592653589793)]
Shift = Annotated[float, Field(ge=-5_000.0, le=5_000.0), ALIKE]
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


class MapErrors(Table):
    """Where the true ground lies, less where the map has it: turned, raised and bent."""

    east_m: Shift = 0.0
    """East at the site."""
    north_m: Shift = 0.0
    """North at the site."""
    height_m: Shift = 0.0
    """Up at the site."""
    heights_east_m: Shift = 0.0
    """East at the site: its heights are those of ground so far further off; its images stay."""
    heights_north_m: Shift = 0.0
    """North at the site, likewise."""
    waves_m: Annotated[float, Field(ge=0.0, le=500.0), BENT] = 0.0
    """Rms height of waves of 10 to 100 km, which lie elsewhere in each flight."""
    step_m: Annotated[float, Field(ge=-500.0, le=500.0), BENT] = 0.0
    """Height of a step 2 km wide, which passes within 50 km, elsewhere in each flight."""


class GroundErrors(Table):
    """Of the ground under the lander, below what the map resolves."""

    slope_fraction: tuple[Slope, Slope] = NEITHER
    """More slope under the pads, metres up per metre to the east and to the north."""


class GravityErrors(Table):
    """Of the gravity field."""

    left_out_m_s2: tuple[GravityError, GravityError, GravityError] = NONE
    """A steady pull that no field has, along track, cross track and up."""


def _field(sensor: Sensor) -> Any:
    return (units_of(sensor.errors), Field(default_factory=sensor.errors))


_OfSensors: Any = table_of(
    "_OfSensors",
    Table,
    {"engine": (EngineErrors, Field(default_factory=EngineErrors))}
    | {sensor.kind: _field(sensor) for sensor in SENSORS},
)


class Errors(_OfSensors):
    """Every error a flight may have, zero where none is given."""

    map: MapErrors = Field(default_factory=MapErrors)
    ground: GroundErrors = Field(default_factory=GroundErrors)
    gravity: GravityErrors = Field(default_factory=GravityErrors)


def written_errors(lander: dict) -> dict:
    """Zero for every error of a lander as its file has it, unit by unit, as a file writes them."""
    found = written(Errors)
    for sensor in SENSORS:
        labels = labels_in(sensor.kind, lander.get(sensor.kind))
        names = [label.removeprefix(sensor.kind)[1:] for label in labels]
        if any(names):
            found[sensor.kind] = {name: written(sensor.errors) for name in names}
    return found


def written(model: type[Table]) -> dict[str, Any]:
    """The defaults of a table as a file would write them: `{"bias": "0 m", …}`."""
    found: dict[str, Any] = {}
    for name, field in model.model_fields.items():
        default = field.get_default(call_default_factory=True)
        key, unit = field.alias or name, unit_of_field(name)
        if isinstance(default, Table):
            found[key] = written(type(default))
        elif isinstance(default, tuple):
            found[key] = [_text(each, unit) for each in default]
        else:
            found[key] = _text(default, unit)
    return found


def optional_of(model: type[Table]) -> dict:
    """The defaults of those fields of a table that may be left out, as a file would write them.

    Lists of tables and of names are left out, as nothing is in them, and tables that are not there.
    """
    required = {name for name, field in model.model_fields.items() if field.is_required()}
    empty = {name for name, field in model.model_fields.items() if field.default in ((), None)}
    found = {}
    for name, field in model.model_fields.items():
        if name in required | empty:
            continue
        unit, default = unit_of_field(name), field.default
        listed = isinstance(default, tuple)
        found[field.alias] = [_text(e, unit) for e in default] if listed else _text(default, unit)
    return found


def _text(value: Any, unit: str | None) -> Any:
    return f"{value:g} {unit}" if unit else value
