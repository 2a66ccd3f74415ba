"""What nozzles were ordered to add to the velocity: they push as they turn the vehicle."""

import jax.numpy as jnp
from jaxtyping import Array, Float

from perilune.interfaces import Command
from perilune.onboard.upload import VehicleBelief


def ordered_push_m_s(
    vehicle: VehicleBelief, command: Command, mass_kg: Float[Array, ""]
) -> Float[Array, "3"]:
    """Velocity, body axes, by the pulses of one tick's orders.

    It is nothing where nozzles fire in couples.
    """
    open_s = command.thruster_on_s
    return jnp.sum(open_s[:, None] * vehicle.nozzle_force_n, axis=0) / mass_kg
