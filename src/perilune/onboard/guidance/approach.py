"""The approach: E-guidance to the low gate above the aim point, its time set when it begins."""

import jax.numpy as jnp
from jaxtyping import Array, Float

from perilune.onboard.guidance.polynomial import e_guidance
from perilune.onboard.guidance.reach import within_reach
from perilune.onboard.guidance.situation import GuidanceCommand, Situation


def command(now: Situation) -> GuidanceCommand:
    """Meets the low gate's height, over the ground, at the rate of vertical descent."""
    figures, view = now.figures, now.view
    left_s = jnp.where(now.entered, _time_s(now), now.remaining_s)
    level = 0.0 * view.height_m
    low_gate = jnp.stack([level, level, figures["low_gate_height_m"]])
    sink = jnp.stack([level, level, -figures["descent_rate_m_s"]])
    here = view.position_site_m.at[2].set(view.height_m)
    total = e_guidance(low_gate - here, view.velocity_site_m_s, sink, left_s)
    wanted = total - view.gravity_site_m_s2
    free = (sink - view.velocity_site_m_s) / left_s - view.gravity_site_m_s2
    unplaced = free.at[2].set(wanted[2])
    kept = within_reach(unplaced, free, now.most_m_s2)
    return GuidanceCommand(within_reach(wanted, kept, now.most_m_s2), left_s)


def _time_s(now: Situation) -> Float[Array, ""]:
    """Down from the gate at constant deceleration: twice the height over the summed rates."""
    drop = jnp.maximum(now.view.height_m - now.figures["low_gate_height_m"], 1.0)
    sink = jnp.maximum(-now.view.velocity_site_m_s[2], 1.0)
    return jnp.clip(2.0 * drop / (sink + now.figures["descent_rate_m_s"]), 10.0, 200.0)
