"""The rocket equation: exhaust speed, and the mass that a change of speed leaves."""

from types import ModuleType

import jax.numpy as jnp
from jaxtyping import Float

from perilune.mechanics.array_types import AnyArray
from perilune.mechanics.constants import STANDARD_GRAVITY_M_S2


def exhaust_speed_m_s(specific_impulse_s: Float[AnyArray, "..."]) -> Float[AnyArray, "..."]:
    """Effective exhaust speed of an engine, m/s; a number or an array of any shape."""
    return specific_impulse_s * STANDARD_GRAVITY_M_S2


def mass_after_kg(
    mass_kg: Float[AnyArray, "..."],
    speed_change_m_s: Float[AnyArray, "..."],
    exhaust_m_s: Float[AnyArray, "..."],
    xp: ModuleType = jnp,
) -> Float[AnyArray, "..."]:
    """Mass after a burn that changes the speed by `speed_change_m_s` (Tsiolkovsky).

    `xp` is the module whose `exp` fits the numbers: `math`, NumPy or JAX.
    """
    return mass_kg * xp.exp(-speed_change_m_s / exhaust_m_s)
