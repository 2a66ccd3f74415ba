"""Limits of sensors in order, and units that errors and faults name there on the lander."""

from collections.abc import Iterator

from perilune.interfaces.sensor_kinds import KINDS
from perilune.interfaces.units import kind_of, labelled_units
from perilune.mission.fault import effects_of
from perilune.mission.lander import Lander
from perilune.mission.mission import Mission
from perilune.mission.validation_messages import origin_of


def ends_of_sensors(lander: Lander) -> Iterator[tuple[str, str]]:
    """Every pair of a sensor's `min_…` and `max_…`."""
    for label, spec in lander.sensors.items():
        fields = type(spec).model_fields
        for low in fields:
            high = low.replace("min_", "max_", 1)
            if low.startswith("min_") and high in fields:
                yield f"lander.{label}.{low}", f"lander.{label}.{high}"


def absent_units(mission: Mission) -> Iterator[str]:
    """A sentence for each unit by name that errors or faults are of and the lander lacks."""
    fitted = list(mission.lander.sensors)
    for above, label in _units_named(mission):
        if label in fitted:
            continue
        alike = [f"`{each}`" for each in fitted if kind_of(each) == kind_of(label)]
        origin = origin_of([*above.split("."), *label.split(".")], mission.origins)
        yield (
            f"{origin}: `{above}.{label}` must be of a unit that the lander has, which is "
            f"{' or '.join(alike) or 'none of that kind'}."
        )


def _units_named(mission: Mission) -> list[tuple[str, str]]:
    """(`errors` or the fault's path, label) of every unit that is named apart from its kind."""
    of_errors = [("errors", label) for label in labelled_units(mission.errors, KINDS)]
    of_faults = [
        (f"faults.{name}", label)
        for name, fault in mission.faults.items()
        for label, table in fault.signals.items()
        if effects_of(table)
    ]
    return [(above, label) for above, label in (*of_errors, *of_faults) if "." in label]
