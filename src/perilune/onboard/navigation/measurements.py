"""What has arrived from the sensors, used by the filter unit after unit.

A kind's model is the module of its name beside this one.
"""

import dataclasses
import importlib
from collections.abc import Mapping
from types import ModuleType
from typing import NamedTuple

import jax.numpy as jnp
from jaxtyping import Array, Bool, Float

from perilune.interfaces.inbox import Message
from perilune.interfaces.sensor import Rate
from perilune.interfaces.sensor_kinds import SENSORS, sensor_of
from perilune.interfaces.telemetry import UpdateResult
from perilune.interfaces.units import kind_of
from perilune.mechanics.batching import unless_no_lane
from perilune.mechanics.rotation import from_rotation_vector, multiply
from perilune.onboard.navigation.cross_check import cross_checked, in_use_only
from perilune.onboard.navigation.estimate import (
    HEIGHT,
    POSITION,
    VELOCITY,
    Estimate,
    height_of,
    instant_of,
    with_past,
)
from perilune.onboard.navigation.ground import (
    ground_variance_m2,
    strike_at,
    units,
    with_gravity_walk,
)
from perilune.onboard.navigation.heights import (
    finer_in_use,
    height_watches,
    may_reopen,
    others_in_use,
)
from perilune.onboard.navigation.past import at
from perilune.onboard.navigation.propagate import Cycle, grow, refer
from perilune.onboard.navigation.sight import Sight
from perilune.onboard.navigation.update import Gate, Residuals, nothing_used, update
from perilune.onboard.navigation.watch import Watch
from perilune.onboard.upload import Upload

Messages = Mapping[str, Message]
Strike = tuple[Float[Array, "3"], Float[Array, ""]]
"""Direction of a strike, Moon-fixed, and how far it lies from the one before, m."""
Results = dict[str, UpdateResult]


def model_of(kind: str) -> ModuleType:
    """What the flight software knows of a kind of sensor."""
    return importlib.import_module(f"perilune.onboard.navigation.{kind}")


def navigated(
    upload: Upload, estimate: Estimate, messages: Messages, sight: Sight, cycle: Cycle
) -> tuple[Estimate, Results]:
    """The estimate with its covariance over the cycle and the readings at its end.

    The map's error is referred to where a beam strikes before its range is used: to the first
    beam's strike as the covariance grows, to the others' one by one.
    """
    settings = upload.filter
    estimate = with_past(estimate, sight.time_s, sight.rate_body_rad_s)
    started = estimate.watches
    variance_m2 = ground_variance_m2(settings, estimate, cycle.range_m)
    estimate = dataclasses.replace(estimate, map_variance_m2=variance_m2)
    first = next((label for label in asked(upload, Rate.CYCLE) if strikes(label)), None)
    moved_m = jnp.array(0.0)
    if first is not None:
        estimate, moved_m = referred(upload, estimate, messages, sight, first)
    walking = with_gravity_walk(settings, cycle.range_m)
    estimate = grow(walking, estimate, cycle, moved_m)
    results = {}
    for label in asked(upload, Rate.CYCLE):
        if strikes(label) and label != first:
            estimate, moved_m = referred(upload, estimate, messages, sight, label)
            estimate = refer(settings, estimate, moved_m)
        estimate, results[label] = _used(upload, estimate, messages, sight, label)
        if sensor_of(label).height_beside:
            estimate = _with_height(upload, estimate, messages, sight, label)
    estimate = cross_checked(upload, estimate, results, started, sight, cycle.duration_s)
    return estimate, results


def at_frame(
    upload: Upload, estimate: Estimate, messages: Messages, sight: Sight
) -> tuple[Estimate, Results]:
    """The estimate with the readings at the end of a frame."""
    results = {}
    for label in asked(upload, Rate.FRAME):
        estimate, results[label] = _used(upload, estimate, messages, sight, label)
    return estimate, results


