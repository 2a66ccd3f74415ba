"""One fixed step of an ordinary differential equation."""

import math
from collections.abc import Callable
from typing import Any, TypeVar

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

from perilune.mechanics.array_types import AnyArray

State = TypeVar("State")
"""Any tree of arrays."""
Input = TypeVar("Input")
"""What a derivative depends on beside the state: the time, or anything known at that time."""


def rk4(
    derivative: Callable[[State, AnyArray], State], state: State, t_s: AnyArray, step_s: AnyArray
) -> State:
    """The state one step on, by the classical fourth-order Runge-Kutta rule (Kutta 1901).

    `derivative(state, t_s)` gives a pytree shaped like `state`, each leaf per second; times are
    scalars. The local error falls as the fifth power of the step. Nothing is normalised: the caller
    brings a quaternion back to unit length.
    """
    half_s = 0.5 * step_s
    return rk4_of_inputs(derivative, state, (t_s, t_s + half_s, t_s + step_s), step_s)


def rk4_of_inputs(
    derivative: Callable[[State, Input], State],
    state: State,
    inputs: tuple[Input, Input, Input],
    step_s: AnyArray,
) -> State:
    """As `rk4`, with what the derivative takes at the start, the middle and the end of the step."""
    start, middle, end = inputs
    first = derivative(state, start)
    second = derivative(_moved(state, first, 0.5 * step_s), middle)
    third = derivative(_moved(state, second, 0.5 * step_s), middle)
    fourth = derivative(_moved(state, third, step_s), end)
    return jax.tree.map(
        lambda x, a, b, c, d: x + step_s / 6.0 * (a + 2.0 * (b + c) + d),
        state, first, second, third, fourth,
    )  # fmt: skip


SHORT = 0.1
"""Steps of fewer time constants than this use the series of phi2 (nine terms: 5e-17)."""
SERIES = tuple(1.0 / math.factorial(n + 2) for n in range(9))


def rk4_decay(
    step_per_lag: Float[Array, "*n"],
) -> tuple[Float[Array, "*n"], Float[Array, "*n"], Float[Array, "*n"]]:
    """Inputs of `rk4_of_inputs` for a force that decays as exp(-t/lag), exact for any step.

    `step_per_lag` is x = step/lag, zero or more. From values a, b and c at the start, the middle
    and the end of a step the rule makes a change of velocity in proportion to (a + 4 b + c)/6 and,
    through that velocity, a displacement in proportion to (a + 2 b)/6. With samples of the
    exponential the first is too large by a factor of up to x/6 in a long step. Here b is the sample
    and a + 4 b + c = 6 phi1, a + 2 b = 6 phi2, where phi1 = (1 - exp(-x))/x and
    phi2 = (1 - phi1)/x integrate the exponential over the step once and twice (Hochbruck and
    Ostermann, Acta Numerica 19, 2010, section 2.1). All three values lie between 0 and 1. a is
    x^3/120 below its sample and c as much above, so the rule stays of fourth order.
    """
    short, long = jnp.minimum(step_per_lag, SHORT), jnp.maximum(step_per_lag, SHORT)
    once = -jnp.expm1(-long) / long
    series = jnp.full_like(short, SERIES[-1])
    for factor in reversed(SERIES[:-1]):
        series = factor - short * series
    is_short = step_per_lag < SHORT
    phi2 = jnp.where(is_short, series, (1.0 - once) / long)
    phi1 = jnp.where(is_short, 1.0 - short * phi2, once)
    middle = jnp.exp(-0.5 * step_per_lag)
    return 6.0 * phi2 - 2.0 * middle, middle, 6.0 * (phi1 - phi2) - 2.0 * middle


def _moved(state: Any, rate: Any, step_s: Float[Array, ""]) -> Any:
    return jax.tree.map(lambda x, x_rate: x + step_s * x_rate, state, rate)
