"""What the flight software orders of the actuators: engines, their gimbals, pulsed nozzles."""

from dataclasses import KW_ONLY

import equinox as eqx
import jax.numpy as jnp
from jaxtyping import Array, Bool, Float, Int


class Command(eqx.Module):
    """One tick's orders; they hold until the next. E engines and N nozzles are the lander's."""

    _: KW_ONLY
    engine_on: Bool[Array, " E"]
    throttle: Float[Array, " E"]  # fraction of full thrust
    gimbal_rad: Float[Array, "E 2"]  # about each mount's x and y
    thruster_on_s: Float[Array, " N"]  # pulse length within the tick, from its start
    altimeter_beam: Int[Array, ""]  # 0 canted, 1 axial
    thrust_factor: Float[Array, " E"] | None = None  # what engines make of it; a fault's, no order
    lag_factor: Float[Array, " E"] | None = None  # of the lag of their thrust; a fault's as well


def quiet_command(engine_count: int = 1, nozzle_count: int = 0) -> Command:
    """Everything off."""
    return Command(
        engine_on=jnp.zeros(engine_count, bool),
        throttle=jnp.zeros(engine_count),
        gimbal_rad=jnp.zeros((engine_count, 2)),
        thruster_on_s=jnp.zeros(nozzle_count),
        altimeter_beam=jnp.array(0),
    )