def no_results(upload: Upload, rate: Rate) -> Results:
    """As many as there would be, none of them of a reading."""
    return {label: nothing_used(count) for label, count in asked(upload, rate).items()}


def asked(upload: Upload, rate: Rate) -> dict[str, int]:
    """The units that read the motion at a rate, in order, with how many scalars each gives."""
    return {
        label: sensor.scalar_count
        for sensor in SENSORS
        if sensor.rate is rate and sensor.scalar_count
        for label in units(upload, sensor.kind)
    }


def strikes(label: str) -> bool:
    """Whether a unit's beam ends on the ground that the map bias is of."""
    return hasattr(model_of(kind_of(label)), "strike_fixed_m")


def referred(
    upload: Upload, estimate: Estimate, messages: Messages, sight: Sight, label: str
) -> tuple[Estimate, Float[Array, ""]]:
    """The estimate with its map bias of where this unit's beam ended, and how far that is."""
    reading, radius_m = messages[label].reading, upload.chart.terrain_map.reference_radius_m
    strike_fixed_m = model_of(kind_of(label)).strike_fixed_m
    moves = _moves(estimate, sight, label)

    def refer_it(was: Strike) -> Strike:
        then = compared(estimate, sight, messages[label])
        place_m = strike_fixed_m(upload.sensors[label], then.sight, then.estimate, reading)
        return strike_at(was[0], place_m, reading.valid & then.known & moves, radius_m)

    last = (estimate.strike_direction, jnp.array(0.0))
    direction, moved_m = unless_no_lane(reading.valid, refer_it, last)
    return dataclasses.replace(estimate, strike_direction=direction), moved_m


def _used(
    upload: Upload, estimate: Estimate, messages: Messages, sight: Sight, label: str
) -> tuple[Estimate, UpdateResult]:
    """The estimate with what a message says of the instant of its time tag."""
    gate = gate_of(upload, estimate, sight, label)
    reading, sight = messages[label].reading, dataclasses.replace(sight, label=label)
    expect = model_of(kind_of(label)).expect

    def use(was: tuple[Estimate, UpdateResult, Watch]) -> tuple[Estimate, UpdateResult, Watch]:
        then = compared(estimate, sight, messages[label])
        rows = expect(upload.sensors[label], then.sight, then.estimate, reading)
        rows = _struck_elsewhere(of_now(rows, then), estimate, gate)
        return update(was[0], rows, gate)

    bare = _bare(estimate)
    quiet = nothing_used(sensor_of(label).scalar_count)
    bare, result, watch = unless_no_lane(jnp.any(reading.valid), use, (bare, quiet, gate.watch))
    return _whole(bare, estimate, {label: watch}), result


def _with_height(
    upload: Upload, estimate: Estimate, messages: Messages, sight: Sight, label: str
) -> Estimate:
    """The estimate with the height beside a unit's channels, which is watched at the least."""
    reading, name, model = messages[label].reading, height_of(label), model_of(kind_of(label))
    gate, belief = gate_of(upload, estimate, sight, name), upload.sensors[label]
    radius_m = upload.chart.terrain_map.reference_radius_m
    heard = jnp.all(reading.valid)

    def use(was: tuple[Estimate, Watch]) -> tuple[Estimate, Watch]:
        then = compared(estimate, sight, messages[label])
        place_m = model.middle_fixed_m(belief, then.sight, then.estimate, reading)
        moves = heard & then.known & gate.moves
        direction, moved_m = strike_at(was[0].strike_direction, place_m, moves, radius_m)
        placed = dataclasses.replace(was[0], strike_direction=direction)
        placed = refer(upload.filter, placed, moved_m)
        rows = of_now(model.expect_height(belief, then.sight, then.estimate, reading), then)
        after, _, watch = update(placed, _struck_elsewhere(rows, estimate, gate), gate)
        return after, watch

    bare = _bare(estimate)
    bare, watch = unless_no_lane(heard, use, (bare, gate.watch))
    return _whole(bare, estimate, {name: watch})


