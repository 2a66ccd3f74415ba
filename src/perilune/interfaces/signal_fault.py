"""What may happen to a signal on its way: to a sensor's readings, or to the command.

The table of a kind's faults follows from the parts of its signal that an error can move, so that a
fault of a known effect is a file and no code.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from pydantic import Field

from perilune.interfaces.events import EVENT_NAMES
from perilune.interfaces.sensor import Sensor
from perilune.interfaces.table import Fraction, NotNegative, Positive, Table, Why, table_of

LONGEST_DELAY_S = 3.0
DRIFT_TIME_S = 1.0
AXES = "axes"
"""Key of a fault's table that says of which components of each part it is."""
ReadingFactor = Annotated[float, Field(ge=-1e3, le=1e3), Why("no instrument amplifies so much")]
COMMAND_PARTS = {"throttle": ("fraction", 1), "gimbal": ("rad", 2), "pulse": ("s", 1)}
"""Parts of a command that a fault can move, with unit and number of components, of one unit each:
an engine has a throttle and a gimbal, a nozzle has a pulse."""


class Onset(Table):
    """When a fault is on; without a word of when, from the start to the end."""

    after_s: NotNegative = 0.0
    """Begins so long after what `after_event` names."""
    after_event: Literal[EVENT_NAMES] = "start"  # type: ignore[valid-type]
    """What the time is counted from."""
    below_height_m: Positive | None = None
    """Begins not before the centre of mass is first so low over the ground; or `never`."""
    duration_s: Positive | None = None
    """Ends so long after it began; or `never`."""


class SignalFault(Onset):
    """What happens to a signal, and when."""

    lost_after_s: NotNegative | None = None
    """So long after it began, nothing valid arrives any more; or `never`."""
    invalid: bool = False
    """What arrives is flagged as not valid."""
    frozen: bool = False
    """The last valid one before it began arrives again and again."""
    delay_s: Annotated[
        float, Field(ge=0.0, le=LONGEST_DELAY_S), Why("no more is kept of what is on its way")
    ] = 0.0
    """It arrives so much later."""
    dropout_fraction: Fraction = 0.0
    """Share of it that is lost, one by one."""
    spike_fraction: Fraction = 0.0
    """Share of it that is off by the spike, one by one."""
    drift_time_s: Positive = DRIFT_TIME_S
    """Time in which the drift grows by what is given for it."""


class UnitsFault(SignalFault):
    """What happens to a command, which is for several units."""

    units: tuple[str, ...] = ()
    """Which engines and nozzles, by their paths in the lander's file: `engine.north`,
    `thrusters.nozzles.3`, or `thrusters` for all of them; every one where none is named."""
    throttle_frozen: bool = False
    """Engines stay at the throttle of before it began; they still go on and off."""
    gimbal_frozen: bool = False
    """Gimbals stay where they were told to be before it began."""
    stuck_on: bool = False
    """Engines burn and nozzles stay open, whatever they are commanded."""
    thrust_factor: Annotated[
        float, Field(ge=0.01, le=5.0), Why("an engine that makes none is lost: `lost_after`")
    ] = 1.0
    """What the thrust of engines is multiplied by, while they take as much propellant as before:
    below 1 where a nozzle is lost, above 1 where propellant burns that had gathered."""
    lag_factor: Annotated[float, Field(ge=0.01, le=1e3)] = 1.0
    """What the lag of the engines' thrust is multiplied by, as of a valve that is slow."""


@dataclass(frozen=True, kw_only=True)
class Part:
    """A part of a signal that errors move: its names in a fault's table, and its components."""

    noise: str
    bias: str
    drift: str
    spike: str
    factor: str
    limit: str
    size: int


def parts_of(units: Mapping[str, tuple[str, int]]) -> list[Part]:
    """The parts of a signal, in the order of the components of its errors."""
    return [
        Part(
            **{what: _key(part, what, unit) for what in ("noise", *_ERRORS)},
            factor=_factor_key(part),
            limit=_key(part, "limit", unit),
            size=size,
        )
        for part, (unit, size) in units.items()
    ]


def _key(part: str, what: str, unit: str) -> str:
    return f"{part}_{what}_{unit}" if part else f"{what}_{unit}"


def _factor_key(part: str) -> str:
    return f"{part}_factor" if part else "factor"


_ERRORS = {
    "bias": "Added to every component",
    "drift": "Grows by this in each `drift_time`, in every component",
    "spike": "How far a spike is off, in every component",
}


def fault_table(sensor: Sensor) -> type[SignalFault]:
    """The table of what may happen to the readings of a kind of sensor."""
    kind = sensor.kind
    words = "What the noise of a healthy unit is multiplied by."
    factor = Annotated[float, Field(gt=0.0, le=1e6)]
    fields: dict[str, Any] = {"noise_factor": (factor, Field(default=1.0, description=words))}
    for part in sensor.scaled_parts:
        what = f"the {part} reads" if part else "it reads"
        words = f"What {what} is multiplied by it: 0 where it is silent, below 0 reversed."
        fields[_factor_key(part)] = (ReadingFactor, Field(default=1.0, description=words))
    for part in sensor.limited_parts:
        key = _key(part, "limit", sensor.error_units[part][0])
        words = f"The most that the {part} reads, to either side, as of a lower range, or `never`."
        fields[key] = (Positive | None, Field(default=None, description=words))
    if sensor.axes:
        words = "Axes that errors, factors and limits are of, all of them if none is named."
        named: Any = tuple[Literal[sensor.axes], ...]  # type: ignore[name-defined]
        fields[AXES] = (named, Field(default=(), description=words))
    doc = f"What happens to the {kind.replace('_', ' ')}."
    name = f"{kind.title().replace('_', '')}Fault"
    return table_of(name, SignalFault, fields | _errors(sensor.error_units), doc)


def command_fault_table() -> type[SignalFault]:
    """The table of what may happen to the command; a healthy command has no noise to multiply."""
    words = "One sigma of noise in every component of the {}."
    fields = {
        _key(part, "noise", unit): (NotNegative, Field(default=0.0, description=words.format(part)))
        for part, (unit, _) in COMMAND_PARTS.items()
    }
    doc = "What happens to the command."
    return table_of("CommandFault", UnitsFault, fields | _errors(COMMAND_PARTS), doc)


def _errors(units: Mapping[str, tuple[str, int]]) -> dict[str, Any]:
    fields: dict[str, Any] = {}
    for part, (unit, _) in units.items():
        for what, words in _ERRORS.items():
            of = f" of the {part}" if part else ""
            declared = Field(default=0.0, description=f"{words}{of}.")
            fields[_key(part, what, unit)] = (float, declared)
    return fields
