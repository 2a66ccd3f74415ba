import jax.numpy as jnp
import numpy as np
import pytest

from perilune.mechanics.matrices import axes_of_turned_z, gram, inverse, matvec, solved

TENSOR = np.array([[900.0, 20.0, -35.0], [20.0, 850.0, 12.0], [-35.0, 12.0, 450.0]])


def test_a_matrix_times_its_inverse_is_one():
    np.testing.assert_allclose(
        np.asarray(inverse(jnp.asarray(TENSOR))) @ TENSOR, np.eye(3), atol=1e-15
    )


def test_a_product_is_the_one_of_numpy_over_leading_axes():
    vectors = np.arange(6.0).reshape(2, 3)
    both = jnp.asarray(np.stack([TENSOR, 2.0 * TENSOR]))
    expected = [TENSOR @ vectors[0], 2.0 * TENSOR @ vectors[1]]
    np.testing.assert_allclose(matvec(both, jnp.asarray(vectors)), expected, rtol=1e-15)


def test_the_products_of_rows_are_those_of_numpy_and_symmetric_to_the_bit():
    rows = np.random.default_rng(5).normal(size=(4, 16))
    found = np.asarray(gram(jnp.asarray(rows)))
    np.testing.assert_allclose(found, rows @ rows.T, rtol=1e-13, atol=1e-13)
    np.testing.assert_array_equal(found, found.T)


@pytest.mark.parametrize("count", [1, 2, 3, 8, 12])
@pytest.mark.parametrize("condition", [1.0, 1e4, 1e10])
def test_a_positive_definite_system_is_solved_as_well_as_its_condition_allows(count, condition):
    rng = np.random.default_rng(count)
    axes, _ = np.linalg.qr(rng.normal(size=(count, count)))
    matrix = (axes * np.geomspace(1.0, condition, count)) @ axes.T
    matrix, wanted = 0.5 * (matrix + matrix.T), rng.normal(size=count)
    found = np.asarray(solved(jnp.asarray(matrix), jnp.asarray(matrix @ wanted)))
    left = np.linalg.norm(matrix @ (found - wanted))
    # Higham 2002, theorem 10.4: Cholesky's backward error, 4 n (3 n + 1) roundings of the matrix
    bound = 4 * count * (3 * count + 1) * 2.0**-53 * np.linalg.norm(matrix, 2)
    assert left <= bound * np.linalg.norm(wanted)


@pytest.mark.parametrize("direction", [(0.0, 0.0, 1.0), (0.3, -0.4, 0.75**0.5), (1.0, 0.0, 0.0)])
def test_z_turns_to_a_direction_by_the_shortest_way(direction):
    axes = np.asarray(axes_of_turned_z(jnp.asarray(direction)))
    np.testing.assert_allclose(axes[:, 2], direction, atol=1e-15)
    np.testing.assert_allclose(axes @ axes.T, np.eye(3), atol=1e-15)
    across = np.cross([0.0, 0.0, 1.0], direction)
    np.testing.assert_allclose(axes @ across, across, atol=1e-15)
