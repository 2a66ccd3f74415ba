"""Geometry of many instants at once, in NumPy on the host: what compiled code knows of one.

Each function is the law of the same name in `mechanics` or `truth`, over a leading axis of rows;
the tests hold the two against each other.
"""

import numpy as np
from numpy.polynomial import chebyshev


def conjugate(a_from_b):
    """Rotations the other way, (n, 4)."""
    return a_from_b * np.array([1.0, -1.0, -1.0, -1.0])


def multiply(a_from_b, b_from_c):
    """`a_from_c`, (n, 4), scalar first, Hamilton."""
    scalar_a, axis_a = a_from_b[..., :1], a_from_b[..., 1:]
    scalar_b, axis_b = b_from_c[..., :1], b_from_c[..., 1:]
    scalar = scalar_a * scalar_b - np.sum(axis_a * axis_b, axis=-1, keepdims=True)
    axis = scalar_a * axis_b + scalar_b * axis_a + np.cross(axis_a, axis_b)
    return np.concatenate([scalar, axis], axis=-1)


def rotate(a_from_b, vector_b):
    """Vectors of frame b, (n, 3), seen in frame a."""
    scalar, axis = a_from_b[..., :1], a_from_b[..., 1:]
    twice = 2.0 * np.cross(axis, vector_b)
    return vector_b + scalar * twice + np.cross(axis, twice)


def rotation_vector(quaternion):
    """The shortest rotation vectors, rad, (n, 3)."""
    shortest = np.where(quaternion[..., :1] < 0.0, -quaternion, quaternion)
    sine = np.linalg.norm(shortest[..., 1:], axis=-1, keepdims=True)
    angle = 2.0 * np.arctan2(sine, shortest[..., :1])
    return shortest[..., 1:] * np.where(sine > 1e-12, angle / np.maximum(sine, 1e-300), 2.0)


def axes_of(a_from_b):
    """The axes of frame a seen in frame b, (n, 3 axes, 3)."""
    one = conjugate(a_from_b)[:, None]
    return rotate(one, np.broadcast_to(np.eye(3), (len(a_from_b), 3, 3)))


def turning(sky, times_s):
    """`fixed_from_inertial`, (n, 4), and the Moon's spin, (n, 3) rad/s in inertial axes."""
    raw, rate = _table(sky.pa_from_inertial, times_s)
    size = np.linalg.norm(raw, axis=-1, keepdims=True)
    pa_from_inertial = raw / size
    spin = 2.0 * multiply(conjugate(rate / size), pa_from_inertial)[:, 1:]
    return multiply(np.asarray(sky.fixed_from_pa)[None], pa_from_inertial), spin


def _table(table, times_s):
    """A `ChebyshevTable` and its rate at many times, each (n, dimension)."""
    coefficients, span_s = np.asarray(table.coefficients), float(table.span_s)
    elapsed = (times_s - float(table.start_s)) / span_s
    segment = np.clip(np.floor(elapsed), 0, len(coefficients) - 1).astype(int)
    place = 2.0 * (elapsed - segment) - 1.0
    values, rates = np.empty((2, len(times_s), coefficients.shape[-1]))
    for index in np.unique(segment):
        here, series = segment == index, coefficients[index]
        values[here] = chebyshev.chebval(place[here], series).T
        rates[here] = chebyshev.chebval(place[here], chebyshev.chebder(series)).T * 2.0 / span_s
    return values, rates


def unit(vectors):
    """Vectors scaled to unit length."""
    return vectors / np.linalg.norm(vectors, axis=-1, keepdims=True)


def center_of_mass_m(mass, tank_kg):
    """Centre of mass in body axes, (n, 3) m; settled liquid as in `mass_properties`."""
    masses_kg, centers_m = _parts(mass, tank_kg)
    return np.sum(masses_kg[..., None] * centers_m, axis=1) / np.sum(masses_kg, axis=1)[:, None]


def inertia_kg_m2(mass, tank_kg):
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


def _levels_m(mass, tank_kg):
    return tank_kg[:, :-1] / (mass.tank_density_kg_m3 * np.pi * mass.tank_radius_m**2)


def _parts(mass, tank_kg):
    """Masses (n, T + 1) and their centres (n, T + 1, 3): the dry body with the gas, each liquid."""
    solid_kg = mass.dry_kg + tank_kg[:, -1:]
    rise_m = 0.5 * _levels_m(mass, tank_kg)[..., None] * np.array([0.0, 0.0, 1.0])
    dry_m = np.broadcast_to(mass.dry_center_body_m, (len(tank_kg), 1, 3))
    centers_m = np.concatenate([dry_m, mass.tank_floor_body_m + rise_m], axis=1)
    return np.concatenate([solid_kg, tank_kg[:, :-1]], axis=1), centers_m
