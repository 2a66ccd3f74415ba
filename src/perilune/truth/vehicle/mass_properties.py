"""Mass, centre of mass and inertia as the tanks empty."""

import equinox as eqx
import jax.numpy as jnp
from jaxtyping import Array, Float

from perilune.truth.vehicle.vehicle import MassModel


class MassProperties(eqx.Module):
    """Of the whole vehicle, in body axes."""

    mass_kg: Float[Array, ""]
    center_body_m: Float[Array, "3"]
    inertia_kg_m2: Float[Array, "3 3"]  # about the centre of mass, products included


def mass_properties(model: MassModel, tank_kg: Float[Array, " S"]) -> MassProperties:
    """Settled liquid stands as a cylinder on each tank's floor; cold gas rides with the dry body.

    The parallel-axis theorem in full: a mass m at an arm r adds m (r.r - r r').
    """
    liquid_kg, gas_kg = tank_kg[:-1], tank_kg[-1]
    level_m = liquid_kg / (model.tank_density_kg_m3 * (jnp.pi * model.tank_radius_m**2))
    up = jnp.array([0.0, 0.0, 1.0])
    liquid_center_m = model.tank_floor_body_m + 0.5 * level_m[:, None] * up
    lateral = liquid_kg * (3.0 * model.tank_radius_m**2 + level_m**2) / 12.0
    axial = 0.5 * liquid_kg * model.tank_radius_m**2
    own = jnp.stack([lateral, lateral, axial], axis=-1)
    masses_kg = jnp.concatenate([jnp.atleast_1d(model.dry_kg + gas_kg), liquid_kg])
    centers_m = jnp.concatenate([model.dry_center_body_m[None], liquid_center_m])
    mass_kg = jnp.sum(masses_kg)
    center_m = jnp.sum(masses_kg[:, None] * centers_m, axis=0) / mass_kg
    arm_m = centers_m - center_m
    moments = masses_kg[:, None] * (jnp.sum(arm_m**2, axis=-1, keepdims=True) - arm_m**2)
    diagonal = jnp.sum(own, axis=0) + jnp.sum(moments, axis=0)
    x, y, z = arm_m.T
    xy, xz, yz = (-jnp.sum(masses_kg * product) for product in (x * y, x * z, y * z))
    none = jnp.zeros(())
    products = jnp.stack(
        [jnp.stack([none, xy, xz]), jnp.stack([xy, none, yz]), jnp.stack([xz, yz, none])]
    )
    inertia = model.dry_inertia_kg_m2 + products + jnp.diag(diagonal)
    return MassProperties(mass_kg, center_m, inertia)
