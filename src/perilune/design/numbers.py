"""Every number of a flight that truth is built from, by its name in the mission, as one tree.

The tables of the mission are the tree: its shape is that of the lander and of what its faults do,
so that missions which differ in numbers alone share a compiled program.
"""

from collections.abc import Collection, Sequence
from dataclasses import KW_ONLY
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np

from perilune.design.flight_plan import FlightPlan
from perilune.design.layout import Layout, layout_of
from perilune.design.typed_arrays import as_arrays
from perilune.interfaces.events import EVENT_NAMES
from perilune.interfaces.part_fault import ALONG, part_numbers
from perilune.interfaces.sensor_kinds import SENSORS, sensor_of
from perilune.interfaces.signal_fault import AXES, Onset, UnitsFault
from perilune.interfaces.units import kind_of
from perilune.mechanics.si_units import bare_name
from perilune.mission.command_units import units_struck
from perilune.mission.error_model import Errors, StartErrors
from perilune.mission.fault import UNITS, Fault, effects_of
from perilune.mission.lander import Lander
from perilune.mission.mission import Masses, Mission
from perilune.mission.site_stop import SiteStop
from perilune.mission.soil import Soil
from perilune.mission.surface_statistics import SurfaceStatistics

FaultNumbers = dict[str, dict[str, float | tuple[float, ...]]]
"""Kind or unit that is struck → the numbers of what happens to it and when."""
WITH_VELOCIMETER = "with_velocimeter"
"""Stands among the kinds of a fault: whether the velocimeters are lost with the altimeter."""
STANDING = {sensor.kind: sensor.standing_faults for sensor in SENSORS}
NO_FAULT = {"none": Fault(name="none", title="", summary="")}
"""Stands where a mission has no fault: a mission with one is of the same structure."""


class SiteNumbers(eqx.Module):
    """What truth is built from of a site."""

    soil: Soil | None
    stops: tuple[SiteStop, ...]
    surface: SurfaceStatistics | None


class Numbers(eqx.Module):
    """What truth is built from: the tables of a mission, arrays throughout."""

    _: KW_ONLY
    lander: Lander
    layout: Layout
    site: SiteNumbers
    masses: Masses
    start: StartErrors
    errors: Errors
    faults: tuple[FaultNumbers, ...]


def numbers_of(mission: Mission) -> Numbers:
    """The tree of a mission, in the lander's own sizes."""
    return Numbers(
        lander=mission.lander,
        layout=layout_of(mission.lander),
        site=SiteNumbers(mission.site.soil, mission.site.stops, mission.site.surface),
        masses=mission.masses,
        start=mission.start,
        errors=mission.errors,
        faults=tuple(
            _fault(mission, name, fault) for name, fault in (mission.faults or NO_FAULT).items()
        ),
    )


def _fault(mission: Mission, name: str, fault: Fault) -> FaultNumbers:
    """What a fault does, when and to which units; nothing of what it leaves alone."""
    found: FaultNumbers = {}
    for label, table in fault.signals.items():
        beginning = f"faults.{name}.{label}."
        drawn = {
            path.removeprefix(beginning)
            for entry in mission.dispersions
            for path in entry.drawn
            if path.startswith(beginning)
        }
        numbers = _signal_fault(table, drawn, STANDING.get(kind_of(label), ()))
        if numbers:
            found[label] = numbers | _of_which(mission.lander, label, table)
    return found | {WITH_VELOCIMETER: {"on": float(fault.with_velocimeter)}}


def _of_which(lander: Lander, label: str, table: Onset) -> dict[str, Any]:
    """What is struck: units of the command, axes of a sensor, or legs."""
    legs = part_numbers(table, lander.legs.count)
    return _units(lander, table) | _axes(label, table) | legs


def _units(lander: Lander, table: Onset) -> dict[str, float | tuple[float, ...]]:
    """Of a fault of the command, each engine and nozzle: 1 if it is struck, else 0."""
    if not isinstance(table, UnitsFault):
        return {}
    return {UNITS: tuple(map(float, units_struck(lander, table.units)))}


def _axes(label: str, table: Onset) -> dict[str, tuple[float, ...]]:
    """Of a fault of a sensor with axes, each of them: 1 if it is struck, else 0."""
    if AXES not in type(table).model_fields:
        return {}
    named = getattr(table, AXES)
    return {AXES: tuple(float(not named or axis in named) for axis in sensor_of(label).axes)}


def _signal_fault(
    table: Onset, drawn: Collection[str], standing: Sequence[str]
) -> dict[str, float | tuple[float, ...]]:
    """The numbers of standing effects and of what is done, drawn or not; {} if there is none."""
    fields = type(table).model_fields
    effects = [*standing, *effects_of(table), *(n for n in fields if bare_name(n) in drawn)]
    if not effects:
        return {}
    names = {*effects, "after_s", "after_event", "duration_s"}
    if table.below_height_m is not None:
        names.add("below_height_m")
    if any("drift" in name for name in effects):
        names.add("drift_time_s")
    names.update(detail for effect in effects for detail in ALONG.get(effect, ()))
    return {name: _plain(name, getattr(table, name)) for name in sorted(names)}


def _plain(name: str, value: Any) -> float | tuple[float, ...]:
    """A number: an event is its place in the log, a moment that never comes is infinitely late."""
    if name == "after_event":
        return float(EVENT_NAMES.index(value))
    if isinstance(value, tuple):
        return tuple(map(float, value))
    return np.inf if value is None else float(value)


def dispersable_parameters(plan: FlightPlan) -> dict[str, Any]:
    """What can be drawn of a plan: truth's numbers, and what of the upload is settings."""
    upload = plan.upload
    settings = {
        "control": upload.control,
        "filter": upload.filter,
        "plan": upload.plan,
        "sensors": upload.sensors,
        "vehicle": upload.vehicle,
    }
    return {"numbers": plan.numbers, "onboard": settings}


def addresses(tree: Any, fault_names: Sequence[str]) -> dict[str, tuple[int, str]]:
    """Path of the resolved mission → (index in the raveled tree, name with its unit).

    Every component of an array has its own path; those of the upload begin with `onboard.`.
    """
    found, index = {}, 0
    for keys, leaf in jax.tree_util.tree_flatten_with_path(tree)[0]:
        steps = [_step(key) for key in keys]
        name = next(step for step in reversed(steps) if not step.isdigit())
        for place in np.ndindex(np.shape(leaf)):
            path = ".".join([*map(bare_name, steps), *map(str, place)])
            found[_as_written(path, fault_names)] = (index, name)
            index += 1
    return found


def _step(key: Any) -> str:
    for attribute in ("name", "key", "idx"):
        if hasattr(key, attribute):
            return str(getattr(key, attribute))
    raise AssertionError(key)


def _as_written(path: str, fault_names: Sequence[str]) -> str:
    """A path of the tree as missions spell it."""
    path = path.removeprefix("numbers.")
    head, _, rest = path.partition(".")
    if head == "faults":
        place, _, rest = rest.partition(".")
        names = dict(enumerate(fault_names))
        return f"faults.{names.get(int(place), f'({place})')}.{rest}"
    return path


def to_arrays(numbers: Numbers) -> Numbers:
    """The tree with every leaf a strongly typed array of floating-point numbers."""
    return jax.tree.map(lambda leaf: jnp.asarray(leaf, float), as_arrays(numbers))
