"""What the flight software orders: engine, gimbal, thrusters."""

import equinox as eqx
import jax
import jax.numpy as jnp

THRUSTER_COUNT = 16


class Command(eqx.Module):
    """One tick's orders; they hold until the next."""

    engine_on: jax.Array  # () bool
    throttle: jax.Array  # () fraction of full thrust
    gimbal_rad: jax.Array  # (2,) about body x and body y
    thruster_on_s: jax.Array  # (16,) pulse length within the tick, from its start
    altimeter_beam: jax.Array  # 0 canted, 1 axial


def quiet_command():
    """Everything off."""
    return Command(
        engine_on=jnp.array(False),
        throttle=jnp.array(0.0),
        gimbal_rad=jnp.zeros(2),
        thruster_on_s=jnp.zeros(THRUSTER_COUNT),
        altimeter_beam=jnp.array(0),
    )
