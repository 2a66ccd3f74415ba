"""Measurement updates: scalar after scalar in one compiled loop, each behind its gate."""

import equinox as eqx
import jax
import jax.numpy as jnp

from perilune.onboard.navigation.estimate import ERROR_COUNT, correct


class Residuals(eqx.Module):
    """A batch of scalar measurements against the estimate."""

    value: jax.Array  # (n,) measured minus predicted
    slope: jax.Array  # (n, 21) derivative of the measurement by the errors
    variance: jax.Array  # (n,)
    valid: jax.Array  # (n,) bool


class Judged(eqx.Module):
    """What the gate said of each scalar."""

    innovation: jax.Array  # (n,)
    gate: jax.Array  # (n,) largest innovation accepted
    used: jax.Array  # (n,) bool


def update(estimate, residuals, gate_factor):
    """Apply scalars one by one; those past `gate_factor` sigmas of their innovation are refused."""

    def one(carry, row):
        error, covariance = carry
        value, slope, variance, valid = row
        spread = jnp.sum(covariance * slope[None, :], axis=1)
        innovation_variance = jnp.sum(slope * spread) + variance
        innovation = value - jnp.sum(slope * error)
        gate = gate_factor * jnp.sqrt(innovation_variance)
        used = valid & (jnp.abs(innovation) < gate)
        gain = jnp.where(used, spread / innovation_variance, 0.0)
        error = error + gain * jnp.where(used, innovation, 0.0)
        covariance = covariance - gain[:, None] * spread[None, :]
        return (error, covariance), Judged(innovation, gate, used)

    rows = (residuals.value, residuals.slope, residuals.variance, residuals.valid)
    start = (jnp.zeros(ERROR_COUNT), estimate.covariance)
    (error, covariance), judged = jax.lax.scan(one, start, rows)
    return correct(estimate, error, covariance), judged
