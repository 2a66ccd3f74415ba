"""What the flight software carries from tick to tick."""

import equinox as eqx
import jax
import jax.numpy as jnp

from perilune.onboard.modes.modes import Mode, Progress
from perilune.onboard.navigation.estimate import Estimate, first_estimate
from perilune.onboard.navigation.ground import units
from perilune.onboard.navigation.propagate import HeldGravity


class Memory(eqx.Module):
    """Estimate, progress through the flight, and the few things kept beside them."""

    estimate: Estimate
    progress: Progress
    held_gravity: HeldGravity
    gain_inertial_m_s: jax.Array  # (3,) from thrust since the cycle began
    imu_in_use: jax.Array  # (units,) bool
    rate_body_rad_s: jax.Array  # (3,)
    mass_kg: jax.Array


def wake(upload):
    """The memory at the start of the flight: nothing but the upload."""
    return Memory(
        estimate=first_estimate(upload),
        progress=Progress(jnp.array(int(Mode.ORBIT)), *map(jnp.array, (0.0, 0.0))),
        held_gravity=HeldGravity(upload.chart.gravity.gm_m3_s2, jnp.zeros(3)),
        gain_inertial_m_s=jnp.zeros(3),
        imu_in_use=jnp.arange(len(units(upload, "imu"))) == 0,
        rate_body_rad_s=jnp.zeros(3),
        mass_kg=upload.vehicle.start_mass_kg,
    )
