"""Unit quaternions: scalar first, Hamilton product, named `target_from_source`.

Every function takes one rotation or vector or many, over leading axes, of JAX or, with `xp=numpy`,
of NumPy.
"""

from types import ModuleType

import jax.numpy as jnp

from perilune.mechanics.array_types import Matrix3, Quaternion, Vector3


def multiply(a_from_b: Quaternion, b_from_c: Quaternion, xp: ModuleType = jnp) -> Quaternion:
    """Compose two rotations, shapes (..., 4): `a_from_c`."""
    aw, ax, ay, az = xp.moveaxis(a_from_b, -1, 0)
    bw, bx, by, bz = xp.moveaxis(b_from_c, -1, 0)
    return xp.stack(
        [
            aw * bw - ax * bx - ay * by - az * bz,
            aw * bx + ax * bw + ay * bz - az * by,
            aw * by - ax * bz + ay * bw + az * bx,
            aw * bz + ax * by - ay * bx + az * bw,
        ],
        axis=-1,
    )


def conjugate(a_from_b: Quaternion, xp: ModuleType = jnp) -> Quaternion:
    """The rotation the other way, `b_from_a`."""
    return a_from_b * xp.array([1.0, -1.0, -1.0, -1.0])


def cross(a: Vector3, b: Vector3, xp: ModuleType = jnp) -> Vector3:
    """Cross product over the last axis, written out so that it fuses."""
    ax, ay, az = xp.moveaxis(a, -1, 0)
    bx, by, bz = xp.moveaxis(b, -1, 0)
    return xp.stack([ay * bz - az * by, az * bx - ax * bz, ax * by - ay * bx], axis=-1)


def rotate(a_from_b: Quaternion, vector_b: Vector3, xp: ModuleType = jnp) -> Vector3:
    """A vector of frame b, shape (..., 3), seen in frame a."""
    scalar, axis = a_from_b[..., :1], a_from_b[..., 1:]
    twice = 2.0 * cross(axis, vector_b, xp)
    return vector_b + scalar * twice + cross(axis, twice, xp)


def rotate_back(a_from_b: Quaternion, vector_a: Vector3, xp: ModuleType = jnp) -> Vector3:
    """A vector of frame a seen in frame b."""
    return rotate(conjugate(a_from_b, xp), vector_a, xp)


def normalize(quaternion: Quaternion, xp: ModuleType = jnp) -> Quaternion:
    """Scaled to unit length."""
    return quaternion / xp.linalg.norm(quaternion, axis=-1, keepdims=True)


def from_rotation_vector(rotation_rad: Vector3, xp: ModuleType = jnp) -> Quaternion:
    """The quaternion that turns by |rotation_rad| about its direction; exact and smooth at zero."""
    squared = xp.sum(rotation_rad**2, axis=-1, keepdims=True)
    small = squared < 1e-8
    angle = xp.sqrt(xp.where(small, 1.0, squared))
    half_sinc = xp.where(small, 0.5 - squared / 48.0, xp.sin(0.5 * angle) / angle)
    scalar = xp.where(small, 1.0 - squared / 8.0, xp.cos(0.5 * angle))
    return xp.concatenate([scalar, half_sinc * rotation_rad], axis=-1)


def to_rotation_vector(quaternion: Quaternion, xp: ModuleType = jnp) -> Vector3:
    """The shortest rotation vector, radians, of a unit quaternion of shape (..., 4)."""
    shortest = quaternion * xp.where(quaternion[..., :1] < 0.0, -1.0, 1.0)
    scalar, axis = shortest[..., :1], shortest[..., 1:]
    squared = xp.sum(axis**2, axis=-1, keepdims=True)
    small = squared < 1e-16
    sine = xp.sqrt(xp.where(small, 1.0, squared))
    return axis * xp.where(small, 2.0, 2.0 * xp.arctan2(sine, scalar) / sine)


def to_matrix(a_from_b: Quaternion, xp: ModuleType = jnp) -> Matrix3:
    """The 3x3 direction-cosine matrix, `matrix @ v_b` is `v_a`."""
    w, x, y, z = xp.moveaxis(a_from_b, -1, 0)
    rows = [
        [1 - 2 * (y * y + z * z), 2 * (x * y - w * z), 2 * (x * z + w * y)],
        [2 * (x * y + w * z), 1 - 2 * (x * x + z * z), 2 * (y * z - w * x)],
        [2 * (x * z - w * y), 2 * (y * z + w * x), 1 - 2 * (x * x + y * y)],
    ]
    return xp.stack([xp.stack(row, axis=-1) for row in rows], axis=-2)


def from_matrix(matrix: Matrix3, xp: ModuleType = jnp) -> Quaternion:
    """The unit quaternion of a direction-cosine matrix (..., 3, 3), by Shepperd's largest pivot."""
    m = matrix
    m00, m11, m22 = m[..., 0, 0], m[..., 1, 1], m[..., 2, 2]
    s01, s02, s12 = (
        m[..., 0, 1] + m[..., 1, 0],
        m[..., 0, 2] + m[..., 2, 0],
        m[..., 1, 2] + m[..., 2, 1],
    )
    d21, d02, d10 = (
        m[..., 2, 1] - m[..., 1, 2],
        m[..., 0, 2] - m[..., 2, 0],
        m[..., 1, 0] - m[..., 0, 1],
    )
    candidates = xp.stack(
        [
            xp.stack([1 + m00 + m11 + m22, d21, d02, d10], axis=-1),
            xp.stack([d21, 1 + m00 - m11 - m22, s01, s02], axis=-1),
            xp.stack([d02, s01, 1 - m00 + m11 - m22, s12], axis=-1),
            xp.stack([d10, s02, s12, 1 - m00 - m11 + m22], axis=-1),
        ],
        axis=-2,
    )
    pivots = xp.stack([candidates[..., i, i] for i in range(4)], axis=-1)
    best = xp.argmax(pivots, axis=-1)[..., None, None]
    return normalize(xp.take_along_axis(candidates, best, axis=-2)[..., 0, :], xp)


def axes_about(axis: Vector3, xp: ModuleType = jnp) -> Matrix3:
    """Two unit vectors across a unit vector, and itself: right-handed rows of (3, 3).

    Without a branch and good in every direction (Duff et al. 2017, JCGT 6(1), listing 3).
    """
    x, y, z = axis
    sign = xp.where(z < 0.0, -1.0, 1.0)
    a = -1.0 / (sign + z)
    b = x * y * a
    first = xp.stack([1.0 + sign * x * x * a, sign * b, -sign * x])
    second = xp.stack([b, sign + y * y * a, -y])
    return xp.stack([first, second, axis])
