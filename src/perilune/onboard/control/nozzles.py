"""How long each nozzle fires for a torque, whatever the layout: nozzles only push, never pull."""

from typing import NamedTuple

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

from perilune.mechanics.batching import if_any_lane
from perilune.mechanics.rotation import cross
from perilune.onboard.upload import VehicleBelief

NEWTON_COUNT = 7
RIDGE_FACTOR = 1e-9
SOLVED_FACTOR = 1e-9


class Iterate(NamedTuple):
    """One step of Newton's method: the multipliers, their shares, and the torque still missing."""

    multiplier: Float[Array, "3"]
    shares: Float[Array, " N"]
    left_n_m: Float[Array, "3"]


def nozzle_shares(vehicle: VehicleBelief, torque_nm: Float[Array, "3"]) -> Float[Array, " N"]:
    """Shares of full thrust, (N,) and none negative, that together make a torque (3,), body axes.

    Of all such shares those of least sum of squares, which spreads the work and fires no two
    opposed nozzles. They are max(B' m, 0) with the multipliers m (3,) for which B max(B' m, 0) is
    the torque (Karush-Kuhn-Tucker), B (3, N) being the nozzles' torques. Where every nozzle has an
    opposed twin, m = 2 (B B')^-1 torque is exact. Else that is where Newton's method on the three
    equations begins; what little it may leave is made by shares found beforehand for each axis
    either way, so that the torque is exact for every layout that can turn both ways about every
    axis. Shares may pass 1: then all are scaled by one factor, which keeps the direction.
    """
    torques_nm = vehicle.nozzle_torque_n_m
    multiplier = jnp.sum(vehicle.multiplier_per_torque * torque_nm, axis=-1)
    direct = _shares(torques_nm, multiplier)
    left_nm = torque_nm - _torque(torques_nm, direct)
    unsolved = jnp.sum(left_nm**2) > SOLVED_FACTOR**2 * jnp.sum(torque_nm**2)
    shares = if_any_lane(
        unsolved,
        lambda _: _newton(vehicle, torque_nm, Iterate(multiplier, direct, left_nm)),
        direct,
    )
    return shares / jnp.maximum(jnp.max(shares), 1.0)


def _newton(
    vehicle: VehicleBelief,
    torque_nm: Float[Array, "3"],
    begun: Iterate,
) -> Float[Array, " N"]:
    """The best of some steps of Newton's method, with its remainder made axis by axis."""
    torques_nm = vehicle.nozzle_torque_n_m
    ridge = RIDGE_FACTOR * torques_nm.T @ torques_nm

    def step(now: Iterate, _: None) -> tuple[Iterate, Iterate]:
        multiplier, shares, left_nm = now
        firing = jnp.where(shares > 0.0, 1.0, 0.0)[:, None]
        curvature = (firing * torques_nm).T @ torques_nm + ridge
        multiplier = multiplier + _solved(curvature, left_nm)
        shares = _shares(torques_nm, multiplier)
        left_nm = torque_nm - _torque(torques_nm, shares)
        return Iterate(multiplier, shares, left_nm), now

    _, (_, shares, left_nm) = jax.lax.scan(step, begun, None, NEWTON_COUNT)
    best = jnp.argmin(jnp.sum(left_nm**2, axis=-1))
    rest_nm = jnp.concatenate([left_nm[best], -left_nm[best]])
    made_up = jnp.sum(vehicle.nozzle_per_axis * jnp.maximum(rest_nm, 0.0)[:, None], axis=0)
    return shares[best] + made_up


def _shares(torques_nm: Float[Array, "N 3"], multiplier: Float[Array, "3"]) -> Float[Array, " N"]:
    return jnp.maximum(jnp.sum(torques_nm * multiplier, axis=-1), 0.0)


def _torque(torques_nm: Float[Array, "N 3"], shares: Float[Array, " N"]) -> Float[Array, "3"]:
    return jnp.sum(torques_nm * shares[:, None], axis=0)


def _solved(matrix: Float[Array, "3 3"], vector: Float[Array, "3"]) -> Float[Array, "3"]:
    """The solution of three equations by the adjugate; rows of the inverse are cross products."""
    a, b, c = matrix
    adjugate = jnp.stack([cross(b, c), cross(c, a), cross(a, b)], axis=-1)
    return jnp.sum(adjugate * vector, axis=-1) / jnp.sum(a * cross(b, c))
