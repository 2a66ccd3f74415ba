"""The first sideways mode of a liquid in an upright cylinder, as a mass on a spring.

Linear potential flow in a cylinder of radius R with a flat floor, filled to a depth h, under an
acceleration g along its axis; X is the first root of J1'. With x = X h/R,

    w^2 = g (X/R) tanh x                                 natural frequency
    m1  = m (2/(X^2 - 1)) tanh(x)/x                      mass of m that sways
    z1  = h - (2 R/X) tanh(x/2)                          its height over the floor

(Abramson, ed., *The Dynamic Behavior of Liquids in Moving Containers*, NASA SP-106, 1966, chapter
6; Dodge, *The New Dynamic Behavior of Liquids in Moving Containers*, SwRI, 2000, chapter 3). The
mass is as heavy in g where it is as where it rests, and its weight then makes the moment of the
pressure on the floor. Viscous layers at wall and floor damp the mode by

    zeta = sqrt(nu/(2 w)) ((X^2 + 1)/(X^2 - 1) + 2 (X - x)/sinh 2x) / (2 R)

(Case and Parkinson, J. Fluid Mech. 2, 1957); bare tanks are measured to damp somewhat more. The
second mode, of 3 % of the first one's mass in a deep tank, is left with the rest of the liquid.
"""

import math
from dataclasses import KW_ONLY

import equinox as eqx
import jax.numpy as jnp
from jaxtyping import Float

from perilune.mechanics.array_types import AnyArray

ROOT = 1.8411837813406593
"""X, where the first derivative of J1 is first zero."""
LEAST_DEPTH_FACTOR = 0.125
"""Of the radius: a shallower liquid sways as one so deep.

There the floor falls dry on one side by a lean of 8 degrees, and no linear mode is left.
"""
NOTHING_M = 1e-9


class SloshMode(eqx.Module):
    """Of each of T tanks."""

    _: KW_ONLY
    mass_kg: Float[AnyArray, " T"]
    height_m: Float[AnyArray, " T"]  # over the floor of the tank
    stiffness_per_m: Float[AnyArray, " T"]  # square of the frequency for each m/s2
    wall_per_s: Float[AnyArray, " T"]  # square of the walls' damping ratio times the frequency


def slosh_mode(
    liquid_kg: Float[AnyArray, " T"],
    density_kg_m3: Float[AnyArray, " T"],
    radius_m: Float[AnyArray, " T"],
    viscosity_m2_s: Float[AnyArray, " T"],
    xp: AnyArray = jnp,
) -> SloshMode:
    """The mode of what each tank holds."""
    per_radius = ROOT / radius_m
    held_m = liquid_kg / (density_kg_m3 * (xp.pi * radius_m**2))
    full = per_radius * xp.maximum(held_m, NOTHING_M)
    depth = xp.maximum(full, LEAST_DEPTH_FACTOR * ROOT)
    less = xp.expm1(-per_radius * held_m)  # one exponential: e^-x, and tanh and sinh by it
    lesser = less * (2.0 + less)  # e^-2x - 1
    decayed = xp.minimum(1.0 + lesser, math.exp(-2.0 * LEAST_DEPTH_FACTOR * ROOT))
    square = ROOT**2
    layers = (square + 1.0) / (square - 1.0)
    layers += 4.0 * (ROOT - depth) * decayed / (1.0 - decayed**2)
    return SloshMode(
        mass_kg=liquid_kg * (2.0 / (square - 1.0)) * -lesser / ((2.0 + lesser) * full),
        height_m=held_m + 2.0 / per_radius * less / (2.0 + less),
        stiffness_per_m=per_radius * (1.0 - decayed) / (1.0 + decayed),
        wall_per_s=0.5 * viscosity_m2_s * (0.5 * layers / radius_m) ** 2,
    )
