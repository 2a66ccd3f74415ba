"""What nozzles do that are on or off: pulses, flow, force and torque in body axes."""

from dataclasses import KW_ONLY

import equinox as eqx
import jax.numpy as jnp
from jaxtyping import Array, Float

from perilune.mechanics.batching import if_any_lane
from perilune.mechanics.rotation import cross
from perilune.truth.actuators.engines import mass_flow_kg_s


class Nozzles(eqx.Module):
    """N pulsed nozzles, each with a thrust, a least pulse and tanks of its own.

    What each makes while it is open is worked out here, once a flight and not in every step.
    """

    _: KW_ONLY
    thrust_n: Float[Array, " N"]
    specific_impulse_s: Float[Array, " N"]
    min_pulse_s: Float[Array, " N"]
    position_body_m: Float[Array, "N 3"]
    direction_body: Float[Array, "N 3"]  # of the force on the vehicle
    draw_fraction: Float[Array, "N S"]  # of its flow, from each tank
    force_n: Float[Array, "N 3"]  # while open, on the vehicle, body axes
    torque_n_m: Float[Array, "N 3"]  # while open, about the origin of the body axes
    drawn_kg_s: Float[Array, "N S"]  # while open, from each tank

    def __init__(
        self,
        *,
        thrust_n: Float[Array, " N"],
        specific_impulse_s: Float[Array, " N"],
        min_pulse_s: Float[Array, " N"],
        position_body_m: Float[Array, "N 3"],
        direction_body: Float[Array, "N 3"],
        draw_fraction: Float[Array, "N S"],
    ) -> None:
        self.thrust_n, self.specific_impulse_s = thrust_n, specific_impulse_s
        self.min_pulse_s, self.draw_fraction = min_pulse_s, draw_fraction
        self.position_body_m, self.direction_body = position_body_m, direction_body
        self.force_n = thrust_n[:, None] * direction_body
        self.torque_n_m = cross(position_body_m, self.force_n)
        self.drawn_kg_s = mass_flow_kg_s(thrust_n, specific_impulse_s)[:, None] * draw_fraction


class Jets(eqx.Module):
    """What all nozzles together do in a step, or in each of several along a leading axis."""

    force_body_n: Float[Array, "*steps 3"]
    torque_body_n_m: Float[Array, "*steps 3"]  # about the centre of mass
    tank_flow_kg_s: Float[Array, "*steps S"]


def jets_by_step(
    nozzles: Nozzles,
    on_s: Float[Array, " N"],
    tank_kg: Float[Array, " S"],
    center_body_m: Float[Array, "3"],
    step_s: Float[Array, ""],
    step_count: int,
) -> Jets:
    """Mean force, torque and flow in each of a tick's equal steps; the leading axis is the step.

    A tick in which no lane of a batch opens a nozzle costs nothing.
    """
    open_s = obeyed_pulse_s(nozzles, on_s)

    def firing(_: Jets) -> Jets:
        starts_s = step_s * jnp.arange(float(step_count))
        fraction = jnp.clip((open_s - starts_s[:, None]) / step_s, 0.0, 1.0)
        fed = jnp.all((nozzles.draw_fraction == 0.0) | (tank_kg > 0.0), axis=-1)
        return mean_jets(nozzles, fraction * jnp.where(fed, 1.0, 0.0), center_body_m)

    none = jnp.zeros((step_count, 3))
    closed = Jets(none, none, jnp.zeros((step_count, len(tank_kg))))
    return if_any_lane(jnp.any(open_s > 0.0), firing, closed)


def obeyed_pulse_s(nozzles: Nozzles, on_s: Float[Array, " N"]) -> Float[Array, " N"]:
    """Pulses as the valves make them: one shorter than the least they can do does not open them."""
    return jnp.where(on_s < nozzles.min_pulse_s, 0.0, on_s)


def mean_jets(
    nozzles: Nozzles, on_fraction: Float[Array, "*steps N"], center_body_m: Float[Array, "3"]
) -> Jets:
    """Of nozzles that fire for `on_fraction` of a step; leading axes stay."""
    share = on_fraction[..., None]
    force_n = jnp.sum(share * nozzles.force_n, axis=-2)
    torque_nm = jnp.sum(share * nozzles.torque_n_m, axis=-2) - cross(center_body_m, force_n)
    return Jets(force_n, torque_nm, jnp.sum(share * nozzles.drawn_kg_s, axis=-2))
