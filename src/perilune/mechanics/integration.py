"""One fixed step of an ordinary differential equation."""

from collections.abc import Callable
from typing import Any, TypeVar

import jax
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


def _moved(state: Any, rate: Any, step_s: Float[Array, ""]) -> Any:
    return jax.tree.map(lambda x, x_rate: x + step_s * x_rate, state, rate)
