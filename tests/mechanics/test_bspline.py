import jax
import jax.numpy as jnp
import numpy as np
import pytest

from perilune.mechanics import bspline

ROWS, COLUMNS = 24, 17


@pytest.fixture(scope="module")
def rough():
    return np.random.default_rng(3).normal(size=(ROWS, COLUMNS))


def _value(samples, row, column, offset=0):
    flat = jnp.asarray(bspline.spline_coefficients(samples).ravel())
    return bspline.spline_value(flat, offset, samples.shape, jnp.asarray(row), jnp.asarray(column))


def test_the_surface_passes_through_every_inner_sample(rough):
    for row, column in ((1, 1), (5, 9), (ROWS - 2, COLUMNS - 2)):
        assert _value(rough, float(row), float(column)) == pytest.approx(
            rough[row, column], abs=1e-12
        )


def test_a_quadratic_is_reproduced_exactly_away_from_the_edge():
    row, column = np.mgrid[:40, :40].astype(float)
    samples = 0.3 * row**2 - 0.7 * row * column + 2.0 * column + 1.0
    r, c = 19.37, 20.81
    exact = 0.3 * r**2 - 0.7 * r * c + 2.0 * c + 1.0
    # The mirrored edge is wrong for a quadratic; its trace falls by 0.172 a node (Unser 1993).
    assert _value(samples, r, c) == pytest.approx(exact, abs=40**2 * 0.172**18)


def test_the_gradient_is_the_derivative_of_the_value(rough):
    flat = jnp.asarray(bspline.spline_coefficients(rough).ravel())

    def value(place):
        return bspline.spline_value(flat, 0, rough.shape, place[0], place[1])

    for place in ((3.2, 4.9), (10.5001, 7.4999), (ROWS - 1.7, 0.6)):
        value_m, gradient = bspline.spline_value_and_gradient(
            flat, 0, rough.shape, *map(jnp.asarray, place)
        )
        assert value_m == pytest.approx(float(value(jnp.array(place))), abs=1e-13)
        np.testing.assert_allclose(gradient, jax.grad(value)(jnp.array(place)), atol=1e-13)


def test_value_and_slope_do_not_jump_where_the_nine_coefficients_change(rough):
    flat = jnp.asarray(bspline.spline_coefficients(rough).ravel())
    ask = [
        bspline.spline_value_and_gradient(
            flat, 0, rough.shape, jnp.asarray(5.5 + e), jnp.asarray(8.2)
        )
        for e in (-1e-9, 1e-9)
    ]
    assert ask[0][0] == pytest.approx(float(ask[1][0]), abs=1e-7)
    np.testing.assert_allclose(ask[0][1], ask[1][1], atol=1e-7)


def test_outside_the_value_is_held_and_its_slope_is_zero(rough):
    flat = jnp.asarray(bspline.spline_coefficients(rough).ravel())
    far, slope = bspline.spline_value_and_gradient(
        flat, 0, rough.shape, jnp.asarray(-30.0), jnp.asarray(6.3)
    )
    assert far == pytest.approx(float(_value(rough, 0.5, 6.3)), abs=1e-13)
    assert slope[0] == 0.0
    assert slope[1] != 0.0


def test_a_grid_is_found_behind_another_in_one_array(rough):
    other = np.arange(30.0).reshape(5, 6) ** 2
    flat = np.concatenate([bspline.spline_coefficients(g).ravel() for g in (rough, other)])
    found = bspline.spline_value(
        jnp.asarray(flat), rough.size, other.shape, jnp.asarray(2.3), jnp.asarray(3.7)
    )
    assert found == _value(other, 2.3, 3.7)
