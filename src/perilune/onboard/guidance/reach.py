"""What thrust can reach: height and velocity before the place, where not all can be had."""

import jax.numpy as jnp
from jaxtyping import Array, Float

from perilune.mechanics.derivatives import root


def within_reach(
    wanted_m_s2: Float[Array, "3"], unplaced_m_s2: Float[Array, "3"], most_m_s2: Float[Array, ""]
) -> Float[Array, "3"]:
    """What thrust reaches on the way from an acceleration without a place to the wanted one.

    Thrust accelerations, (3,) m/s2. E-guidance is linear in the target's place, so that a point on
    the way from one to the other is E-guidance to a target in between: the nearest that thrust of
    this size reaches. Where the wanted one is in reach, it is given as it is.
    """
    towards = wanted_m_s2 - unplaced_m_s2
    square, half = jnp.sum(towards**2), jnp.sum(unplaced_m_s2 * towards)
    room = most_m_s2**2 - jnp.sum(unplaced_m_s2**2)
    furthest = (root(jnp.maximum(half**2 + square * room, 0.0)) - half) / jnp.maximum(square, 1e-12)
    in_reach = jnp.sum(wanted_m_s2**2) <= most_m_s2**2
    return jnp.where(in_reach, wanted_m_s2, unplaced_m_s2 + jnp.clip(furthest, 0.0, 1.0) * towards)


def slowing_s(
    change_m_s: Float[Array, ""], most_m_s2: Float[Array, ""], exhaust_m_s: Float[Array, ""]
) -> Float[Array, ""]:
    """Time that a change of speed takes at full thrust while the mass falls (rocket equation)."""
    return exhaust_m_s / most_m_s2 * (1.0 - jnp.exp(-change_m_s / exhaust_m_s))
