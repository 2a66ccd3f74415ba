"""One cycle of the filter, made linear: what becomes of its errors, and of what is read.

It calls the flight software's own models and update; the order is that of
`onboard.navigation.measurements.navigated`. Gains are those of the filter's own covariance and stay
as they are, whatever is read: the analysis is of the first order.
"""

import dataclasses
from collections.abc import Callable
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

from perilune.campaign.covariance.moments import Moment
from perilune.interfaces import BelievedState, Message
from perilune.interfaces.clock import seconds
from perilune.interfaces.sensor import Rate
from perilune.interfaces.sensor_kinds import sensor_of
from perilune.interfaces.units import kind_of
from perilune.onboard.guidance.view import ground_range_m, moon_orientation
from perilune.onboard.navigation.estimate import Estimate, first_estimate, height_of
from perilune.onboard.navigation.ground import ground_variance_m2, strike_at, with_gravity_walk
from perilune.onboard.navigation.measurements import (
    asked,
    compared,
    gate_of,
    model_of,
    of_now,
    referred,
    strikes,
)
from perilune.onboard.navigation.past import no_past
from perilune.onboard.navigation.propagate import (
    Cycle,
    HeldGravity,
    fading_length_m,
    grow,
    refer,
)
from perilune.onboard.navigation.sight import Sight
from perilune.onboard.navigation.update import Gate, Residuals, update
from perilune.onboard.upload import Upload


class Flown(NamedTuple):
    """What dead reckoning made of a cycle."""

    gain_inertial_m_s: Float[Array, "3"]
    imu_in_use: Any
    rate_body_rad_s: Float[Array, "3"]


class Used(NamedTuple):
    """What one unit's scalars do, m of them: to n errors, estimated less true."""

    slope: Float[Array, "m n"]
    gain: Float[Array, "n m"]


class Step(NamedTuple):
    """An update: how errors go through it, and how what is read gets into them."""

    through: Float[Array, "n n"]
    into: dict[str, Float[Array, "n m"]]  # by label: of an error of its scalars, after them all
    slope: dict[str, Float[Array, "m n"]]
    strike_moved_m: Float[Array, ""]
    covariance: Float[Array, "n n"]  # as the filter has it afterwards


def estimate_of(upload: Upload, moment: Moment, state: BelievedState) -> Estimate:
    """The filter's estimate at a moment, with no bias known."""
    empty = first_estimate(upload)
    watches = dict(empty.watches)
    for label, last_s in moment.last_height_s.items():
        watches[label] = dataclasses.replace(
            watches[label],
            last_s=last_s[None],
            heard=jnp.isfinite(last_s)[None],
        )
    return dataclasses.replace(
        empty,
        position_inertial_m=state.position_inertial_m,
        velocity_inertial_m_s=state.velocity_inertial_m_s,
        inertial_from_body=state.inertial_from_body,
        map_bias_m=state.map_bias_m,
        strike_direction=state.strike_direction,
        map_variance_m2=state.map_variance_m2,
        covariance=moment.covariance,
        watches=watches,
        past=moment.past,
        corrections=moment.corrections,
    )


def sight_of(upload: Upload, moment: Moment, rate_body_rad_s: Float[Array, "3"]) -> Sight:
    """What onboard models look at, at the end of the cycle."""
    time_s = seconds(moment.clock[-1])
    where = moon_orientation(upload.chart, time_s)
    return Sight(
        chart=upload.chart,
        time_s=time_s,
        fixed_from_inertial=where.fixed_from_inertial,
        spin_inertial_rad_s=where.spin_inertial_rad_s,
        rate_body_rad_s=rate_body_rad_s,
    )


def moved(estimate: Estimate) -> Float[Array, " n"]:
    """All corrections so far, in the order of the filter's errors."""
    layout = estimate.layout
    whole = jnp.zeros(layout.count).at[:9].set(estimate.corrections)
    whole = whole.at[layout.map_bias].set(estimate.map_bias_m)
    for label, biases in estimate.biases.items():
        for name, value in biases.items():
            whole = whole.at[layout.of[label][name]].set(value)
    return whole


def stepped(upload: Upload, moment: Moment, flown: Flown, messages: dict[str, Message]) -> Step:
    """The update at the end of a cycle, with that of the frame where one ends."""
    sight = sight_of(upload, moment, flown.rate_body_rad_s)
    estimate = estimate_of(upload, moment, moment.end)
    range_m = ground_range_m(upload.chart, estimate, moon_orientation(upload.chart, sight.time_s))
    variance_m2 = ground_variance_m2(upload.filter, estimate, range_m)
    estimate = dataclasses.replace(estimate, map_variance_m2=variance_m2)
    first = next((label for label in asked(upload, Rate.CYCLE) if strikes(label)), None)
    moved_m = jnp.array(0.0)
    if first is not None:
        estimate, moved_m = referred(upload, estimate, messages, sight, first)
    cycle = Cycle(
        duration_s=2.0 * moment.tick_s,
        powered=moment.powered[-1],
        gain_inertial_m_s=flown.gain_inertial_m_s,
        held_gravity=HeldGravity(upload.chart.gravity.gm_m3_s2, jnp.zeros(3)),
        imu_in_use=flown.imu_in_use,
        range_m=range_m,
    )
    estimate = grow(with_gravity_walk(upload.filter, range_m), estimate, cycle, moved_m)
    walk = _Walk(upload, moment, sight, messages, estimate, _faded(upload, estimate, moved_m))
    for label in (*asked(upload, Rate.CYCLE), *asked(upload, Rate.FRAME)):
        if strikes(label) and label != first:
            walk.refer(label)
        walk.use(label)
        if sensor_of(label).height_beside:
            walk.use_height(label)
    return Step(walk.through, walk.into, walk.slope, moved_m, walk.estimate.covariance)


