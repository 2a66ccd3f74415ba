"""Geometry of many instants at once, in NumPy on the host: what compiled code knows of one.

The laws are those of `mechanics`; the tests hold what is here against `truth` at single instants.
"""

import dataclasses

import numpy as np
from jaxtyping import Float

from perilune.mechanics import rotation
from perilune.mechanics.array_types import AnyArray, Matrix3, Quaternion, Vector3
from perilune.mechanics.chebyshev import derivative, evaluate
from perilune.truth.environment.ephemeris import Sky
from perilune.truth.vehicle.vehicle import MassModel


@dataclasses.dataclass(frozen=True)
class Setting:
    """Where the Moon and the track were at each row of telemetry."""

    fixed_from_inertial: Float[AnyArray, "n 4"]
    spin_inertial_rad_s: Float[AnyArray, "n 3"]
    position_fixed_m: Float[AnyArray, "n 3"]
    up_inertial: Float[AnyArray, "n 3"]
    local_from_inertial: Float[AnyArray, "n 3 3"]  # along the track, across it, up


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


def turning(
    sky: Sky, times_s: Float[AnyArray, " n"]
) -> tuple[Float[AnyArray, "n 4"], Float[AnyArray, "n 3"]]:
    """`fixed_from_inertial`, (n, 4), and the Moon's spin, (n, 3) rad/s in inertial axes."""
    raw = evaluate(sky.pa_from_inertial, times_s, xp=np)
    rate = evaluate(derivative(sky.pa_from_inertial), times_s, xp=np)
    size = np.linalg.norm(raw, axis=-1, keepdims=True)
    spin = 2.0 * rotation.multiply(conjugate(rate / size), raw / size, xp=np)[:, 1:]
    return rotation.multiply(np.asarray(sky.fixed_from_pa), raw / size, xp=np), spin


def unit(vectors: Float[AnyArray, "... 3"]) -> Float[AnyArray, "... 3"]:
    """Vectors scaled to unit length."""
    return vectors / np.linalg.norm(vectors, axis=-1, keepdims=True)


def center_of_mass_m(mass: MassModel, tank_kg: Float[AnyArray, "n S"]) -> Float[AnyArray, "n 3"]:
    """Centre of mass in body axes, (n, 3) m; settled liquid as in `mass_properties`."""
    masses_kg, centers_m = _parts(mass, tank_kg)
    return np.sum(masses_kg[..., None] * centers_m, axis=1) / np.sum(masses_kg, axis=1)[:, None]


def inertia_kg_m2(mass: MassModel, tank_kg: Float[AnyArray, "n S"]) -> Float[AnyArray, "n 3 3"]:
    """Inertia about the centre of mass, (n, 3, 3) kg m2, as in `mass_properties`."""
    masses_kg, centers_m = _parts(mass, tank_kg)
    level_m = _levels_m(mass, tank_kg)
    lateral = tank_kg[:, :-1] * (3.0 * mass.tank_radius_m**2 + level_m**2) / 12.0
    axial = 0.5 * tank_kg[:, :-1] * mass.tank_radius_m**2
    own = np.stack([lateral, lateral, axial], axis=-1).sum(axis=1)[:, :, None] * np.eye(3)
    arm_m = centers_m - center_of_mass_m(mass, tank_kg)[:, None]
    square_m2 = np.sum(arm_m**2, axis=-1)[..., None, None] * np.eye(3)
    outer_m2 = arm_m[..., :, None] * arm_m[..., None, :]
    steiner = np.sum(masses_kg[..., None, None] * (square_m2 - outer_m2), axis=1)
    return mass.dry_inertia_kg_m2 + own + steiner


def _levels_m(mass: MassModel, tank_kg: Float[AnyArray, "n S"]) -> Float[AnyArray, "n T"]:
    return tank_kg[:, :-1] / (mass.tank_density_kg_m3 * np.pi * mass.tank_radius_m**2)


def _parts(
    mass: MassModel, tank_kg: Float[AnyArray, "n S"]
) -> tuple[Float[AnyArray, "n parts"], Float[AnyArray, "n parts 3"]]:
    """Masses (n, T + 1) and their centres (n, T + 1, 3): the dry body with the gas, each liquid."""
    solid_kg = mass.dry_kg + tank_kg[:, -1:]
    rise_m = 0.5 * _levels_m(mass, tank_kg)[..., None] * np.array([0.0, 0.0, 1.0])
    dry_m = np.broadcast_to(mass.dry_center_body_m, (len(tank_kg), 1, 3))
    centers_m = np.concatenate([dry_m, mass.tank_floor_body_m + rise_m], axis=1)
    return np.concatenate([solid_kg, tank_kg[:, :-1]], axis=1), centers_m
