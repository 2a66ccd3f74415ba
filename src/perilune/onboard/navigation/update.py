"""Measurement updates: scalar after scalar in one compiled loop, each behind its gate."""

import dataclasses
import functools
from collections.abc import Callable
from dataclasses import KW_ONLY
from typing import NamedTuple

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, Bool, Float

from perilune.interfaces.telemetry import UpdateResult
from perilune.mechanics.batching import if_any_lane
from perilune.onboard.navigation.estimate import (
    ACCELEROMETER_BIAS,
    ATTITUDE,
    POSITION,
    VELOCITY,
    Estimate,
    correct,
)
from perilune.onboard.navigation.watch import (
    Watch,
    excess_variance,
    inflated,
    persists,
    raised,
    watched,
)

MOST_M, MOST_M_S, MOST_RAD = 1e5, 1e3, 0.3
"""No re-acquisition leaves position, velocity or attitude less sure: they are small errors."""
MOST_FACTOR = 100.0
"""Times the sigma that they began with, likewise of biases."""
Corrected = tuple[Float[Array, " errors"], Float[Array, "errors errors"]]
"""The error found so far, and its covariance."""


Judged = tuple[Float[Array, ""], Float[Array, ""], Bool[Array, ""]]
"""An innovation, the largest that passes, and whether it passed."""
Admitted = tuple[Float[Array, "errors errors"], Float[Array, " errors"]]
"""A covariance P, and P h of a scalar with the slope h."""
Widened = Callable[
    [Float[Array, "errors errors"], Float[Array, " errors"], Float[Array, ""], Float[Array, ""]],
    Float[Array, "errors errors"],
]
"""From P, P h, h' P h and what that should be to a wider P."""


class Residuals(eqx.Module):
    """A batch of scalar measurements against the estimate."""

    value: Float[Array, " n"]  # measured minus predicted
    slope: Float[Array, "n errors"]  # derivative of the measurement by the errors
    variance: Float[Array, " n"]
    valid: Bool[Array, " n"]
    height_alone: bool = eqx.field(static=True, default=False)  # they may move nothing but height


def nothing_used(count: int) -> UpdateResult:
    """What is made of readings that say nothing."""
    none = jnp.zeros(count)
    return UpdateResult(none, none, jnp.zeros(count, bool), none)


class Row(NamedTuple):
    """One scalar of them, with what is known of its noise and whether it may be re-acquired."""

    value: Float[Array, ""]
    slope: Float[Array, " errors"]
    variance: Float[Array, ""]
    valid: Bool[Array, ""]
    scatter_factor: Float[Array, ""]
    reopens: Bool[Array, ""]


class Gate(eqx.Module):
    """What decides which scalars of one unit are used."""

    _: KW_ONLY
    factor: Float[Array, ""]  # sigmas of the innovation
    watch: Watch
    start_sigma: Float[Array, " errors"]  # SI; a re-acquisition leaves biases no less sure by far
    time_s: Float[Array, ""]
    may_reopen: Bool[Array, ""]  # whether what has been refused for long may be taken after all
    moves: Bool[Array, ""]  # whether what passes moves the estimate, or is only watched


