"""Errors of a signal at its sender: factors, noise, bias, drift, spikes and limits."""

from collections.abc import Callable, Sequence
from typing import Any

import jax.numpy as jnp
from jaxtyping import Array, Float

from perilune.interfaces.signal_fault import Part
from perilune.mechanics.derivatives import root
from perilune.truth.faults.fault_kinds import Active, Signal, needs_noise, uses

OfPart = Callable[[Sequence[Active], Part], Float[Array, "*u k"]]
"""A number of each component of a part, from the faults of its signal."""


def with_errors(
    active: Sequence[Active], signal: Any, how: Signal, normals: Float[Array, "*u n"] | None
) -> Any:
    """Multiplied, then noise, bias, drift and spikes, and then within its limits."""
    faults = [one.fault for one in active]
    if how.scale is not None and any(uses(faults, part.factor) for part in how.parts):
        signal = how.scale(signal, _by_component(how, active, _factor))
    if needs_noise(faults):
        assert normals is not None
        signal = how.shift(signal, _added_sigma(active, signal, how) * normals)
    if any(uses(faults, part.bias, part.drift, part.spike) for part in how.parts):
        signal = how.shift(signal, _by_component(how, active, _error))
    if how.limit is not None and any(uses(faults, part.limit) for part in how.parts):
        signal = how.limit(signal, _by_component(how, active, _limit))
    return signal


def _by_component(how: Signal, active: Sequence[Active], of: OfPart) -> Float[Array, "*u n"]:
    """A number of every component of the signal, part after part."""
    columns = [of(active, part) for part in how.parts]
    lead = jnp.broadcast_shapes(*(each.shape[:-1] for each in columns))
    return jnp.concatenate(
        [jnp.broadcast_to(each, (*lead, each.shape[-1])) for each in columns], axis=-1
    )


def _factor(active: Sequence[Active], part: Part) -> Float[Array, "*u k"]:
    """What faults multiply a part by; those of several multiply."""
    return _product(active, part, part.factor)


def _noise_factor(active: Sequence[Active], part: Part) -> Float[Array, "*u k"]:
    return _product(active, part, "noise_factor")


def _product(active: Sequence[Active], part: Part, name: str) -> Float[Array, "*u k"]:
    product = jnp.ones(part.size)
    for one in active:
        if name in one.fault:
            product = product * jnp.where(one.on_in(part), one.fault[name], 1.0)
    return product


def _added_sigma(active: Sequence[Active], signal: Any, how: Signal) -> Float[Array, "*u n"]:
    """Of the noise beyond a healthy unit's, so that the total is the factor times it.

    Where a healthy unit has none, that of each fault, which add as squares.
    """
    if how.sigma is None:
        return root(_by_component(how, active, _noise_square))
    factor = _by_component(how, active, _noise_factor)
    return root(jnp.maximum(factor**2 - 1.0, 0.0)) * how.sigma(signal)


def _noise_square(active: Sequence[Active], part: Part) -> Float[Array, "*u k"]:
    square = jnp.zeros(part.size)
    for one in active:
        if part.noise in one.fault:
            square = square + jnp.where(one.on_in(part), one.fault[part.noise], 0.0) ** 2
    return square


def _error(active: Sequence[Active], part: Part) -> Float[Array, "*u k"]:
    """Bias, drift and spike of one part; those of several faults add."""
    error = jnp.zeros(part.size)
    for one in active:
        on = one.on_in(part)
        if part.bias in one.fault:
            error = error + jnp.where(on, one.fault[part.bias], 0.0)
        if part.drift in one.fault:
            grown = one.fault[part.drift] * one.since_s / one.fault["drift_time_s"]
            error = error + jnp.where(on, grown, 0.0)
        if part.spike in one.fault and "spike_fraction" in one.fault:
            assert one.chance is not None
            hit = on & (one.chance[..., 1] < one.fault["spike_fraction"])[..., None]
            error = error + jnp.where(hit, one.fault[part.spike], 0.0)
    return error


def _limit(active: Sequence[Active], part: Part) -> Float[Array, "*u k"]:
    """The most that a part can read: the least of several faults' limits."""
    limit = jnp.full(part.size, jnp.inf)
    for one in active:
        if part.limit in one.fault:
            own = jnp.where(one.on_in(part), one.fault[part.limit], jnp.inf)
            limit = jnp.minimum(limit, own)
    return limit