def _bare(estimate: Estimate) -> Estimate:
    """The estimate without what no update changes: a branch that may be skipped would copy it."""
    return dataclasses.replace(estimate, past=None, watches={}, trends=None)


def _whole(bare: Estimate, before: Estimate, watches: Mapping[str, Watch]) -> Estimate:
    """An updated bare estimate with the past it had, and its new watches."""
    return dataclasses.replace(
        bare, past=before.past, trends=before.trends, watches={**before.watches, **watches}
    )


def gate_of(upload: Upload, estimate: Estimate, sight: Sight, name: str) -> Gate:
    """The gate of a unit, or of the height beside its channels."""
    heights = _heights(estimate)
    yes = jnp.array(True)
    return Gate(
        factor=upload.filter.gate_factor,
        watch=estimate.watches[name],
        start_sigma=jnp.sqrt(jnp.diagonal(upload.filter.start_covariance)),
        time_s=sight.time_s,
        may_reopen=may_reopen(heights, name, sight.time_s) if name in heights else yes,
        moves=_moves(estimate, sight, name),
    )


def _moves(estimate: Estimate, sight: Sight, name: str) -> Bool[Array, ""]:
    """Whether what passes the gate moves the estimate; else it is only watched."""
    heights = _heights(estimate)
    watches = name in heights and (name.endswith(HEIGHT) or sensor_of(name).second_height)
    moves = ~finer_in_use(heights, name, sight.time_s) if watches else jnp.array(True)
    assert estimate.trends is not None
    if name not in estimate.trends.heights:
        return moves
    wrong = estimate.trends.heights[name].distrusted & others_in_use(heights, name, sight.time_s)
    return moves & ~wrong


def _heights(estimate: Estimate) -> dict[str, Watch]:
    """The watches of all that measures height; a unit that is distrusted is not in use."""
    assert estimate.trends is not None
    return in_use_only(height_watches(estimate.watches, strikes), estimate.trends.heights)


def _struck_elsewhere(rows: Residuals, estimate: Estimate, gate: Gate) -> Residuals:
    """Rows of a height, less sure where the map's bias is not referred to what they struck."""
    if not rows.height_alone:
        return rows
    elsewhere_m2 = jnp.where(gate.moves, 0.0, estimate.map_variance_m2)
    return dataclasses.replace(rows, variance=rows.variance + elsewhere_m2)


def of_now(rows: Residuals, then: "Compared") -> Residuals:
    """Rows of a time tag, referred to the errors of now."""
    late = rows.slope.at[:, VELOCITY].add(-then.lag_s * rows.slope[:, POSITION])
    return dataclasses.replace(rows, slope=late, valid=rows.valid & then.known)


class Compared(NamedTuple):
    """What the filter compares a message with: the estimate and the sight of its time tag."""

    estimate: Estimate
    sight: Sight
    lag_s: Float[Array, ""]
    known: Bool[Array, ""]


def compared(estimate: Estimate, sight: Sight, message: Message) -> Compared:
    """The estimate and the sight of a message's time tag, and how long ago that was."""
    now = instant_of(estimate, sight.time_s, sight.rate_body_rad_s)
    assert estimate.past is not None
    state = at(estimate.past, now, message.time_s)
    turn = from_rotation_vector(state.lag_s * sight.spin_inertial_rad_s)
    believed = dataclasses.replace(
        estimate,
        position_inertial_m=state.position_inertial_m,
        velocity_inertial_m_s=state.velocity_inertial_m_s,
        inertial_from_body=state.inertial_from_body,
    )
    seen = dataclasses.replace(
        sight,
        fixed_from_inertial=multiply(sight.fixed_from_inertial, turn),
        rate_body_rad_s=state.rate_body_rad_s,
    )
    return Compared(believed, seen, state.lag_s, state.known)
