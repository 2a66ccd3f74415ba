"""Which thrust acceleration is wanted now, in the site's axes, mode by mode."""

import equinox as eqx
import jax
import jax.numpy as jnp

from perilune.mechanics.derivatives import length
from perilune.onboard.guidance.polynomial import e_guidance, time_to_go_s
from perilune.onboard.modes.modes import Mode

SHORTEST_TIME_TO_GO_S = 1.0
SINK_GAIN_PER_S = 0.8
DRIFT_GAIN_PER_S = 0.35
POSITION_GAIN_PER_S = 0.08
DRIFT_LIMIT_M_S = 1.0
SLOWING_PER_S = 0.25
TILT_LIMIT = 0.3  # tangent of the lean allowed in vertical descent


class GuidanceCommand(eqx.Module):
    """What guidance asks of control."""

    thrust_acceleration_site_m_s2: jax.Array  # (3,)
    time_to_go_s: jax.Array


def steer(upload, progress, view, tick_s, entered):
    """The guidance command of the mode; before ignition it previews braking, for its direction.

    `entered` is true on a mode's first tick. Times to go are solved in closed form: in braking at
    every tick until the freeze, in the approach once, at its start.
    """
    plan = upload.plan
    remaining = jnp.maximum(progress.time_to_go_s - tick_s, SHORTEST_TIME_TO_GO_S)
    braking_s = _braking_time_s(plan, upload.chart, view, remaining, entered)
    approach_s = jnp.where(entered, _approach_time_s(plan, view), remaining)
    braking = e_guidance(
        plan.gate_site_m - view.position_site_m,
        view.velocity_site_m_s,
        plan.gate_velocity_site_m_s,
        braking_s,
    )
    low_gate = jnp.stack([0.0 * view.height_m, 0.0 * view.height_m, plan.low_gate_height_m])
    sink = jnp.stack([0.0 * view.height_m, 0.0 * view.height_m, -plan.descent_rate_m_s])
    here = view.position_site_m.at[2].set(view.height_m)
    approach = e_guidance(low_gate - here, view.velocity_site_m_s, sink, approach_s)
    is_braking = progress.mode <= Mode.BRAKING
    is_approach = progress.mode == Mode.APPROACH
    total = jnp.where(is_braking, braking, jnp.where(is_approach, approach, _descend(plan, view)))
    thrust = total - view.gravity_site_m_s2
    leaning = _lean_limited(thrust, view.up_site)
    thrust = jnp.where(progress.mode >= Mode.DESCENT, leaning, thrust)
    time_left = jnp.where(is_braking, braking_s, jnp.where(is_approach, approach_s, remaining))
    return GuidanceCommand(thrust, time_left)


def _braking_time_s(plan, chart, view, remaining_s, entered):
    ahead = jnp.sum((plan.gate_site_m - view.position_site_m) * chart.downrange_site)
    speed = jnp.sum(view.velocity_site_m_s * chart.downrange_site)
    wanted = jnp.sum(plan.gate_velocity_site_m_s * chart.downrange_site)
    solved = time_to_go_s(jnp.maximum(ahead, 1.0), speed, wanted, plan.gate_deceleration_m_s2)
    frozen = ~entered & (remaining_s < plan.freeze_time_s)
    return jnp.where(frozen, remaining_s, jnp.maximum(solved, SHORTEST_TIME_TO_GO_S))


def _approach_time_s(plan, view):
    """Down from the gate at constant deceleration: twice the height over the summed rates."""
    drop = jnp.maximum(view.height_m - plan.low_gate_height_m, 1.0)
    sink = jnp.maximum(-view.velocity_site_m_s[2], 1.0)
    return jnp.clip(2.0 * drop / (sink + plan.descent_rate_m_s), 10.0, 200.0)


def _descend(plan, view):
    """Straight down: rate by height, drift towards the aim point that ends at the final height."""
    extra = SLOWING_PER_S * (view.height_m - plan.final_height_m)
    rate = jnp.clip(
        plan.final_descent_rate_m_s + extra, plan.final_descent_rate_m_s, plan.descent_rate_m_s
    )
    off = view.position_site_m.at[2].set(0.0)
    drift = -POSITION_GAIN_PER_S * off
    drift = drift * jnp.minimum(1.0, DRIFT_LIMIT_M_S / jnp.maximum(length(drift), 1e-6))
    drift = jnp.where(view.height_m > plan.final_height_m, drift, 0.0)
    short = drift - rate * view.up_site - view.velocity_site_m_s
    rise = jnp.sum(short * view.up_site) * view.up_site
    return SINK_GAIN_PER_S * rise + DRIFT_GAIN_PER_S * (short - rise)


def _lean_limited(thrust, up):
    rise = jnp.maximum(jnp.sum(thrust * up), 0.2)
    lean = thrust - jnp.sum(thrust * up) * up
    size = length(lean)
    return rise * up + lean * jnp.minimum(1.0, TILT_LIMIT * rise / jnp.maximum(size, 1e-6))
