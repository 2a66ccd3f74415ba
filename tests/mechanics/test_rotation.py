import jax.numpy as jnp
import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from scipy.spatial.transform import Rotation

from perilune.mechanics.rotation import (
    axes_about,
    conjugate,
    cross,
    from_matrix,
    from_rotation_vector,
    multiply,
    normalize,
    rotate,
    rotate_back,
    to_matrix,
    to_rotation_vector,
)

RNG = np.random.default_rng(7)
TURNS = RNG.normal(size=(40, 3))
ARROWS = RNG.normal(size=(40, 3))


def scipy_quaternion(rotation):
    """Scalar first, with a scalar that is not negative."""
    return rotation.as_quat(canonical=True, scalar_first=True)


def same(ours, theirs, tolerance=1e-14):
    """Equal up to the sign of a whole quaternion."""
    ours, theirs = np.asarray(ours), np.asarray(theirs)
    sign = np.sign(np.sum(ours * theirs, axis=-1, keepdims=True))
    np.testing.assert_allclose(ours * sign, theirs, atol=tolerance)


def test_quaternions_matrices_and_vectors_turn_as_scipy_does():
    theirs = Rotation.from_rotvec(TURNS)
    ours = from_rotation_vector(jnp.asarray(TURNS))
    same(ours, scipy_quaternion(theirs))
    np.testing.assert_allclose(rotate(ours, jnp.asarray(ARROWS)), theirs.apply(ARROWS), atol=1e-14)
    np.testing.assert_allclose(to_matrix(ours), theirs.as_matrix(), atol=1e-14)
    same(from_matrix(jnp.asarray(theirs.as_matrix())), scipy_quaternion(theirs))


def test_numpy_and_jax_turn_alike():
    turn, second = from_rotation_vector(TURNS, xp=np), from_rotation_vector(ARROWS, xp=np)
    pairs = [
        (turn, from_rotation_vector(TURNS)),
        (multiply(turn, second, xp=np), multiply(turn, second)),
        (rotate(turn, ARROWS, xp=np), rotate(turn, ARROWS)),
        (rotate_back(turn, ARROWS, xp=np), rotate_back(turn, ARROWS)),
        (to_rotation_vector(turn, xp=np), to_rotation_vector(turn)),
        (to_matrix(turn, xp=np), to_matrix(turn)),
        (from_matrix(to_matrix(turn, xp=np), xp=np), from_matrix(to_matrix(turn))),
        (normalize(3.0 * turn, xp=np), normalize(3.0 * turn)),
    ]
    for host, compiled in pairs:
        assert isinstance(host, np.ndarray)
        np.testing.assert_allclose(host, compiled, rtol=0.0, atol=1e-15)


def test_a_product_turns_by_the_right_one_first():
    first, second = Rotation.from_rotvec(TURNS[:20]), Rotation.from_rotvec(TURNS[20:])
    ours = multiply(
        from_rotation_vector(jnp.asarray(TURNS[:20])), from_rotation_vector(jnp.asarray(TURNS[20:]))
    )
    same(ours, scipy_quaternion(first * second))


def test_a_matrix_of_half_a_turn_about_any_axis_is_read():
    for axis in np.eye(3):
        half = Rotation.from_rotvec(np.pi * axis)
        same(from_matrix(jnp.asarray(half.as_matrix())), scipy_quaternion(half))


def test_there_and_back_again_is_where_it_was():
    turn = from_rotation_vector(jnp.asarray(TURNS))
    back = rotate_back(turn, rotate(turn, jnp.asarray(ARROWS)))
    np.testing.assert_allclose(back, ARROWS, atol=1e-14)
    np.testing.assert_allclose(
        multiply(turn, conjugate(turn)), np.tile([1.0, 0, 0, 0], (40, 1)), atol=1e-15
    )


def test_a_cross_product_is_numpy_s():
    np.testing.assert_allclose(
        cross(jnp.asarray(TURNS), jnp.asarray(ARROWS)), np.cross(TURNS, ARROWS)
    )


@given(
    exponent=st.floats(-12.0, np.log10(3.1)),
    axis=st.tuples(*[st.floats(-1.0, 1.0)] * 3).filter(lambda a: np.linalg.norm(a) > 0.1),
)
def test_a_rotation_vector_survives_its_quaternion_at_every_size(exponent, axis):
    vector = 10.0**exponent * np.array(axis) / np.linalg.norm(axis)
    back = to_rotation_vector(from_rotation_vector(jnp.asarray(vector)))
    np.testing.assert_allclose(back, vector, rtol=1e-12, atol=1e-14 * 10.0**exponent)


def test_a_quaternion_and_its_negative_are_the_same_shortest_turn():
    turn = from_rotation_vector(jnp.asarray(TURNS))
    np.testing.assert_allclose(to_rotation_vector(turn), to_rotation_vector(-turn), atol=1e-15)


def test_normalizing_gives_unit_length():
    lengths = jnp.linalg.norm(normalize(3.7 * from_rotation_vector(jnp.asarray(TURNS))), axis=-1)
    np.testing.assert_allclose(lengths, 1.0, rtol=1e-15)


def test_axes_about_a_direction_are_right_handed_and_of_unit_length():
    up = ARROWS / np.linalg.norm(ARROWS, axis=-1, keepdims=True)
    for axis in [*up, *np.eye(3), *-np.eye(3)]:
        axes = axes_about(axis, xp=np)
        np.testing.assert_allclose(axes @ axes.T, np.eye(3), atol=1e-14)
        np.testing.assert_allclose(np.cross(axes[0], axes[1]), axis, atol=1e-14)
        np.testing.assert_allclose(axes, axes_about(jnp.asarray(axis)), atol=1e-15)