def _faded(upload: Upload, estimate: Estimate, moved_m: Float[Array, ""]) -> Float[Array, "n n"]:
    """What a move of the strike leaves of each error."""
    left = jnp.exp(-moved_m / fading_length_m(upload.filter, estimate))
    return jnp.diag(jnp.ones(estimate.layout.count).at[estimate.layout.map_bias].set(left))


class _Walk:
    """The scalars of a cycle, unit after unit, and what they have made of the errors so far."""

    def __init__(
        self,
        upload: Upload,
        moment: Moment,
        sight: Sight,
        messages: dict[str, Message],
        estimate: Estimate,
        through: Float[Array, "n n"],
    ) -> None:
        self.upload, self.moment, self.sight, self.messages = upload, moment, sight, messages
        self.estimate, self.through = estimate, through
        self.into: dict[str, Any] = {}
        self.slope: dict[str, Any] = {}

    def refer(self, label: str) -> None:
        """The map's error referred to where this unit's beam ended."""
        found, moved_m = referred(self.upload, self.estimate, self.messages, self.sight, label)
        self._refer(refer(self.upload.filter, found, moved_m), moved_m)

    def _refer(self, estimate: Estimate, moved_m: Float[Array, ""]) -> None:
        self.estimate = estimate
        self._past(_faded(self.upload, estimate, moved_m))

    def _past(self, step: Float[Array, "n n"]) -> None:
        self.through = step @ self.through
        self.into = {label: step @ each for label, each in self.into.items()}

    def use(self, label: str) -> None:
        """The scalars of a unit that the filter used on the reference flight."""
        rows = rows_of(self.upload, self.estimate, self.sight, self.messages[label], label)
        rows = dataclasses.replace(rows, valid=self.moment.used[label])
        self._use(label, rows, gate_of(self.upload, self.estimate, self.sight, label))

    def use_height(self, label: str) -> None:
        """The height beside a unit's scalars, where it moves the estimate."""
        name, message = height_of(label), self.messages[label]
        gate = gate_of(self.upload, self.estimate, self.sight, name)
        then = compared(self.estimate, self.sight, message)
        model, belief = model_of(kind_of(label)), self.upload.sensors[label]
        place_m = model.middle_fixed_m(belief, then.sight, then.estimate, message.reading)
        moves = jnp.all(message.reading.valid) & then.known & gate.moves
        radius_m = self.upload.chart.terrain_map.reference_radius_m
        direction, moved_m = strike_at(self.estimate.strike_direction, place_m, moves, radius_m)
        placed = dataclasses.replace(self.estimate, strike_direction=direction)
        self._refer(refer(self.upload.filter, placed, moved_m), moved_m)
        rows = height_rows_of(self.upload, self.estimate, self.sight, message, label)
        self._use(name, dataclasses.replace(rows, valid=moves[None]), gate)

    def _use(self, name: str, rows: Residuals, gate: Gate) -> None:
        estimate, used = linear_update(self.estimate, rows, gate)
        self.estimate = estimate
        self._past(jnp.eye(len(used.gain)) - used.gain @ used.slope)
        self.into[name], self.slope[name] = used.gain, used.slope


def linear_update(estimate: Estimate, rows: Residuals, gate: Gate) -> tuple[Estimate, Used]:
    """The estimate with its covariance after some scalars that say nothing new, and their gain."""
    bare = dataclasses.replace(estimate, past=no_past(), watches={})
    heard = jnp.any(rows.valid)
    slope = jnp.where(heard, rows.slope, 0.0)

    def with_value(value: Float[Array, " m"]) -> tuple[Float[Array, " n"], Any]:
        at = dataclasses.replace(rows, value=value, slope=slope)
        after, _, _ = update(bare, at, gate)
        return moved(after), after.covariance

    none = jnp.zeros(len(rows.value))
    gain, covariance = jax.jacfwd(with_value, has_aux=True)(none)
    return dataclasses.replace(estimate, covariance=covariance), Used(slope, gain)


def rows_of(
    upload: Upload, estimate: Estimate, sight: Sight, message: Message, label: str
) -> Residuals:
    """What the filter compares of a unit's message."""
    return _rows(model_of(kind_of(label)).expect, upload, estimate, sight, message, label)


def height_rows_of(
    upload: Upload, estimate: Estimate, sight: Sight, message: Message, label: str
) -> Residuals:
    """What it compares of the height beside a unit's channels."""
    return _rows(model_of(kind_of(label)).expect_height, upload, estimate, sight, message, label)


def _rows(
    expect: Callable[..., Residuals],
    upload: Upload,
    estimate: Estimate,
    sight: Sight,
    message: Message,
    label: str,
) -> Residuals:
    then = compared(estimate, dataclasses.replace(sight, label=label), message)
    rows = expect(upload.sensors[label], then.sight, then.estimate, message.reading)
    return of_now(rows, then)
