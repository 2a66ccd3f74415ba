"""E-guidance: the acceleration, linear in time, that meets a position and a velocity at a time."""

import jax.numpy as jnp
from jaxtyping import Float

from perilune.mechanics.array_types import AnyArray
from perilune.mechanics.derivatives import root


def e_guidance(
    to_go_m: Float[AnyArray, "..."],
    velocity_m_s: Float[AnyArray, "..."],
    target_velocity_m_s: Float[AnyArray, "..."],
    time_to_go_s: Float[AnyArray, "..."],
) -> Float[AnyArray, "..."]:
    """Total acceleration now, (3,) m/s2, gravity included.

    `to_go_m` is target minus present position. With r'' = A + B s over s in [0, t], meeting both
    end conditions gives A = 6 (dr - v t) / t^2 - 2 (v_f - v) / t: Cherry's E-guidance, the same as
    ZEM/ZEV feedback and D'Souza's law at fixed time (Cherry 1964, AIAA 64-638; Lu 2019,
    J. Guidance 42, k_r = 6).
    """
    miss_m = to_go_m - velocity_m_s * time_to_go_s
    change_m_s = target_velocity_m_s - velocity_m_s
    return 6.0 * miss_m / time_to_go_s**2 - 2.0 * change_m_s / time_to_go_s


def final_acceleration(
    to_go_m: Float[AnyArray, "..."],
    velocity_m_s: Float[AnyArray, "..."],
    target_velocity_m_s: Float[AnyArray, "..."],
    time_to_go_s: Float[AnyArray, "..."],
) -> Float[AnyArray, "..."]:
    """Total acceleration at the profile's end: A + B t = 4 (v_f - v)/t - 6 (dr - v t)/t^2."""
    miss_m = to_go_m - velocity_m_s * time_to_go_s
    change_m_s = target_velocity_m_s - velocity_m_s
    return 4.0 * change_m_s / time_to_go_s - 6.0 * miss_m / time_to_go_s**2


def time_to_go_s(
    distance_m: Float[AnyArray, "..."],
    speed_m_s: Float[AnyArray, "..."],
    target_speed_m_s: Float[AnyArray, "..."],
    final_deceleration_m_s2: Float[AnyArray, "..."],
) -> Float[AnyArray, "..."]:
    """The time at which the profile ends with a given deceleration along the track.

    Setting the final acceleration to -d gives d t^2 + (4 v_f + 2 v) t - 6 D = 0, which has one
    positive root while there is distance to go. Of the two ways to write it, that one is taken
    which subtracts no two numbers that are nearly alike.
    """
    slope = 4.0 * target_speed_m_s + 2.0 * speed_m_s
    root_m_s = root(jnp.maximum(slope**2 + 24.0 * final_deceleration_m_s2 * distance_m, 0.0))
    forward = slope > 0.0
    towards = 12.0 * distance_m / jnp.where(forward, root_m_s + slope, 1.0)
    return jnp.where(forward, towards, (root_m_s - slope) / (2.0 * final_deceleration_m_s2))
