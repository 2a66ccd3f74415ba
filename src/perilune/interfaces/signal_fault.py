"""What may happen to a signal on its way: to a sensor's readings, or to the command.

The table of a kind's faults follows from the parts of its signal that an error can move, so that a
fault of a known effect is a file and no code.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from pydantic import Field, create_model

from perilune.interfaces.events import EVENT_NAMES
from perilune.interfaces.table import Fraction, NotNegative, Positive, Table, Why

LONGEST_DELAY_S = 3.0
DRIFT_TIME_S = 1.0
COMMAND_PARTS = {"throttle": ("fraction", 1), "gimbal": ("rad", 2)}
"""Parts of a command that a fault can move, with unit and number of components."""


class SignalFault(Table):
    """What happens to a signal, and when; without a word of when, from the start to the end."""

    after_s: NotNegative = 0.0
    """Begins so long after what `after_event` names."""
    after_event: Literal[EVENT_NAMES] = "start"  # type: ignore[valid-type]
    """What the time is counted from."""
    below_height_m: Positive | None = None
    """Begins not before the centre of mass is first so low over the ground; or `never`."""
    duration_s: Positive | None = None
    """Ends so long after it began; or `never`."""
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


@dataclass(frozen=True)
class Part:
    """A part of a signal that errors move: its names in a fault's table, and its components."""

    bias: str
    drift: str
    spike: str
    size: int


def parts_of(units: Mapping[str, tuple[str, int]]) -> list[Part]:
    """The parts of a signal, in the order of the components of its errors."""
    return [
        Part(_key(part, "bias", unit), _key(part, "drift", unit), _key(part, "spike", unit), size)
        for part, (unit, size) in units.items()
    ]


def _key(part: str, what: str, unit: str) -> str:
    return f"{part}_{what}_{unit}" if part else f"{what}_{unit}"


_ERRORS = {
    "bias": "Added to every component",
    "drift": "Grows by this in each `drift_time`, in every component",
    "spike": "How far a spike is off, in every component",
}


def fault_table(kind: str, units: Mapping[str, tuple[str, int]], has_noise: bool) -> type[Table]:
    """The table of what may happen to a kind of signal."""
    fields: dict[str, Any] = {}
    if has_noise:
        words = "What the noise of a healthy unit is multiplied by."
        factor = Annotated[float, Field(gt=0.0, le=1e6)]
        fields["noise_factor"] = (factor, Field(default=1.0, description=words))
    for part, (unit, _) in units.items():
        for what, words in _ERRORS.items():
            of = f" of the {part}" if part else ""
            declared = Field(default=0.0, description=f"{words}{of}.")
            fields[_key(part, what, unit)] = (float, declared)
    name = f"{kind.title().replace('_', '')}Fault"
    doc = f"What happens to the {'command' if kind == 'command' else kind.replace('_', ' ')}."
    return create_model(name, __base__=SignalFault, __doc__=doc, **fields)
