"""Knows how to take one fixed step of an ordinary differential equation."""

import jax


def rk4(derivative, state, t_s, step_s):
    """The state one step on, by the classical fourth-order Runge-Kutta rule (Kutta 1901).

    `derivative(state, t_s)` gives a pytree shaped like `state`, each leaf per second. The local
    error falls as the fifth power of the step. Nothing is normalised: a quaternion is the
    caller's to bring back to unit length.
    """
    half_s = 0.5 * step_s
    first = derivative(state, t_s)
    second = derivative(_moved(state, first, half_s), t_s + half_s)
    third = derivative(_moved(state, second, half_s), t_s + half_s)
    fourth = derivative(_moved(state, third, step_s), t_s + step_s)
    return jax.tree.map(
        lambda x, a, b, c, d: x + step_s / 6.0 * (a + 2.0 * (b + c) + d),
        state, first, second, third, fourth,
    )  # fmt: skip


def _moved(state, rate, step_s):
    return jax.tree.map(lambda x, x_rate: x + step_s * x_rate, state, rate)
