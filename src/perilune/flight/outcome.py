"""Every way a flight can end."""

import enum

import jax.numpy as jnp
from jaxtyping import Array, Bool, Int


class Outcome(enum.IntEnum):
    """The first thing that ends a flight is the thing that ended it.

    >>> import perilune
    >>> perilune.Outcome(1).name
    'LANDED'
    """

    FLYING = 0
    LANDED = 1  # at rest on its feet, the hull untouched
    TIPPED_OVER = 2
    CRASHED = 3
    TIMED_OUT = 4
    NUMERICAL_FAILURE = 5
    ON_ITS_HULL = 6  # at rest, but the hull has felt the ground
    SPUN_UP = 7  # in flight, faster than the step of the equations of motion follows


def latch(outcome: Int[Array, ""], happened: Bool[Array, ""], ending: Outcome) -> Int[Array, ""]:
    """`ending` if it happened and nothing had ended the flight before."""
    return jnp.where((outcome == Outcome.FLYING) & happened, int(ending), outcome)
