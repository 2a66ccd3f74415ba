"""What a declaration of a sensor says: from it follow its tables, columns, noise and filter states.

A kind of sensor is declared once, in `interfaces/<kind>.py`. Truth's model of it is
`truth/sensors/<kind>.py` and the flight software's is `onboard/navigation/<kind>.py`;
`sensor_kinds.py` lists the kinds. Nothing else names them.
"""

import enum
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any

import equinox as eqx
from pydantic import Field

from perilune.interfaces.table import Scale, Table, Why

LONGEST_LATENCY_S = 3.0
TimeTag = Annotated[
    float, Field(ge=-1.0, le=1.0), Why("no clock on board is off by more than a second")
]


class Rate(enum.Enum):
    """How often a kind of sensor reads; see `interfaces.clock`."""

    TICK = "tick"
    CYCLE = "cycle"
    FRAME = "frame"


Period = Annotated[
    float, Field(ge=0.2, le=3_600.0), Why("sensors are asked once in a cycle of 0.2 s")
]


class TimedSpec(Table):
    """What every sensor has that sends messages with a time tag."""

    latency_s: Annotated[
        float, Field(ge=0.0, le=LONGEST_LATENCY_S), Why("the filter keeps no more of its past")
    ] = 0.0
    """From the instant of a reading to its arrival at the flight software."""


class TimedErrors(Table):
    """Of the clock that a sensor's time tags are from."""

    time_tag_s: TimeTag = 0.0
    """Added to each time tag."""
    clock_drift_fraction: Scale = 0.0
    """Of the time since the start of the flight, added to each time tag."""


@dataclass(frozen=True, kw_only=True)
class Sensor:
    """One kind of sensor."""

    kind: str
    """Its table in the lander's file, its stream of noise and the beginning of its columns."""
    title: str
    """For people."""
    spec: type[Table]
    """Its data sheet: what it measures and how wrong it is."""
    errors: type[Table]
    """What may be wrong with one unit for a flight; zero unless drawn or set."""
    silent: Callable[[], Any]
    """A reading that says nothing; every reading has a field `valid`."""
    rate: Rate
    normals: tuple[int, ...] = ()
    """Shape of the standard normal numbers that one reading needs."""
    noises: Mapping[str, int] = field(default_factory=lambda: {"noise": -1})
    """What those numbers are, in order, and how many are of each; -1 for all."""
    uniforms: tuple[int, ...] | None = None
    """Shape of the uniform numbers that one reading needs; None for none."""
    bias_states: Mapping[str, int] = field(default_factory=dict)
    """Errors that the filter estimates, with how many components each has."""
    channels: Mapping[str, str] = field(default_factory=dict)
    """What the filter compares one by one, with words for people: the labels of its columns."""
    column_unit: str = ""
    """The unit that columns of innovations end in; empty where it has no such columns."""
    value: tuple[str, str] | None = None
    """The field of the reading that its columns show, one component a channel, and their name."""
    value_words: str = ""
    """What that field is, for people."""
    shown: Mapping[str, str] = field(default_factory=dict)
    """Fields of the reading that have columns besides, one component a channel, with words."""
    in_use: str | None = None
    """The field of the reading that says which of the channels it is of, where only one is."""
    one_validity: bool = False
    """Whether a reading is valid as a whole, and not channel by channel."""
    error_units: Mapping[str, tuple[str, int]] = field(default_factory=dict)
    """Parts of a reading that a fault can move, with unit and number of components."""
    scaled_parts: tuple[str, ...] = ()
    """Which of them a fault can multiply."""
    limited_parts: tuple[str, ...] = ()
    """Which of them a fault can hold within a limit, as a lower range does."""
    axes: tuple[str, ...] = ()
    """Names of the components of every part, where a fault can be of some of them alone."""
    fault_stream: str = ""
    """Where the noise of its faults has a stream of another name than the kind and `_fault`."""
    standing_faults: tuple[str, ...] = ()
    """Effects of faults that every flight has room for, so that a fault of them compiles nothing.

    Other effects are compiled into the flights that have them.
    """

    needs_light: bool = False
    """Whether it sees by the Sun: a plan then has a table of the light along the approach."""
    height_beside: bool = False
    """Whether its readings have a height beside their channels: `onboard.navigation.heights`."""
    second_height: bool = False
    """Whether it only watches the height while a finer unit measures it."""
    of_mass: bool = False
    """Whether its readings are of the mass: `onboard.navigation.mass_filter` compares them."""
    truth_alone: tuple[str, ...] = ()
    """What of its data sheet the flight software does not use: such as ranges and quanta."""

    @property
    def error_size(self) -> int:
        """How many numbers an error of a reading has."""
        return sum(size for _, size in self.error_units.values())

    @property
    def scalar_count(self) -> int:
        """How many numbers of one reading the filter of the motion compares, one by one."""
        if self.of_mass:
            return 0
        return 1 if self.in_use else len(self.channels)


class Draw(eqx.Module):
    """The random numbers of one reading, of the shapes that its declaration asks for."""

    normals: Any  # standard normal
    uniforms: Any  # on [0, 1); None where the kind asks for none
