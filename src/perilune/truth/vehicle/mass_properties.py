"""Mass, centre of mass and inertia as the tanks empty."""

import equinox as eqx
import jax
import jax.numpy as jnp


class MassProperties(eqx.Module):
    """Of the whole vehicle, in body axes."""

    mass_kg: jax.Array
    center_body_m: jax.Array  # (3,)
    inertia_kg_m2: jax.Array  # (3,) principal moments about the centre of mass


def mass_properties(model, propellant_kg, cold_gas_kg):
    """Settled liquid stands as a cylinder on each tank's floor; cold gas rides with the dry body.

    Products of inertia are left out: the tanks stand on the axis, and a dry centre 1 cm off it
    would turn the principal axes by less than 1 %.
    """
    liquid_kg = model.tank_fraction * propellant_kg
    area_m2 = jnp.pi * model.tank_radius_m**2
    level_m = liquid_kg / (model.tank_density_kg_m3 * area_m2)
    on_axis = jnp.zeros_like(level_m)
    liquid_center_m = jnp.stack([on_axis, on_axis, model.tank_bottom_m + 0.5 * level_m], axis=-1)
    lateral = liquid_kg * (3.0 * model.tank_radius_m**2 + level_m**2) / 12.0
    axial = 0.5 * liquid_kg * model.tank_radius_m**2
    masses_kg = jnp.concatenate([jnp.atleast_1d(model.dry_kg + cold_gas_kg), liquid_kg])
    centers_m = jnp.concatenate([model.dry_center_body_m[None], liquid_center_m])
    own = jnp.concatenate([model.dry_inertia_kg_m2[None], jnp.stack([lateral, lateral, axial], -1)])
    mass_kg = jnp.sum(masses_kg)
    center_m = jnp.sum(masses_kg[:, None] * centers_m, axis=0) / mass_kg
    arm_m = centers_m - center_m
    steiner = masses_kg[:, None] * (jnp.sum(arm_m**2, axis=-1, keepdims=True) - arm_m**2)
    return MassProperties(mass_kg, center_m, jnp.sum(own + steiner, axis=0))
