"""Missions with each fault of the catalog that all have the structure of one of two programs.

Faults of signals and of parts stand together in one program: one that is off begins at a height
that is never reached. A fault that sets numbers of the mission stands alone in the other one.
"""

import dataclasses
import functools
from pathlib import Path

import perilune
from perilune.design import design
from perilune.design.build_sensors import build_faults
from perilune.design.flight_plan import FlightPlan
from perilune.design.numbers import numbers_of, to_arrays
from perilune.interfaces.units import kind_of
from perilune.mission.fault import ALWAYS_THERE, FAULT_TABLES, effects_of
from perilune.mission.fault_settings import SCALES, SETS
from perilune.mission.mission import Mission
from perilune.mission.mission_files import catalog_names, find, read

MISSION = "athena"
GROUND = "site.surface.largest=1 m"
ON, OFF = "1e9 m", "1e-6 m"
"""Heights over the ground that every flight is below from its start, and that none reaches."""


def faults() -> list[str]:
    """Every fault of the package."""
    return catalog_names("fault", None)


def sets_numbers(name: str) -> bool:
    """Whether a fault gives the mission numbers, in the place of changing a signal."""
    values = read(find("fault", name, Path.cwd(), None)).values
    return SETS in values or SCALES in values


def kinds_of(name: str) -> set[str]:
    """The kinds of signal that a fault is of."""
    return set(FAULT_TABLES) & set(read(find("fault", name, Path.cwd(), None)).values)


def fitting(mission: str) -> list[str]:
    """The faults of what the lander of a mission has."""
    fitted = {*ALWAYS_THERE, *map(kind_of, perilune.load_mission(mission).lander.sensors)}
    return [name for name in faults() if kinds_of(name) <= fitted]


def together() -> list[str]:
    """The faults that one program has room for."""
    return [name for name in fitting(MISSION) if not sets_numbers(name)]


def with_fault(on: str | None) -> Mission:
    """Athena with one fault on, or none; those that are off stand beside it."""
    if on is not None and sets_numbers(on):
        return perilune.load_mission(MISSION, [GROUND], [on])
    return perilune.load_mission(MISSION, [GROUND, *switches(on)], together())


@functools.cache
def _healthy_plan() -> FlightPlan:
    return design(with_fault(None)).plan


def plan_with(mission: Mission, on: str | None) -> FlightPlan:
    """The plan of a mission of `with_fault`: faults change numbers alone, beliefs the design."""
    if on is not None and sets_numbers(on):
        return design(mission).plan
    numbers = to_arrays(numbers_of(mission))
    return dataclasses.replace(_healthy_plan(), numbers=numbers, faults=build_faults(numbers))


def switches(on: str | None) -> list[str]:
    """Settings by which one fault of those together is on, or none."""
    found = []
    for name, fault in perilune.load_mission(MISSION, faults=together()).faults.items():
        for label, table in fault.signals.items():
            if effects_of(table):
                low = f"{table.below_height_m:g} m" if table.below_height_m else ON
                found.append(f"faults.{name}.{label}.below_height={low if name == on else OFF}")
    return found
