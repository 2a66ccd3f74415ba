"""Measurement updates: scalar after scalar in one compiled loop, each behind its gate."""

import dataclasses
from collections.abc import Callable
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, Bool, Float

from perilune.interfaces.telemetry import UpdateResult
from perilune.mechanics.batching import unless_no_lane
from perilune.onboard.navigation.estimate import (
    ACCELEROMETER_BIAS,
    POSITION,
    VELOCITY,
    Estimate,
    correct,
)

Corrected = tuple[Float[Array, " errors"], Float[Array, "errors errors"]]
"""The error found so far, and its covariance."""


class Residuals(eqx.Module):
    """A batch of scalar measurements against the estimate."""

    value: Float[Array, " n"]  # measured minus predicted
    slope: Float[Array, "n errors"]  # derivative of the measurement by the errors
    variance: Float[Array, " n"]
    valid: Bool[Array, " n"]
    height_alone: bool = eqx.field(static=True, default=False)  # they may move nothing but height


def update(
    estimate: Estimate, residuals: Residuals, gate_factor: Float[Array, ""]
) -> tuple[Estimate, UpdateResult]:
    """Apply scalars one by one; those past `gate_factor` sigmas of their innovation are refused.

    With `height_alone` they may move nothing but height. That gain is less than the best,
    so the covariance follows the form for any gain, P - K u' - (u - s K) K' with u = P h and
    s = h' P h + r (Schmidt 1966, AGARDograph 82: errors considered, not corrected); for the best
    gain the last term is zero.
    """
    quiet = jnp.zeros_like(residuals.value)
    return unless_no_lane(
        jnp.any(residuals.valid),
        lambda now: _updated(*now, residuals, gate_factor),
        (estimate, UpdateResult(quiet, quiet, jnp.zeros_like(residuals.valid))),
    )


def _updated(
    estimate: Estimate, quiet: UpdateResult, residuals: Residuals, gate_factor: Float[Array, ""]
) -> tuple[Estimate, UpdateResult]:
    """Where no measurement is valid everything stays: the covariance because each gain is zero."""
    heard = jnp.any(residuals.valid)
    height_alone, height_of = residuals.height_alone, _height_only(estimate)

    def one(carry: Corrected, row: Any) -> tuple[Corrected, UpdateResult]:
        error, covariance = carry
        value, slope, variance, valid = row
        spread = jnp.sum(covariance * slope[None, :], axis=1)
        innovation_variance = jnp.sum(slope * spread) + variance
        innovation = value - jnp.sum(slope * error)
        gate = gate_factor * jnp.sqrt(innovation_variance)
        used = valid & (jnp.abs(innovation) < gate)
        best = spread / innovation_variance
        gain = jnp.where(used, height_of(best) if height_alone else best, 0.0)
        error = error + gain * jnp.where(used, innovation, 0.0)
        covariance = covariance - gain[:, None] * spread[None, :]
        if height_alone:
            short = jnp.where(used, spread - innovation_variance * gain, 0.0)
            covariance = covariance - short[:, None] * gain[None, :]
        return (error, covariance), UpdateResult(innovation, gate, used)

    slopes = jnp.where(heard, residuals.slope, 0.0)  # finite, so that zero times them is zero
    rows = (residuals.value, slopes, residuals.variance, residuals.valid)
    start = (jnp.zeros(estimate.layout.count), estimate.covariance)
    (error, covariance), results = jax.lax.scan(one, start, rows)
    kept = dataclasses.replace(estimate, covariance=covariance)
    corrected = (correct(estimate, error, covariance), results)
    return jax.tree.map(
        lambda new, old: new if new is old else jnp.where(heard, new, old), corrected, (kept, quiet)
    )


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
