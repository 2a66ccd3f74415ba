"""What a fault file says: what happens to which signals on their way, and when."""

from typing import Any

from pydantic import Field

from perilune.interfaces.part_fault import DETAILS, PART_FAULTS
from perilune.interfaces.sensor_kinds import SENSORS
from perilune.interfaces.signal_fault import AXES, Onset, command_fault_table, fault_table
from perilune.interfaces.table import NEVER, Name, Table, table_of, unit_of_field
from perilune.interfaces.units import labelled, units_of

COMMAND = "command"
FAULT_TABLES: dict[str, type[Onset]] = {
    **{each.kind: fault_table(each) for each in SENSORS},
    COMMAND: command_fault_table(),
    **PART_FAULTS,
}
"""By the kind of signal, or by the part of the vehicle."""
WHEN = ("after_s", "after_event", "below_height_m", "duration_s", "drift_time_s")
"""Keys that say when or how fast, and not what."""
UNITS = "units"
"""Key of the command's table that says whose command."""
WHICH = (UNITS, AXES, *DETAILS)
"""Keys that say of what, and not what."""


class _Text(Table):
    name: Name
    """As the file is called."""
    title: str
    """For people."""
    summary: str
    """A sentence for people."""
    with_velocimeter: bool = False
    """Whether the velocimeters are lost together with the altimeter."""
    sets: dict[str, Any] = Field(default_factory=dict)
    """Values that it gives the mission, by their paths, such as those of `[sets.errors.map]`."""
    scales: dict[str, Any] = Field(default_factory=dict)
    """Factors of values of the mission, by their paths; below `belief` of what is believed."""


ALWAYS_THERE = (COMMAND, *PART_FAULTS)
"""What every lander has."""


def _field(kind: str, table: type[Table]) -> Any:
    """The command and parts of the vehicle have one table, in which units are named."""
    return (table if kind in ALWAYS_THERE else units_of(table), Field(default_factory=table))


_Struck: Any = table_of(
    "_Struck", _Text, {kind: _field(kind, table) for kind, table in FAULT_TABLES.items()}
)


class Fault(_Struck):
    """A fault, applied to the signals between the sensors, the flight software and the actuators.

    A table named as a kind strikes every unit of it; one below it, such as `[altimeter.left]`, that
    unit alone. `[command]` strikes the engines and nozzles that its `units` name.
    """

    @property
    def signals(self) -> dict[str, Onset]:
        """What happens, by the kind or the unit that it happens to."""
        return {
            label: table
            for kind in FAULT_TABLES
            for label, table in labelled(kind, getattr(self, kind)).items()
        }


def effects_of(table: Onset) -> list[str]:
    """The keys by which a table does something: those that are not at their defaults."""
    fields = type(table).model_fields
    return [
        name
        for name, field in fields.items()
        if name not in (*WHEN, *WHICH) and getattr(table, name) != field.default
    ]


def defaults_of(values: dict) -> dict:
    """What a fault file need not say, so that a resolved mission shows it and `--set` finds it.

    Of a signal that the file does not name, all that matters is left out.
    """
    found: dict[str, Any] = {"with_velocimeter": False}
    for kind, table in FAULT_TABLES.items():
        inner = values.get(kind)
        if not isinstance(inner, dict):
            continue
        several = bool(inner) and all(isinstance(each, dict) for each in inner.values())
        own = _written(table)
        found[kind] = dict.fromkeys(inner, own) if several else own
    return found


def _written(table: type[Table]) -> dict[str, Any]:
    return {
        field.alias or name: _text(field.default, unit_of_field(name))
        for name, field in table.model_fields.items()
    }


def _text(value: Any, unit: str | None) -> Any:
    if value is None:
        return NEVER
    if isinstance(value, tuple):
        return list(value)
    return f"{value:g} {unit}" if unit else value
