"""Geometry of many instants at once, in NumPy on the host: what compiled code knows of one.

The laws are those of `mechanics`; the tests hold what is here against `truth` at single instants.
"""

import numpy as np

from perilune.mechanics import rotation
from perilune.mechanics.array_types import Matrix3, Quaternion, Vector3
from perilune.mechanics.chebyshev import derivative, evaluate


def conjugate(a_from_b: Quaternion) -> Quaternion:
    """Rotations the other way, (n, 4)."""
    return rotation.conjugate(a_from_b, xp=np)


def rotate(a_from_b: Quaternion, vector_b: Vector3) -> Vector3:
    """Vectors of frame b, (n, 3), seen in frame a."""
    return rotation.rotate(a_from_b, vector_b, xp=np)


def turn_between(a_from_b: Quaternion, a_from_c: Quaternion) -> Vector3:
    """The shortest rotation vectors, rad, from frame b to frame c, in axes of either, (n, 3)."""
    b_from_c = rotation.multiply(conjugate(a_from_b), a_from_c, xp=np)
    return rotation.to_rotation_vector(b_from_c, xp=np)


def axes_of(a_from_b: Quaternion) -> Matrix3:
    """The axes of frame a seen in frame b, (n, 3 axes, 3)."""
    return rotation.to_matrix(a_from_b, xp=np)


def turning(sky, times_s):
    """`fixed_from_inertial`, (n, 4), and the Moon's spin, (n, 3) rad/s in inertial axes."""
    raw = evaluate(sky.pa_from_inertial, times_s, xp=np)
    rate = evaluate(derivative(sky.pa_from_inertial), times_s, xp=np)
    size = np.linalg.norm(raw, axis=-1, keepdims=True)
    spin = 2.0 * rotation.multiply(conjugate(rate / size), raw / size, xp=np)[:, 1:]
    return rotation.multiply(np.asarray(sky.fixed_from_pa), raw / size, xp=np), spin


def unit(vectors):
    """Vectors scaled to unit length."""
    return vectors / np.linalg.norm(vectors, axis=-1, keepdims=True)


def center_of_mass_m(mass, propellant_kg, cold_gas_kg):
    """Centre of mass in body axes, (n, 3) m; settled liquid as in `mass_properties`."""
    liquid_kg = propellant_kg[:, None] * mass.tank_fraction
    area_m2 = np.pi * mass.tank_radius_m**2
    level_m = liquid_kg / (mass.tank_density_kg_m3 * area_m2)
    solid_kg = (mass.dry_kg + cold_gas_kg)[:, None]
    moment = solid_kg * mass.dry_center_body_m
    moment[:, 2] += np.sum(liquid_kg * (mass.tank_bottom_m + 0.5 * level_m), axis=-1)
    return moment / (solid_kg + np.sum(liquid_kg, axis=-1, keepdims=True))


def inertia_kg_m2(mass, propellant_kg, cold_gas_kg):
    """Principal moments about the centre of mass, (n, 3) kg m2, as in `mass_properties`."""
    center_m = center_of_mass_m(mass, propellant_kg, cold_gas_kg)
    liquid_kg = propellant_kg[:, None] * mass.tank_fraction
    level_m = liquid_kg / (mass.tank_density_kg_m3 * np.pi * mass.tank_radius_m**2)
    lateral = liquid_kg * (3.0 * mass.tank_radius_m**2 + level_m**2) / 12.0
    own = np.stack([lateral, lateral, 0.5 * liquid_kg * mass.tank_radius_m**2], axis=-1)
    places = np.zeros((*liquid_kg.shape, 3))
    places[..., 2] = mass.tank_bottom_m + 0.5 * level_m
    solid_kg = (mass.dry_kg + cold_gas_kg)[:, None]
    dry = mass.dry_inertia_kg_m2 + solid_kg * _square(mass.dry_center_body_m - center_m)
    wet = own + liquid_kg[..., None] * _square(places - center_m[:, None])
    return dry + np.sum(wet, axis=1)


def _square(arm_m):
    """What a unit mass on an arm adds to the three moments."""
    return np.sum(arm_m**2, axis=-1, keepdims=True) - arm_m**2