def update(
    estimate: Estimate, residuals: Residuals, gate: Gate
) -> tuple[Estimate, UpdateResult, Watch]:
    """Apply scalars one by one; those past the gate are refused until `watch` has it reopened.

    Where none is valid everything stays: the covariance because each gain is zero.
    With `height_alone` they may move nothing but height. That gain is less than the best,
    so the covariance follows the form for any gain, P - K u' - (u - s K) K' with u = P h and
    s = h' P h + r (Schmidt 1966, AGARDograph 82: errors considered, not corrected); for the best
    gain the last term is zero.
    """
    quiet = nothing_used(len(residuals.value))
    heard = jnp.any(residuals.valid)
    height_of = _height_only(estimate) if residuals.height_alone else None
    widened = _widened(estimate, gate.start_sigma, residuals.height_alone)

    def one(carry: Corrected, row: Row) -> tuple[Corrected, Judged]:
        error, covariance = carry
        innovation = row.value - jnp.sum(row.slope * error)
        covariance, spread, variance = _admitted(covariance, row, innovation, gate.factor, widened)
        limit = gate.factor * jnp.sqrt(variance)
        passed = row.valid & (jnp.abs(innovation) < limit)
        used = passed & gate.moves
        best = spread / variance
        gain = jnp.where(used, height_of(best) if height_of else best, 0.0)
        error = error + gain * jnp.where(used, innovation, 0.0)
        covariance = covariance - gain[:, None] * spread[None, :]
        if height_of:
            short = jnp.where(used, spread - variance * gain, 0.0)
            covariance = covariance - short[:, None] * gain[None, :]
        return (error, covariance), (innovation, limit, passed)

    slopes = jnp.where(heard, residuals.slope, 0.0)  # finite, so that zero times them is zero
    rows = Row(
        residuals.value,
        slopes,
        residuals.variance,
        residuals.valid,
        gate.watch.scatter_factor,
        persists(gate.watch, gate.time_s) & gate.may_reopen & gate.moves,
    )
    start = (jnp.zeros(estimate.layout.count), estimate.covariance)
    (error, covariance), (innovation, limit, passed) = jax.lax.scan(one, start, rows)
    left = residuals.value - jnp.sum(slopes * error, axis=-1)
    results = UpdateResult(innovation, limit, passed, left)
    watch = watched(gate.watch, results, residuals.valid, residuals.variance, gate.time_s)
    results = dataclasses.replace(results, used=passed & gate.moves)
    kept = dataclasses.replace(estimate, covariance=covariance)
    corrected = (correct(estimate, error, covariance), results)
    estimate, results = jax.tree.map(
        lambda new, old: new if new is old else jnp.where(heard, new, old), corrected, (kept, quiet)
    )
    return estimate, results, watch


def _admitted(
    covariance: Float[Array, "errors errors"],
    row: Row,
    innovation: Float[Array, ""],
    factor: Float[Array, ""],
    widened: Widened,
) -> tuple[Float[Array, "errors errors"], Float[Array, " errors"], Float[Array, ""]]:
    """P, P h and the innovation's variance, with the noise as seen, widened to re-acquire."""

    def spread_of(covariance: Float[Array, "errors errors"]) -> Float[Array, " errors"]:
        return jnp.sum(covariance * row.slope[None, :], axis=1)

    spread = spread_of(covariance)
    known = jnp.sum(row.slope * spread)
    scatter = row.scatter_factor * row.variance
    noise = row.variance + excess_variance(scatter, known + row.variance)
    past = innovation**2 >= factor**2 * (known + noise)

    def admit(_: Admitted) -> Admitted:
        wider = widened(covariance, spread, known, innovation**2 - noise)
        return wider, spread_of(wider)

    covariance, spread = if_any_lane(row.reopens & row.valid & past, admit, (covariance, spread))
    return covariance, spread, jnp.sum(row.slope * spread) + noise


def _widened(
    estimate: Estimate, start_sigma: Float[Array, " errors"], height_alone: bool
) -> Widened:
    """How a covariance P grows to re-acquire, from P, P h, h' P h and what that should be.

    Of a height place along the radius and the map alone grow: a step of the ground comes within a
    second, and were speed as unsure, it would be taken for one. No state grows beyond what a
    re-acquisition leaves at most: SI, as the errors.
    """
    layout = estimate.layout
    if height_alone:
        place_m, none = estimate.position_inertial_m, jnp.zeros(layout.count)
        up = none.at[POSITION].set(place_m / jnp.linalg.norm(place_m))
        directions = jnp.stack([up, none.at[layout.map_bias].set(1.0)])
        return functools.partial(raised, directions=directions, most=MOST_M)
    every = MOST_FACTOR * start_sigma
    most = every.at[POSITION].set(MOST_M).at[VELOCITY].set(MOST_M_S).at[ATTITUDE].set(MOST_RAD)
    return functools.partial(inflated, most=most)


def _height_only(
    estimate: Estimate,
) -> Callable[[Float[Array, " errors"]], Float[Array, " errors"]]:
    """The map from a gain to what of it moves height.

    That is position and velocity along the radius, and the map's and the accelerometers' biases.
    """
    layout, position_m = estimate.layout, estimate.position_inertial_m
    up = position_m / jnp.linalg.norm(position_m)
    none = jnp.zeros(layout.count)
    place, speed = none.at[POSITION].set(up), none.at[VELOCITY].set(up)
    kept = none.at[layout.map_bias].set(1.0)
    for biases in layout.inertial(ACCELEROMETER_BIAS):
        kept = kept.at[biases].set(1.0)
    return lambda gain: place * jnp.sum(place * gain) + speed * jnp.sum(speed * gain) + kept * gain
