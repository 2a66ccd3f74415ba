"""The filter's innovations over their own variances, summed over a flight, unit by unit."""

import jax.numpy as jnp
from jaxtyping import Array, Float

from perilune.design.flight_plan import FlightPlan
from perilune.interfaces import NavigationTelemetry
from perilune.interfaces.sensor_kinds import sensor_of
from perilune.interfaces.telemetry import UpdateResult

LEAST_GATE = 1e-300


def compared_labels(plan: FlightPlan) -> tuple[str, ...]:
    """The units whose readings the filter compares with what it expects, in order."""
    return tuple(label for label in sorted(plan.upload.sensors) if sensor_of(label).scalar_count)


def nothing_compared(plan: FlightPlan) -> Float[Array, "units 2"]:
    """Before the first reading."""
    return jnp.zeros((len(compared_labels(plan)), 2))


def innovations_now(
    plan: FlightPlan, kept: Float[Array, "units 2"], navigation: NavigationTelemetry
) -> Float[Array, "units 2"]:
    """The sums so far with the readings of this step: squares over variances, and how many."""
    if not kept.size:
        return kept
    results = {**navigation.cycle_results, **navigation.frame_results}
    factor = plan.upload.filter.gate_factor
    found = [_sums(results.get(label), factor) for label in compared_labels(plan)]
    return kept + jnp.stack(found)


def _sums(result: UpdateResult | None, factor: Float[Array, ""]) -> Float[Array, "2"]:
    """Of the scalars that were used: their gate is a multiple of the innovation's sigma."""
    if result is None:
        return jnp.zeros(2)
    sigmas = factor * result.innovation / jnp.maximum(result.gate, LEAST_GATE)
    squares = jnp.sum(jnp.where(result.used, sigmas**2, 0.0))
    return jnp.stack([squares, jnp.sum(result.used.astype(float))])
