"""Braking: E-guidance to the gate, its time to go solved in closed form until it is frozen."""

import jax.numpy as jnp
from jaxtyping import Array, Float

from perilune.onboard.guidance.polynomial import e_guidance, time_to_go_s
from perilune.onboard.guidance.reach import slowing_s, within_reach
from perilune.onboard.guidance.situation import (
    SHORTEST_TIME_TO_GO_S,
    GuidanceCommand,
    Situation,
)


def command(now: Situation) -> GuidanceCommand:
    """Meets the gate's place and velocity; before ignition a preview, for its direction."""
    plan, view = now.plan, now.view
    left_s = _time_to_go_s(now)
    total = e_guidance(
        plan.gate_site_m - view.position_site_m,
        view.velocity_site_m_s,
        plan.gate_velocity_site_m_s,
        left_s,
    )
    wanted = total - view.gravity_site_m_s2
    steady = (plan.gate_velocity_site_m_s - view.velocity_site_m_s) / left_s
    free = steady - view.gravity_site_m_s2
    downrange = now.chart.downrange_site
    unplaced = wanted + jnp.sum((free - wanted) * downrange) * downrange
    kept = within_reach(unplaced, free, now.most_m_s2)
    return GuidanceCommand(within_reach(wanted, kept, now.most_m_s2), left_s)


def _time_to_go_s(now: Situation) -> Float[Array, ""]:
    plan, view, downrange = now.plan, now.view, now.chart.downrange_site
    ahead = jnp.sum((plan.gate_site_m - view.position_site_m) * downrange)
    speed = jnp.sum(view.velocity_site_m_s * downrange)
    wanted = jnp.sum(plan.gate_velocity_site_m_s * downrange)
    solved = time_to_go_s(jnp.maximum(ahead, 1.0), speed, wanted, plan.gate_deceleration_m_s2)
    frozen = ~now.entered & (now.remaining_s < plan.freeze_time_s)
    left = jnp.where(frozen, now.remaining_s, jnp.maximum(solved, SHORTEST_TIME_TO_GO_S))
    return jnp.maximum(left, slowing_s(speed - wanted, now.most_m_s2, now.exhaust_m_s))
