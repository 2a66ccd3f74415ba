"""What the engines really do, felt by the inertial units: thrust, its lean, and the torque with it.

The felt thrust over the thrust ordered, and the torque that nothing ordered over the same, each
behind a first-order filter: a disturbance observer (Ohnishi 1987; Chen, Yang, Guo and Li 2016,
IEEE Trans. Ind. Electron. 63(2)). It compares with what was ordered of the actuators after their
limits, so that it does not wind up where these are reached.
"""

import dataclasses
from dataclasses import KW_ONLY

import equinox as eqx
import jax.numpy as jnp
from jaxtyping import Array, Bool, Float

from perilune.mechanics.derivatives import length
from perilune.mechanics.matrices import matvec
from perilune.mechanics.rotation import cross

LEAST_SHARE, MOST_SHARE = 0.4, 1.3
"""Of the thrust ordered: what is felt beyond them is taken for a fault of the inertial units."""
LARGEST_LEAN = 0.3
"""Of the thrust, as a tangent, likewise."""
LEAST_THRUST_FACTOR = 0.5
"""Thrust that has not come up to this share of the engines' floor says too little."""
LEAST_TIME_S = 1e-6


class Effort(eqx.Module):
    """Force along body z and torque of the actuators, by the believed vehicle."""

    force_n: Float[Array, ""]
    torque_n_m: Float[Array, "3"]  # body axes


class Disturbance(eqx.Module):
    """What is felt of the engines beside what is believed of them, body axes."""

    _: KW_ONLY
    thrust_factor: Float[Array, "3"]  # felt over ordered; (0, 0, 1) as believed
    arm_body_m: Float[Array, "3"]  # torque that nothing ordered for each newton ordered
    ordered: Effort  # of the last command
    present: Effort  # what lags have left of the orders at the end of the last tick


class Felt(eqx.Module):
    """What the inertial units felt of one tick; body axes."""

    _: KW_ONLY
    force_n: Float[Array, "3"]
    torque_n_m: Float[Array, "3"]
    tick_s: Float[Array, ""]


class Lags(eqx.Module):
    """Of the actuators, as believed, and of the filter."""

    _: KW_ONLY
    thrust_s: Float[Array, ""]
    torque_s: Float[Array, "3"]  # about each body axis
    filter_s: Float[Array, ""]


def as_believed() -> Disturbance:
    """Before anything is felt."""
    none = Effort(jnp.array(0.0), jnp.zeros(3))
    return Disturbance(
        thrust_factor=jnp.array([0.0, 0.0, 1.0]),
        arm_body_m=jnp.zeros(3),
        ordered=none,
        present=none,
    )


def felt_torque_nm(
    inertia_kg_m2: Float[Array, "3 3"],
    rate_rad_s: Float[Array, "3"],
    rate_before_rad_s: Float[Array, "3"],
    tick_s: Float[Array, ""],
) -> Float[Array, "3"]:
    """Euler's equation, from the mean rates of two ticks."""
    spin_nms = matvec(inertia_kg_m2, rate_rad_s)
    change = (rate_rad_s - rate_before_rad_s) / jnp.maximum(tick_s, LEAST_TIME_S)
    return matvec(inertia_kg_m2, change) + cross(rate_rad_s, spin_nms)


def observe(
    known: Disturbance, felt: Felt, lags: Lags, least_n: Float[Array, ""], burning: Bool[Array, ""]
) -> Disturbance:
    """The estimate one tick on, the ordered effort held through it; it rests while none burns."""
    tick_s = felt.tick_s
    force_n, force_after_n = _lagged(
        known.present.force_n, known.ordered.force_n, lags.thrust_s, tick_s
    )
    torque_nm, torque_after_nm = _lagged(
        known.present.torque_n_m, known.ordered.torque_n_m, lags.torque_s, tick_s
    )
    present = Effort(force_after_n, torque_after_nm)
    heard = burning & (force_n > LEAST_THRUST_FACTOR * least_n) & (tick_s > 0.0)
    share = jnp.where(heard, 1.0 - jnp.exp(-tick_s / lags.filter_s), 0.0)
    over_n = jnp.maximum(force_n, LEAST_TIME_S)
    factor = known.thrust_factor + share * (felt.force_n / over_n - known.thrust_factor)
    arm_m = known.arm_body_m + share * ((felt.torque_n_m - torque_nm) / over_n - known.arm_body_m)
    return dataclasses.replace(
        known, thrust_factor=_plausible(factor), arm_body_m=arm_m, present=present
    )


def _lagged(
    now: Float[Array, "..."],
    ordered: Float[Array, "..."],
    lag_s: Float[Array, "..."],
    tick_s: Float[Array, ""],
) -> tuple[Float[Array, "..."], Float[Array, "..."]]:
    """(mean over the tick, at its end) of a first-order lag with the order held."""
    ticks = tick_s / jnp.maximum(lag_s, LEAST_TIME_S)
    left = jnp.exp(-ticks)
    mean = (1.0 - left) / jnp.maximum(ticks, LEAST_TIME_S)
    return ordered + mean * (now - ordered), ordered + left * (now - ordered)


def _plausible(factor: Float[Array, "3"]) -> Float[Array, "3"]:
    along = jnp.clip(factor[2], LEAST_SHARE, MOST_SHARE)
    across = factor.at[2].set(0.0)
    most = LARGEST_LEAN * along
    across = across * jnp.minimum(1.0, most / jnp.maximum(length(across), LEAST_TIME_S))
    return across.at[2].set(along)
