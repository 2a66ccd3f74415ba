"""Propellant that is lost overboard: what leaves each tank, and how it pushes the lander."""

from collections.abc import Sequence

import jax.numpy as jnp
from jaxtyping import Array, Float

from perilune.mechanics.rotation import cross
from perilune.truth.actuators.nozzles import Jets
from perilune.truth.faults.fault_kinds import Active, Fault, FaultState, Now
from perilune.truth.faults.onset import active_now


def leaking(
    faults: Sequence[Fault],
    state: FaultState,
    now: Now,
    tank_kg: Float[Array, " S"],
    center_body_m: Float[Array, "3"],
) -> tuple[Jets | None, FaultState]:
    """What all leaks do now, None where no fault is one, and what their faults keep.

    Several leaks add. The force is the flow times its speed, against the direction in which it
    leaves.
    """
    if not faults:
        return None, state
    active, state = active_now(faults, state, now)
    leaks = [_leak(one, tank_kg, center_body_m) for one in active if "leak_kg_s" in one.fault]
    return Jets(*(sum(parts) for parts in zip(*leaks, strict=True))), state


def _leak(
    one: Active, tank_kg: Float[Array, " S"], center_body_m: Float[Array, "3"]
) -> tuple[Float[Array, "3"], Float[Array, "3"], Float[Array, " S"]]:
    """Force, N, torque about the centre of mass, N m, body axes, and flow from each store, kg/s.

    The last store is the cold gas, which does not leak.
    """
    fault = one.fault
    held_kg = tank_kg.at[-1].set(0.0)
    all_kg = jnp.sum(held_kg)
    share = jnp.where(all_kg > 0.0, held_kg / jnp.maximum(all_kg, 1e-9), 0.0)
    flow_kg_s = jnp.where(one.on, fault["leak_kg_s"], 0.0) * share
    force_n = -jnp.sum(flow_kg_s) * fault["leak_speed_m_s"] * fault["leak_direction"]
    return force_n, cross(fault["leak_place_m"] - center_body_m, force_n), flow_kg_s
