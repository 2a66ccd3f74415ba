"""The ground's force on contact points: springs, dampers, crushing struts and friction."""

import dataclasses
from collections.abc import Callable
from dataclasses import KW_ONLY

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

from perilune.mechanics.batching import if_any_lane
from perilune.mechanics.derivatives import root
from perilune.truth.dynamics.state import ContactState
from perilune.truth.vehicle.vehicle import ContactPoints

NO_FORCE_N = 1e-9


class PointsOverGround(eqx.Module):
    """Contact points at one instant, P of them: what the ground's force on each follows from."""

    _: KW_ONLY
    points: ContactPoints
    foot_m: Float[Array, "P 3"]  # a point of each one's ground
    normal: Float[Array, "P 3"]  # of the ground
    place_m: Float[Array, "P 3"]
    speed_m_s: Float[Array, "P 3"]  # over the ground, were the struts rigid
    touch: ContactState  # what the ground remembers


def ground_force_n(
    rows: PointsOverGround, up: Float[Array, "3"], step_s: Float[Array, ""]
) -> tuple[Float[Array, "P 3"], ContactState]:
    """Force on each point, N inertial, and what the ground remembers afterwards; `up` is body z.

    With depth d, bristle b, stiffness k and damping c the trial force is k (d n - b) - c v; a strut
    that crushes by s takes (k + c / step) s along itself off it, and a pad that slides likewise
    along the ground.
    """
    points, normal, touch, speed_m_s = rows.points, rows.normal, rows.touch, rows.speed_m_s
    stiffness, damping = points.stiffness_n_per_m, points.damping_n_s_per_m
    depth_m, closing_m_s = _dot(rows.foot_m - rows.place_m, normal), -_dot(speed_m_s, normal)
    pressed_n = jnp.maximum(stiffness * depth_m + damping * closing_m_s, 0.0)
    trial_n = jnp.where(depth_m > 0.0, pressed_n, 0.0)
    upright, lean_m = _dot(normal, up[None]), _dot(touch.bristle_inertial_m, up[None])
    yielding_n_per_m = stiffness + damping / step_s
    excess_n = trial_n * upright - stiffness * lean_m - points.crush_force_n
    left_m = points.stroke_limit_m - touch.stroke_m
    yielded_m = jnp.clip(excess_n / yielding_n_per_m, 0.0, left_m)
    crush_m = jnp.where(trial_n > 0.0, yielded_m, 0.0)
    press_n = jnp.maximum(trial_n - yielding_n_per_m * crush_m * upright, 0.0)
    slip_m = step_s * (speed_m_s + closing_m_s[:, None] * normal)
    slip_m = slip_m + crush_m[:, None] * (up - upright[:, None] * normal)
    drag_n, bristle_m = _stick_or_slide(points, touch.bristle_inertial_m, slip_m, press_n, step_s)
    peak_n = jnp.maximum(touch.peak_force_n, press_n)
    force_n = press_n[:, None] * normal + drag_n
    return force_n, ContactState(touch.stroke_m + crush_m, bristle_m, press_n, peak_n)


def _stick_or_slide(
    points: ContactPoints,
    bristle_m: Float[Array, "P 3"],
    slip_m: Float[Array, "P 3"],
    press_n: Float[Array, " P"],
    step_s: Float[Array, ""],
) -> tuple[Float[Array, "P 3"], Float[Array, "P 3"]]:
    """Friction and bristle after Coulomb's law, of pads pressed with these forces.

    The slider takes what exceeds its limit off spring and damper together, so that sliding only
    ever dissipates. A pad off the ground forgets its bristle.
    """
    stiffness, damping = points.stiffness_n_per_m, points.damping_n_s_per_m
    trial_m = bristle_m + slip_m
    trial_n = -stiffness[:, None] * trial_m - (damping / step_s)[:, None] * slip_m
    size_n = root(_dot(trial_n, trial_n))
    share = jnp.minimum(1.0, points.friction_factor * press_n / jnp.maximum(size_n, NO_FORCE_N))
    slid_m = ((1.0 - share) / (stiffness + damping / step_s))[:, None] * trial_n
    return share[:, None] * trial_n, jnp.where(press_n[:, None] > 0.0, trial_m + slid_m, 0.0)


def feet_then_body(
    law: Callable[[PointsOverGround], tuple[Float[Array, "P 3"], ContactState]],
    rows: PointsOverGround,
) -> tuple[Float[Array, "P 3"], ContactState]:
    """A law over all points: the feet, then hull and bell if any of these touches in any lane.

    What the law finds of a point off the ground is known beforehand. The barrier is for speed: the
    compiler would else work the law out again for every sum over the points.
    """
    legs = rows.points.leg_count
    parts = (slice(0, legs), slice(legs, None))
    feet, body = (jax.tree.map(lambda x, part=part: x[part], rows) for part in parts)
    found = jax.lax.optimization_barrier(law(feet))
    off_ground = dataclasses.replace(
        body.touch,
        bristle_inertial_m=jnp.zeros_like(body.touch.bristle_inertial_m),
        normal_force_n=jnp.zeros_like(body.touch.normal_force_n),
    )
    below = jnp.any(_dot(body.foot_m - body.place_m, body.normal) > 0.0)
    idle = (jnp.zeros_like(body.place_m), off_ground)
    rest = if_any_lane(below, lambda _: law(body), idle)
    return jax.tree.map(lambda a, b: jnp.concatenate([a, b]), found, rest)


def _dot(a: Float[Array, "... 3"], b: Float[Array, "... 3"]) -> Float[Array, "..."]:
    """Over the last axis, written out so that it fuses."""
    return a[..., 0] * b[..., 0] + a[..., 1] * b[..., 1] + a[..., 2] * b[..., 2]
