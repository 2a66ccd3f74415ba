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
