"""Liquid that sways, linear about upright flight: how it moves a lander.

About one level axis, with s over the thrust's acceleration g for each tank of mass m at a height z
over the centre of mass, of a vehicle of mass M and inertia I:

    a + sum(m/M s'')                = side force / (M g)
    turn + sum(m z g/I s'' - m g^2/I s) = torque / I
    s'' + a + (z/g) turn            = -w^2 s - 2 d w s'

which `truth/dynamics/slosh.py` comes down to (Greensite, NASA CR-826, 1967).
"""

from dataclasses import dataclass

import jax
import numpy as np
from jaxtyping import Float

from perilune.mechanics.mass_properties import MassModel, mass_properties
from perilune.mechanics.slosh_mode import slosh_mode
from perilune.mission.lander import Lander


@dataclass(frozen=True, kw_only=True)
class LinearSlosh:
    """The points of K tanks about one axis, at one mass and thrust."""

    names: tuple[str, ...]
    mass_kg: Float[np.ndarray, " K"]
    arm_m: Float[np.ndarray, " K"]  # over the centre of mass
    vehicle_kg: float
    inertia_kg_m2: float  # of the vehicle
    felt_m_s2: float  # thrust over mass
    frequency_rad_s: Float[np.ndarray, " K"]
    damping_factor: Float[np.ndarray, " K"]

    @property
    def count(self) -> int:
        """How many tanks."""
        return len(self.names)


def linear_slosh(
    lander: Lander, model: MassModel, mass_kg: float, thrust_n: float, axis: int
) -> LinearSlosh:
    """Of a lander whose tanks all have a table `slosh`, about body x (0) or y (1)."""
    sways = [tank.slosh for tank in lander.tanks if tank.slosh is not None]
    gas_kg, shares = lander.mass.cold_gas_kg, [tank.propellant_fraction for tank in lander.tanks]
    liquid_kg = np.array(shares) * (mass_kg - float(model.dry_kg) - gas_kg)
    model = jax.tree.map(np.asarray, model)
    whole = mass_properties(model, np.append(liquid_kg, gas_kg), xp=np)
    viscosity_m2_s = np.array([table.viscosity_m2_s for table in sways])
    mode = slosh_mode(
        liquid_kg, model.tank_density_kg_m3, model.tank_radius_m,
        viscosity_m2_s, xp=np,
    )  # fmt: skip
    felt_m_s2 = thrust_n / mass_kg
    arm_m = model.tank_floor_body_m[:, 2] + mode.height_m - whole.center_body_m[2]
    frequency_rad_s = np.sqrt(felt_m_s2 * mode.stiffness_per_m)
    return LinearSlosh(
        names=tuple(tank.name for tank in lander.tanks),
        mass_kg=mode.mass_kg,
        arm_m=arm_m,
        vehicle_kg=mass_kg,
        inertia_kg_m2=float(whole.inertia_kg_m2[axis, axis]),
        felt_m_s2=felt_m_s2,
        frequency_rad_s=frequency_rad_s,
        damping_factor=np.sqrt(mode.wall_per_s / frequency_rad_s)
        + np.array([table.baffle_damping_factor for table in sways]),
    )


def accelerations(
    slosh: LinearSlosh | None, side_per_turn_s2: float
) -> tuple[Float[np.ndarray, " n"], Float[np.ndarray, " n"], Float[np.ndarray, "K n"]]:
    """Rows of the felt side acceleration over g, of the turn, and of s'' over g.

    Each is a linear function of (turn ordered, s, s'), n = 1 + 2 K numbers.
    """
    count = 0 if slosh is None else slosh.count
    given = np.zeros((2 + count, 1 + 2 * count))
    given[:2, 0] = side_per_turn_s2, 1.0
    left = np.eye(2 + count)
    if slosh is not None:
        weight = slosh.mass_kg * slosh.felt_m_s2 / slosh.inertia_kg_m2
        left[0, 2:], left[1, 2:] = slosh.mass_kg / slosh.vehicle_kg, weight * slosh.arm_m
        left[2:, 0], left[2:, 1] = 1.0, slosh.arm_m / slosh.felt_m_s2
        given[1, 1 : 1 + count] = weight * slosh.felt_m_s2
        given[2:, 1 : 1 + count] = -np.diag(slosh.frequency_rad_s**2)
        given[2:, 1 + count :] = -np.diag(2.0 * slosh.damping_factor * slosh.frequency_rad_s)
    made = np.linalg.solve(left, given)
    return made[0], made[1], made[2:]
