"""What the flight software does first after its computer was down: it brings its memory up to date.

The memory is that of the last step before. Of the time since then only its own clock knows: the
increments of the inertial units are lost, so that it takes itself to have fallen freely and to have
turned on as before. The filter counts the time as part of the cycle under way.
"""

import dataclasses

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

from perilune.onboard.memory import Memory
from perilune.onboard.navigation.imu import Inertial
from perilune.onboard.navigation.propagate import strapdown


def restarted(memory: Memory, down_s: Float[Array, ""]) -> Memory:
    """The memory brought forward by how long the computer was down; as it was where it was not."""
    none = jnp.zeros(3)
    fallen = Inertial(
        velocity_increment_body_m_s=none,
        rotation_increment_body_rad=memory.rate_body_rad_s * down_s,
        rate_body_rad_s=memory.rate_body_rad_s,
        gyro_bias_rad_s=none,
        accelerometer_bias_m_s2=none,
    )
    estimate, _ = strapdown(memory.estimate, fallen, memory.held_gravity, down_s, jnp.array(False))
    later = dataclasses.replace(memory, estimate=estimate, cycle_s=memory.cycle_s + down_s)
    return jax.tree.map(lambda new, old: jnp.where(down_s > 0.0, new, old), later, memory)
