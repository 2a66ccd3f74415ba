"""What has arrived from the sensors, used by the filter unit after unit.

A kind's model is the module of its name beside this one.
"""

import dataclasses
import importlib
from collections.abc import Mapping
from types import ModuleType
from typing import Any

import jax.numpy as jnp
from jaxtyping import Array, Float

from perilune.interfaces.sensor import Rate
from perilune.interfaces.sensor_kinds import SENSORS
from perilune.interfaces.units import kind_of
from perilune.onboard.navigation.estimate import Estimate
from perilune.onboard.navigation.ground import (
    map_variance_m2,
    strike_at,
    units,
    with_gravity_walk,
)
from perilune.onboard.navigation.propagate import Cycle, grow, refer
from perilune.onboard.navigation.sight import Sight
from perilune.onboard.navigation.update import UpdateResult, update
from perilune.onboard.upload import Upload

Readings = Mapping[str, Any]
Results = dict[str, UpdateResult]


def model_of(kind: str) -> ModuleType:
    """What the flight software knows of a kind of sensor."""
    return importlib.import_module(f"perilune.onboard.navigation.{kind}")


def navigated(
    upload: Upload, estimate: Estimate, readings: Readings, sight: Sight, cycle: Cycle
) -> tuple[Estimate, Results]:
    """The estimate with its covariance over the cycle and the readings at its end.

    The map's error is referred to where a beam strikes before its range is used: to the first
    beam's strike as the covariance grows, to the others' one by one.
    """
    settings = upload.filter
    variance_m2 = map_variance_m2(settings, cycle.range_m)
    estimate = dataclasses.replace(estimate, map_variance_m2=variance_m2)
    first = next((label for label in _asked(upload, Rate.CYCLE) if _strikes(label)), None)
    moved_m = jnp.array(0.0)
    if first is not None:
        estimate, moved_m = _referred(upload, estimate, readings, sight, first)
    walking = with_gravity_walk(settings, cycle.range_m)
    estimate = grow(walking, estimate, cycle, moved_m)
    results = {}
    for label in _asked(upload, Rate.CYCLE):
        if _strikes(label) and label != first:
            estimate, moved_m = _referred(upload, estimate, readings, sight, label)
            estimate = refer(settings, estimate, moved_m)
        estimate, results[label] = _used(upload, estimate, readings, sight, label)
    return estimate, results


def at_frame(
    upload: Upload, estimate: Estimate, readings: Readings, sight: Sight
) -> tuple[Estimate, Results]:
    """The estimate with the readings at the end of a frame."""
    results = {}
    for label in _asked(upload, Rate.FRAME):
        estimate, results[label] = _used(upload, estimate, readings, sight, label)
    return estimate, results


def no_results(upload: Upload, rate: Rate) -> Results:
    """As many as there would be, none of them of a reading."""
    return {
        label: UpdateResult(jnp.zeros(count), jnp.zeros(count), jnp.zeros(count, bool))
        for label, count in _asked(upload, rate).items()
    }


def _asked(upload: Upload, rate: Rate) -> dict[str, int]:
    """The units that read at a rate, in order, with how many scalars each gives."""
    return {
        label: sensor.scalar_count
        for sensor in SENSORS
        if sensor.rate is rate
        for label in units(upload, sensor.kind)
    }


def _strikes(label: str) -> bool:
    """Whether a unit's beam ends on the ground that the map bias is of."""
    return hasattr(model_of(kind_of(label)), "strike_fixed_m")


def _referred(
    upload: Upload, estimate: Estimate, readings: Readings, sight: Sight, label: str
) -> tuple[Estimate, Float[Array, ""]]:
    """The estimate with its map bias of where this unit's beam ended, and how far that is."""
    belief, reading = upload.sensors[label], readings[label]
    place_m = model_of(kind_of(label)).strike_fixed_m(belief, sight, estimate, reading)
    return strike_at(estimate, place_m, reading.valid, upload.chart.terrain_map.reference_radius_m)


def _used(
    upload: Upload, estimate: Estimate, readings: Readings, sight: Sight, label: str
) -> tuple[Estimate, UpdateResult]:
    model, sight = model_of(kind_of(label)), dataclasses.replace(sight, label=label)
    rows = model.expect(upload.sensors[label], sight, estimate, readings[label])
    return update(estimate, rows, upload.filter.gate_factor)
