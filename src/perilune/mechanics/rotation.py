"""Unit quaternions: scalar first, Hamilton product, named `target_from_source`."""

import jax.numpy as jnp


def multiply(a_from_b, b_from_c):
    """Compose two rotations, shapes (..., 4): `a_from_c`."""
    aw, ax, ay, az = jnp.moveaxis(a_from_b, -1, 0)
    bw, bx, by, bz = jnp.moveaxis(b_from_c, -1, 0)
    return jnp.stack(
        [
            aw * bw - ax * bx - ay * by - az * bz,
            aw * bx + ax * bw + ay * bz - az * by,
            aw * by - ax * bz + ay * bw + az * bx,
            aw * bz + ax * by - ay * bx + az * bw,
        ],
        axis=-1,
    )


def conjugate(a_from_b):
    """The rotation the other way, `b_from_a`."""
    return a_from_b * jnp.array([1.0, -1.0, -1.0, -1.0])


def cross(a, b):
    """Cross product over the last axis, written out so that it fuses."""
    ax, ay, az = jnp.moveaxis(a, -1, 0)
    bx, by, bz = jnp.moveaxis(b, -1, 0)
    return jnp.stack([ay * bz - az * by, az * bx - ax * bz, ax * by - ay * bx], axis=-1)


def rotate(a_from_b, vector_b):
    """A vector of frame b, shape (..., 3), seen in frame a."""
    scalar, axis = a_from_b[..., :1], a_from_b[..., 1:]
    twice = 2.0 * cross(axis, vector_b)
    return vector_b + scalar * twice + cross(axis, twice)


def rotate_back(a_from_b, vector_a):
    """A vector of frame a seen in frame b."""
    return rotate(conjugate(a_from_b), vector_a)


def normalize(quaternion):
    """Scaled to unit length."""
    return quaternion / jnp.linalg.norm(quaternion, axis=-1, keepdims=True)


def from_rotation_vector(rotation_rad):
    """The quaternion that turns by |rotation_rad| about its direction; exact and smooth at zero."""
    squared = jnp.sum(rotation_rad**2, axis=-1, keepdims=True)
    small = squared < 1e-8
    angle = jnp.sqrt(jnp.where(small, 1.0, squared))
    half_sinc = jnp.where(small, 0.5 - squared / 48.0, jnp.sin(0.5 * angle) / angle)
    scalar = jnp.where(small, 1.0 - squared / 8.0, jnp.cos(0.5 * angle))
    return jnp.concatenate([scalar, half_sinc * rotation_rad], axis=-1)


def to_rotation_vector(quaternion):
    """The shortest rotation vector, radians, of a unit quaternion of shape (..., 4)."""
    shortest = quaternion * jnp.where(quaternion[..., :1] < 0.0, -1.0, 1.0)
    scalar, axis = shortest[..., :1], shortest[..., 1:]
    squared = jnp.sum(axis**2, axis=-1, keepdims=True)
    small = squared < 1e-16
    sine = jnp.sqrt(jnp.where(small, 1.0, squared))
    return axis * jnp.where(small, 2.0, 2.0 * jnp.arctan2(sine, scalar) / sine)


def to_matrix(a_from_b):
    """The 3x3 direction-cosine matrix, `matrix @ v_b` is `v_a`."""
    w, x, y, z = jnp.moveaxis(a_from_b, -1, 0)
    rows = [
        [1 - 2 * (y * y + z * z), 2 * (x * y - w * z), 2 * (x * z + w * y)],
        [2 * (x * y + w * z), 1 - 2 * (x * x + z * z), 2 * (y * z - w * x)],
        [2 * (x * z - w * y), 2 * (y * z + w * x), 1 - 2 * (x * x + y * y)],
    ]
    return jnp.stack([jnp.stack(row, axis=-1) for row in rows], axis=-2)


def from_matrix(matrix):
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
    candidates = jnp.stack(
        [
            jnp.stack([1 + m00 + m11 + m22, d21, d02, d10], axis=-1),
            jnp.stack([d21, 1 + m00 - m11 - m22, s01, s02], axis=-1),
            jnp.stack([d02, s01, 1 - m00 + m11 - m22, s12], axis=-1),
            jnp.stack([d10, s02, s12, 1 - m00 - m11 + m22], axis=-1),
        ],
        axis=-2,
    )
    pivots = jnp.stack([candidates[..., i, i] for i in range(4)], axis=-1)
    best = jnp.argmax(pivots, axis=-1)[..., None, None]
    return normalize(jnp.take_along_axis(candidates, best, axis=-2)[..., 0, :])


def axes_about(axis):
    """Two unit vectors across a unit vector, and itself: right-handed rows of (3, 3).

    Without a branch and good in every direction (Duff et al. 2017, JCGT 6(1), listing 3).
    """
    x, y, z = axis
    sign = jnp.where(z < 0.0, -1.0, 1.0)
    a = -1.0 / (sign + z)
    b = x * y * a
    first = jnp.stack([1.0 + sign * x * x * a, sign * b, -sign * x])
    second = jnp.stack([b, sign + y * y * a, -y])
    return jnp.stack([first, second, axis])


def axes_of_turned_z(direction):
    """Columns of (3, 3): the body axes after the shortest turn that takes z to a unit vector.

    Rodrigues' formula, R = I + [v] + [v]^2 / (1 + c) with v = z x d and c its third component; not
    for -z itself, to which there is no shortest turn.
    """
    x, y, z = direction
    none = jnp.zeros_like(x)
    skew = jnp.stack(
        [jnp.stack([none, none, x]), jnp.stack([none, none, y]), jnp.stack([-x, -y, none])]
    )
    square = jnp.stack(
        [
            jnp.stack([-x * x, -x * y, none]),
            jnp.stack([-x * y, -y * y, none]),
            jnp.stack([none, none, -x * x - y * y]),
        ]
    )
    return jnp.eye(3) + skew + square / (1.0 + z)
