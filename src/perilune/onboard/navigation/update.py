"""Measurement updates: scalar after scalar in one compiled loop, each behind its gate."""

import equinox as eqx
import jax
import jax.numpy as jnp

from perilune.onboard.navigation.estimate import (
    ACCELEROMETER_BIAS,
    ERROR_COUNT,
    MAP_BIAS,
    POSITION,
    VELOCITY,
    correct,
)


class Residuals(eqx.Module):
    """A batch of scalar measurements against the estimate."""

    value: jax.Array  # (n,) measured minus predicted
    slope: jax.Array  # (n, 21) derivative of the measurement by the errors
    variance: jax.Array  # (n,)
    valid: jax.Array  # (n,) bool
    upward: jax.Array  # (n,) bool: moves nothing but height


class Judged(eqx.Module):
    """What the gate said of each scalar."""

    innovation: jax.Array  # (n,)
    gate: jax.Array  # (n,) largest innovation accepted
    used: jax.Array  # (n,) bool


def update(estimate, residuals, gate_factor):
    """Apply scalars one by one; those past `gate_factor` sigmas of their innovation are refused.

    A row that may move nothing but height has less than the best gain, so the covariance follows
    the form for any gain, P - K u' - u K' + K s K' with u = P h and s = h' P h + r (Schmidt 1966,
    AGARDograph 82: errors considered, not corrected).
    """
    up = estimate.position_inertial_m / jnp.linalg.norm(estimate.position_inertial_m)

    def one(carry, row):
        error, covariance = carry
        value, slope, variance, valid, upward = row
        spread = jnp.sum(covariance * slope[None, :], axis=1)
        innovation_variance = jnp.sum(slope * spread) + variance
        innovation = value - jnp.sum(slope * error)
        gate = gate_factor * jnp.sqrt(innovation_variance)
        used = valid & (jnp.abs(innovation) < gate)
        gain = jnp.where(upward, _along(up, spread), spread) / innovation_variance
        gain = jnp.where(used, gain, 0.0)
        error = error + gain * jnp.where(used, innovation, 0.0)
        half = gain[:, None] * (spread - 0.5 * innovation_variance * gain)[None, :]
        covariance = covariance - half - half.T
        return (error, covariance), Judged(innovation, gate, used)

    rows = (
        residuals.value,
        residuals.slope,
        residuals.variance,
        residuals.valid,
        residuals.upward,
    )
    start = (jnp.zeros(ERROR_COUNT), estimate.covariance)
    (error, covariance), judged = jax.lax.scan(one, start, rows)
    return correct(estimate, error, covariance), judged


def _along(up, gain):
    """What of a gain moves height: position and velocity along `up`, map and accelerometer bias."""
    kept = jnp.zeros(ERROR_COUNT).at[POSITION].set(jnp.sum(up * gain[POSITION]) * up)
    kept = kept.at[VELOCITY].set(jnp.sum(up * gain[VELOCITY]) * up)
    kept = kept.at[ACCELEROMETER_BIAS].set(gain[ACCELEROMETER_BIAS])
    return kept.at[MAP_BIAS].set(gain[MAP_BIAS])
