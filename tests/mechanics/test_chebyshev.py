import jax
import numpy as np
import pytest
from numpy.polynomial import Chebyshev

from perilune.mechanics.chebyshev import derivative, evaluate, evaluate_with_rate, fit


def wave(t_s):
    return np.array([np.sin(t_s), np.cos(3.0 * t_s), t_s**3])


def wave_rate(t_s):
    return np.array([np.cos(t_s), -3.0 * np.sin(3.0 * t_s), 3.0 * t_s**2])


@pytest.mark.parametrize("segment_s", [0.5, 1.0, 4.0])
def test_a_smooth_function_and_its_rate_come_back_to_rounding(segment_s):
    table = fit(wave, -1.0, 3.0, segment_s, 24)
    for t_s in np.linspace(-1.0, 3.0, 41):
        value, rate = jax.jit(evaluate_with_rate)(table, t_s)
        np.testing.assert_allclose(value, wave(t_s), atol=3e-13)
        np.testing.assert_allclose(rate, wave_rate(t_s), atol=3e-11)


def test_a_cubic_goes_on_beyond_both_ends_of_its_table():
    table = fit(lambda t_s: np.array([t_s**3 - t_s]), 0.0, 2.0, 0.5, 3)
    for t_s in (-0.25, 2.25):
        np.testing.assert_allclose(evaluate(table, t_s), [t_s**3 - t_s], rtol=1e-12)


def test_segments_are_equal_and_no_longer_than_asked():
    table = fit(wave, 0.0, 10.0, 3.0, 5)
    assert table.coefficients.shape == (4, 6, 3)
    assert float(table.span_s) == 2.5


def test_a_constant_needs_one_coefficient():
    np.testing.assert_allclose(
        evaluate(fit(lambda _: np.array([2.0]), 0.0, 1.0, 1.0, 0), 0.3), [2.0]
    )


def test_one_segment_compiles_without_a_gather():
    one, several = (fit(wave, 0.0, 4.0, segment_s, 6) for segment_s in (4.0, 1.0))
    assert "gather" not in str(jax.make_jaxpr(evaluate)(one, 0.5))
    text = str(jax.make_jaxpr(evaluate)(several, 0.5))
    assert "gather" in text or "dynamic_slice" in text


@pytest.mark.parametrize("segment_s", [1.0, 4.0])
def test_many_times_on_the_host_are_those_that_numpy_evaluates(segment_s):
    table = fit(wave, 0.0, 4.0, segment_s, 12)
    times_s = np.linspace(0.0, 3.999, 57)
    pieces = [
        [
            Chebyshev(series, (index * segment_s, (index + 1) * segment_s))
            for series in np.asarray(rows).T
        ]
        for index, rows in enumerate(table.coefficients)
    ]
    theirs = [[each(t_s) for each in pieces[int(t_s // segment_s)]] for t_s in times_s]
    slopes = [[each.deriv()(t_s) for each in pieces[int(t_s // segment_s)]] for t_s in times_s]
    ours = evaluate(table, times_s, xp=np)
    assert isinstance(ours, np.ndarray)
    np.testing.assert_allclose(ours, theirs, rtol=0.0, atol=1e-12)
    np.testing.assert_allclose(
        evaluate(derivative(table), times_s, xp=np), slopes, rtol=0.0, atol=1e-10
    )
