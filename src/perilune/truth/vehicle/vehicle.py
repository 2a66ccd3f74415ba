"""The vehicle as constants: every number of a lander that truth needs, in arrays of its own sizes.

P points of contact, E engines, N nozzles, T tanks of propellant, S stores: the tanks, and the cold
gas as the last.
"""

from dataclasses import KW_ONLY

import equinox as eqx
from jaxtyping import Array, Float

from perilune.mechanics.mass_properties import MassModel
from perilune.truth.actuators.engines import Engines
from perilune.truth.actuators.nozzles import Nozzles


class ContactPoints(eqx.Module):
    """Every point that may touch the ground: the footpads, then the hull, then the bells."""

    _: KW_ONLY
    position_body_m: Float[Array, "P 3"]
    stiffness_n_per_m: Float[Array, " P"]
    damping_n_s_per_m: Float[Array, " P"]
    friction_factor: Float[Array, " P"]
    crush_force_n: Float[Array, " P"]  # very large where nothing crushes
    stroke_limit_m: Float[Array, " P"]  # zero where nothing crushes
    leg_count: int = eqx.field(static=True)
    bell_count: int = eqx.field(static=True)  # points on the rims of the bells, the last ones


class Vehicle(eqx.Module):
    """The lander."""

    mass: MassModel
    engines: Engines
    nozzles: Nozzles
    contact: ContactPoints
