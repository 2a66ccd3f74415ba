"""Where in its list of phases the flight software believes it is, and what ends each."""

import dataclasses
from functools import reduce
from operator import or_

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, Bool, Float, Int

from perilune.interfaces.descent_phase import ROLES, Role
from perilune.onboard.guidance.view import View
from perilune.onboard.phase_table import LONG, WAIT, Thresholds
from perilune.onboard.phases.in_use import vehicle_of
from perilune.onboard.upload import Upload

BURN_LEAD_S = 60.0
"""From this long before the descent-orbit burn on, ticks are short: a long frame ends before it."""


class Progress(eqx.Module):
    """What the end of a phase is decided on."""

    phase: Int[Array, ""]
    time_to_go_s: Float[Array, ""]
    deorbit_gained_m_s: Float[Array, ""]  # along the planned burn
    began_s: Float[Array, ""]  # when the phase did


def advance(
    upload: Upload, progress: Progress, view: View, time_s: Float[Array, ""]
) -> Int[Array, ""]:
    """The phase now: at most one step on from the last."""
    limits = jax.tree.map(lambda each: each[progress.phase], upload.phases.ends)
    measured = _measured(upload, progress, view, time_s)
    over = jax.tree.map(lambda value, limit: value <= limit, measured, limits)
    ended = jnp.any(jnp.stack(jax.tree.leaves(over)))
    return progress.phase + ended.astype(progress.phase.dtype)


def _measured(
    upload: Upload, progress: Progress, view: View, time_s: Float[Array, ""]
) -> Thresholds:
    """What the thresholds of a phase are held against."""
    plan, figures = upload.plan, figures_of(upload, progress.phase)
    burn_m_s = jnp.linalg.norm(plan.deorbit_velocity_inertial_m_s)
    vehicle = vehicle_of(upload, progress.phase)
    push_m_s2 = plan.deorbit_throttle * vehicle.max_thrust_n / vehicle.start_mass_kg
    tail_m_s = push_m_s2 * plan.deorbit_tail_s
    ground_speed = jnp.linalg.norm(view.velocity_site_m_s)
    to_ignition_s = (view.range_m - plan.ignition_range_m) / jnp.maximum(ground_speed, 1.0)
    near = view.range_m < 0.5 * jnp.pi * jnp.linalg.norm(upload.chart.aim_fixed_m)
    return Thresholds(
        burn_due_s=plan.deorbit_time_s - time_s,
        burn_left_m_s=burn_m_s - tail_m_s - progress.deorbit_gained_m_s,
        over_final_height_m=view.height_m - figures["final_height_m"],
        to_ignition_s=jnp.where(near, to_ignition_s, jnp.inf),
        time_to_go_s=progress.time_to_go_s,
        height_m=view.height_m,
        speed_m_s=ground_speed,
        range_m=view.range_m,
        minus_duration_s=progress.began_s - time_s,
    )


def figures_of(upload: Upload, phase: Int[Array, ""]) -> dict[str, Float[Array, "..."]]:
    """Figures of the guidance law of a phase: the phase's own, or the plan's of that name."""
    own = {name: each[phase] for name, each in upload.phases.figures.items()}
    return {
        name: jnp.where(jnp.isnan(one), getattr(upload.plan, name, jnp.nan), one)
        for name, one in own.items()
    }


def from_target(upload: Upload, phase: Int[Array, ""], view: View) -> View:
    """The view with the place over the ground counted from the target of a phase."""
    if upload.phases.target_site_m is None:
        return view
    here_m = view.position_site_m - upload.phases.target_site_m[phase]
    return dataclasses.replace(view, position_site_m=here_m)


def is_powered(upload: Upload, phase: Int[Array, ""]) -> Bool[Array, ""]:
    """Whether the engine burns in a phase."""
    return upload.phases.engine_on[phase]


def has_role(upload: Upload, phase: Int[Array, ""], role: Role) -> Bool[Array, ""]:
    """Whether the guidance law of a phase has a role."""
    flown, laws = upload.phases.law[phase], upload.phases.laws
    found = [flown == place for place, law in enumerate(laws) if ROLES[law] == role]
    return reduce(or_, found) if found else jnp.array(False)


def landed(upload: Upload) -> int:
    """The phase after the last: the flight software believes that it stands on the ground."""
    return upload.phases.law.shape[-1] - 1


def calm_until_s(upload: Upload, phase: Int[Array, ""]) -> Float[Array, ""]:
    """Until when nothing is about to happen, so that long ticks will do.

    Waiting for the descent-orbit burn that is until shortly before it; in a phase of long pace
    without end, as that is asked again at every step.
    """
    pace = upload.phases.pace[phase]
    waiting_s = jnp.where(pace == WAIT, upload.plan.deorbit_time_s - BURN_LEAD_S, -jnp.inf)
    return jnp.where(pace == LONG, jnp.inf, waiting_s)
