"""Mass, centre of mass and inertia of a dry body and its tanks as they empty."""

from dataclasses import KW_ONLY

import equinox as eqx
import jax.numpy as jnp
from jaxtyping import Float

from perilune.mechanics.array_types import AnyArray, Matrix3, Vector3


class MassModel(eqx.Module):
    """A dry body and upright cylindrical tanks, whose liquid stands settled on their floors."""

    _: KW_ONLY
    dry_kg: Float[AnyArray, ""]
    dry_center_body_m: Float[AnyArray, "3"]
    dry_inertia_kg_m2: Float[AnyArray, "3 3"]  # about its own centre
    tank_floor_body_m: Float[AnyArray, "T 3"]  # centre of each tank's floor
    tank_radius_m: Float[AnyArray, " T"]
    tank_density_kg_m3: Float[AnyArray, " T"]


class MassProperties(eqx.Module):
    """Of the whole vehicle, in body axes; leading axes are those of the tanks' contents."""

    mass_kg: Float[AnyArray, "..."]
    center_body_m: Vector3
    inertia_kg_m2: Matrix3  # about the centre of mass, products included


def mass_properties(
    model: MassModel, tank_kg: Float[AnyArray, "... S"], xp: AnyArray = jnp
) -> MassProperties:
    """Settled liquid stands as a cylinder on each tank's floor; cold gas rides with the dry body.

    `tank_kg` is what each of the T tanks holds, and the cold gas as the last. The parallel-axis
    theorem in full: a mass m at an arm r adds m (r.r - r r').
    """
    liquid_kg, gas_kg = tank_kg[..., :-1], tank_kg[..., -1:]
    level_m = liquid_kg / (model.tank_density_kg_m3 * (xp.pi * model.tank_radius_m**2))
    up = xp.asarray([0.0, 0.0, 1.0])
    liquid_center_m = model.tank_floor_body_m + 0.5 * level_m[..., None] * up
    lateral = liquid_kg * (3.0 * model.tank_radius_m**2 + level_m**2) / 12.0
    axial = 0.5 * liquid_kg * model.tank_radius_m**2
    own = xp.stack([lateral, lateral, axial], axis=-1)
    masses_kg = xp.concatenate([model.dry_kg + gas_kg, liquid_kg], axis=-1)
    dry_center_m = xp.broadcast_to(model.dry_center_body_m, (*tank_kg.shape[:-1], 1, 3))
    centers_m = xp.concatenate([dry_center_m, liquid_center_m], axis=-2)
    mass_kg = xp.sum(masses_kg, axis=-1)
    center_m = xp.sum(masses_kg[..., None] * centers_m, axis=-2) / mass_kg[..., None]
    arm_m = centers_m - center_m[..., None, :]
    moments = masses_kg[..., None] * (xp.sum(arm_m**2, axis=-1, keepdims=True) - arm_m**2)
    diagonal = xp.sum(own, axis=-2) + xp.sum(moments, axis=-2)
    inertia = model.dry_inertia_kg_m2 + _products(masses_kg, arm_m, xp)
    return MassProperties(mass_kg, center_m, inertia + diagonal[..., None] * xp.eye(3))


def _products(
    masses_kg: Float[AnyArray, "... m"], arm_m: Float[AnyArray, "... m 3"], xp: AnyArray
) -> Matrix3:
    """What the masses at these arms add off the diagonal."""
    x, y, z = (arm_m[..., axis] for axis in range(3))
    xy, xz, yz = (-xp.sum(masses_kg * product, axis=-1) for product in (x * y, x * z, y * z))
    none = xp.zeros_like(xy)
    rows = ([none, xy, xz], [xy, none, yz], [xz, yz, none])
    return xp.stack([xp.stack(row, axis=-1) for row in rows], axis=-2)
