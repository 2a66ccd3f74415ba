"""The vehicle as constants: every number of a lander that truth needs, in arrays of its own sizes.

P points of contact, L legs, E engines, N nozzles, T tanks of propellant, S stores: the tanks, and
the cold gas as the last.
"""

from dataclasses import KW_ONLY

import equinox as eqx
from jaxtyping import Array, Float

from perilune.interfaces.contact_switches import ContactSwitchesSpec
from perilune.mechanics.mass_properties import MassModel
from perilune.truth.actuators.engines import Engines
from perilune.truth.actuators.nozzles import Nozzles


class Legs(eqx.Module):
    """What gives way at a footpad: its struts by stages, the soil under it, and the leg itself.

    L legs of J ways to crush each: along the primary strut, and across it by each of the two
    secondary ones. R stages of a strut, Q rows of the soil's table.
    """

    _: KW_ONLY
    crush_body_factor: Float[Array, "L J 3"]  # the pad's way over the strut's, by strut
    stage_end_m: Float[Array, "L J 2 R"]  # stroke at which each stage ends; compression, tension
    crush_force_n: Float[Array, "L J 2 R"]  # in each stage
    ultimate_load_n: Float[Array, " L"]  # infinite where a leg never breaks
    bearing_depth_m: Float[Array, "L Q"]
    bearing_n: Float[Array, "L Q"]  # what the soil bears of a pad sunk that deep
    wedge_n_per_m2: Float[Array, " L"]  # sideways: weight of the wedge before a pad, by depth²
    cohesion_n_per_m: Float[Array, " L"]  # its cohesion, by depth
    pushed_kg_per_m2: Float[Array, " L"]  # mass of soil before a pad, by depth and way


class ContactPoints(eqx.Module):
    """Every point that may touch the ground: the footpads, then the hull, then the bells."""

    _: KW_ONLY
    position_body_m: Float[Array, "P 3"]
    stiffness_n_per_m: Float[Array, " P"]
    damping_n_s_per_m: Float[Array, " P"]
    friction_factor: Float[Array, " P"]
    legs: Legs
    leg_count: int = eqx.field(static=True)
    bell_count: int = eqx.field(static=True)  # points on the rims of the bells, the last ones
    switches: ContactSwitchesSpec | None = None  # in the footpads; None: the first load closes them


class Slosh(eqx.Module):
    """What damps the liquid that sways in each tank of propellant."""

    _: KW_ONLY
    viscosity_m2_s: Float[Array, " T"]  # kinematic
    baffle_damping_factor: Float[Array, " T"]  # beside what the bare walls do


class Vehicle(eqx.Module):
    """The lander."""

    mass: MassModel
    engines: Engines
    nozzles: Nozzles
    contact: ContactPoints
    slosh: Slosh | None = None  # None: the liquid is carried rigidly
