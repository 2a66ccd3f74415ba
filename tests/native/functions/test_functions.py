import runpy

import jax
import mpmath
import numpy as np
import pytest

from perilune.native.functions import (
    FUNCTIONS,
    circular,
    error_function,
    exponential,
    hyperbolic,
    inverse_circular,
    inverse_error_function,
    logarithm,
    power,
)
from perilune.native.functions.fused import fma
from tests.native.functions.accuracy import error_ulp, errors, exact, points
from tests.native.functions.evaluating import evaluate, jaxpr_of
from tests.source_tree import ROOT

COUNT = 20_000
INF, NAN = np.inf, np.nan
TINY, SMALL, HUGE = 5e-324, 2.0**-1022, 1.7976931348623157e308
PI = np.pi

BY_FLOAT64 = {(name, "float32") for name in ("exp", "log", "log1p", "sin", "cos")}
"""Functions of float32 that are those of float64, rounded."""
OWN = [each for each in FUNCTIONS if each not in BY_FLOAT64]

ERRORS_ULP = {
    ("exp", "float64"): (0.97, 0.253),
    ("exp2", "float64"): (1.13, 0.255),
    ("expm1", "float64"): (1.30, 0.231),
    ("log", "float64"): (1.45, 0.291),
    ("log1p", "float64"): (1.61, 0.262),
    ("sin", "float64"): (1.51, 0.249),
    ("cos", "float64"): (1.52, 0.261),
    ("tan", "float64"): (1.10, 0.251),
    ("asin", "float64"): (1.08, 0.198),
    ("acos", "float64"): (1.11, 0.244),
    ("atan", "float64"): (1.66, 0.267),
    ("atan2", "float64"): (1.57, 0.277),
    ("sinh", "float64"): (0.91, 0.225),
    ("cosh", "float64"): (1.00, 0.226),
    ("tanh", "float64"): (1.45, 0.231),
    ("pow", "float64"): (0.88, 0.251),
    ("cbrt", "float64"): (0.51, 0.250),
    ("erf", "float64"): (0.95, 0.255),
    ("erfc", "float64"): (1.82, 0.259),
    ("erf_inv", "float64"): (1.63, 0.212),
    ("erf_inv", "float32"): (1.65, 0.180),
}
"""The largest error of a million points, and the mean one."""


@pytest.mark.parametrize(("name", "dtype"), OWN)
def test_a_function_is_within_two_units_of_the_last_place(name, dtype):
    arguments, found = errors(name, dtype, COUNT)
    worst = int(np.argmax(found))
    largest, mean = ERRORS_ULP[name, dtype]
    assert largest < 2.0
    assert found[worst] <= largest, [each[worst] for each in arguments]
    assert found.mean() == pytest.approx(mean, rel=0.01)


def test_an_error_is_counted_in_units_of_the_last_place_of_the_exact_value():
    with mpmath.workdps(40):
        third = mpmath.mpf(1) / 3
        assert error_ulp(np.nextafter(1 / 3, 1.0), third, "float64") == pytest.approx(2 / 3)
        assert error_ulp(1 / 3, third, "float64") == pytest.approx(1 / 3)
        assert error_ulp(np.float32(1 / 3), third, "float32") == pytest.approx(1 / 3)
        assert error_ulp(TINY, mpmath.mpf(0), "float64") == INF
        assert error_ulp(INF, mpmath.mpf(2) ** 1024, "float64") == 0.0
        assert error_ulp(HUGE, mpmath.mpf(2) ** 1024, "float64") == pytest.approx(0.5)
        assert error_ulp(NAN, third, "float64") == INF


EDGES = {
    "exp": [
        *((0.0, 1.0), (-0.0, 1.0), (TINY, 1.0), (-TINY, 1.0), (INF, INF), (-INF, 0.0), (NAN, NAN)),
        *((709.7827128933841, INF), (HUGE, INF), (-HUGE, 0.0)),
        *((-745.1332191019411, TINY), (-745.1332191019412, 0.0)),
    ],
    "exp2": [
        *((0.0, 1.0), (-0.0, 1.0), (TINY, 1.0), (INF, INF), (-INF, 0.0), (NAN, NAN), (HUGE, INF)),
        *((1023.0, 2.0**1023), (1024.0, INF), (-1022.0, SMALL), (-1074.0, TINY), (-1076.0, 0.0)),
        *((10.0, 1024.0), (-3.0, 0.125), (-HUGE, 0.0)),
    ],
    "expm1": [
        *((0.0, 0.0), (-0.0, -0.0), (TINY, TINY), (-TINY, -TINY), (INF, INF), (-INF, -1.0)),
        *((NAN, NAN), (HUGE, INF), (-HUGE, -1.0), (SMALL, SMALL), (709.7827128933841, INF)),
        (2.0**-60, 2.0**-60),
    ],
    "log1p": [
        *((0.0, 0.0), (-0.0, -0.0), (TINY, TINY), (-TINY, -TINY), (INF, INF), (-INF, NAN)),
        *((NAN, NAN), (-1.0, -INF), (-1.0000000000000002, NAN), (-2.0, NAN), (SMALL, SMALL)),
        *((HUGE, 709.782712893384), (2.0**-60, 2.0**-60)),
    ],
    "tan": [
        *((0.0, 0.0), (-0.0, -0.0), (TINY, TINY), (-TINY, -TINY), (INF, NAN), (-INF, NAN)),
        *((NAN, NAN), (PI / 2, 1.633123935319537e16), (-PI / 2, -1.633123935319537e16)),
        *((PI, -1.2246467991473532e-16), (1e13, NAN), (HUGE, NAN)),
    ],
    "asin": [
        *((0.0, 0.0), (-0.0, -0.0), (TINY, TINY), (-TINY, -TINY), (1.0, PI / 2), (-1.0, -PI / 2)),
        *((0.5, 0.5235987755982989), (1.0000000000000002, NAN), (-1.0000000000000002, NAN)),
        *((INF, NAN), (-INF, NAN), (NAN, NAN), (SMALL, SMALL)),
    ],
    "acos": [
        *((1.0, 0.0), (-1.0, PI), (0.0, PI / 2), (-0.0, PI / 2), (TINY, PI / 2), (NAN, NAN)),
        *((1.0000000000000002, NAN), (-1.0000000000000002, NAN), (INF, NAN), (-INF, NAN)),
        *((0.5, 1.0471975511965979), (-0.5, 2.0943951023931957)),
    ],
    "atan": [
        *((0.0, 0.0), (-0.0, -0.0), (TINY, TINY), (-TINY, -TINY), (INF, PI / 2), (-INF, -PI / 2)),
        *((NAN, NAN), (1.0, PI / 4), (-1.0, -PI / 4), (HUGE, PI / 2), (SMALL, SMALL)),
    ],
    "sinh": [
        *((0.0, 0.0), (-0.0, -0.0), (TINY, TINY), (-TINY, -TINY), (INF, INF), (-INF, -INF)),
        *((NAN, NAN), (710.4758600739440, INF), (-HUGE, -INF), (SMALL, SMALL)),
    ],
    "cosh": [
        *((0.0, 1.0), (-0.0, 1.0), (TINY, 1.0), (INF, INF), (-INF, INF), (NAN, NAN)),
        *((710.4758600739440, INF), (-HUGE, INF)),
    ],
    "tanh": [
        *((0.0, 0.0), (-0.0, -0.0), (TINY, TINY), (-TINY, -TINY), (INF, 1.0), (-INF, -1.0)),
        *((NAN, NAN), (20.0, 1.0), (-20.0, -1.0), (HUGE, 1.0), (SMALL, SMALL)),
    ],
    "cbrt": [
        *(
            (0.0, 0.0),
            (-0.0, -0.0),
            (INF, INF),
            (-INF, -INF),
            (NAN, NAN),
            (27.0, 3.0),
            (-8.0, -2.0),
        ),
        *((2.0**-1074, 2.0**-358), (-(2.0**1023), -(2.0**341)), (HUGE, 5.643803094122362e102)),
    ],
    "log": [
        *(
            (1.0, 0.0),
            (0.0, -INF),
            (-0.0, -INF),
            (INF, INF),
            (-INF, NAN),
            (-TINY, NAN),
            (-1.0, NAN),
        ),
        *((NAN, NAN), (TINY, -744.4400719213812), (SMALL, -708.3964185322641)),
        (HUGE, 709.782712893384),
    ],
    "sin": [
        *((0.0, 0.0), (-0.0, -0.0), (TINY, TINY), (-TINY, -TINY), (INF, NAN), (-INF, NAN)),
        *((NAN, NAN), (PI, 1.2246467991473532e-16), (PI / 2, 1.0), (-PI / 2, -1.0)),
        *((2.0**40, -0.40570501153282873), (np.nextafter(2.0**40, INF), NAN), (HUGE, NAN)),
    ],
    "cos": [
        *((0.0, 1.0), (-0.0, 1.0), (TINY, 1.0), (INF, NAN), (-INF, NAN), (NAN, NAN)),
        *((PI, -1.0), (PI / 2, 6.123233995736766e-17), (-PI / 2, 6.123233995736766e-17)),
        *((-(2.0**40), -0.914004071991557), (np.nextafter(2.0**40, INF), NAN), (-HUGE, NAN)),
    ],
    "atan2": [
        *((0.0, 1.0, 0.0), (-0.0, 1.0, -0.0), (0.0, 0.0, 0.0), (-0.0, 0.0, -0.0)),
        *((0.0, -0.0, PI), (-0.0, -0.0, -PI), (0.0, -1.0, PI), (-0.0, -1.0, -PI)),
        *((1.0, 0.0, PI / 2), (1.0, -0.0, PI / 2), (-1.0, 0.0, -PI / 2), (-1.0, -0.0, -PI / 2)),
        *((1.0, INF, 0.0), (-1.0, INF, -0.0), (1.0, -INF, PI), (-1.0, -INF, -PI)),
        *((INF, 1.0, PI / 2), (-INF, -1.0, -PI / 2), (INF, INF, PI / 4), (-INF, INF, -PI / 4)),
        *((INF, -INF, 3 * PI / 4), (-INF, -INF, -3 * PI / 4), (NAN, 0.0, NAN), (0.0, NAN, NAN)),
        *((NAN, INF, NAN), (-INF, NAN, NAN), (NAN, -1.0, NAN), (1.0, NAN, NAN), (NAN, NAN, NAN)),
        *((TINY, TINY, PI / 4), (HUGE, -HUGE, 3 * PI / 4), (TINY, HUGE, 0.0), (HUGE, TINY, PI / 2)),
        *((TINY, -1.0, PI), (SMALL, 1.0, SMALL), (TINY, 1.0, TINY), (TINY, 0.5, 2 * TINY)),
    ],
    "pow": [
        *((x, y, 1.0) for x in (0.0, -0.0, INF, -INF, NAN, -2.0, TINY) for y in (0.0, -0.0)),
        *((1.0, y, 1.0) for y in (0.0, INF, -INF, NAN, HUGE, -0.5)),
        *((NAN, 1.0, NAN), (2.0, NAN, NAN), (NAN, NAN, NAN), (0.0, NAN, NAN), (INF, NAN, NAN)),
        *((0.0, 3.0, 0.0), (-0.0, 3.0, -0.0), (0.0, 2.0, 0.0), (-0.0, 2.0, 0.0), (-0.0, 0.5, 0.0)),
        *((0.0, -3.0, INF), (-0.0, -3.0, -INF), (0.0, -2.0, INF), (-0.0, -2.0, INF)),
        *((-0.0, -0.5, INF), (0.0, INF, 0.0), (-0.0, INF, 0.0), (-0.0, -INF, INF)),
        *((INF, 2.0, INF), (INF, -2.0, 0.0), (INF, 0.5, INF), (-INF, 3.0, -INF), (-INF, 2.0, INF)),
        *((-INF, 0.5, INF), (-INF, -3.0, -0.0), (-INF, -2.0, 0.0), (-INF, -0.5, 0.0)),
        *((2.0, INF, INF), (2.0, -INF, 0.0), (0.5, INF, 0.0), (0.5, -INF, INF)),
        *((-2.0, INF, INF), (-2.0, -INF, 0.0), (-0.5, INF, 0.0), (-0.5, -INF, INF)),
        *((-1.0, INF, 1.0), (-1.0, -INF, 1.0), (-1.0, 3.0, -1.0), (-1.0, 2.0, 1.0)),
        *((-1.0, 2.0**53, 1.0), (-1.0, 2.0**53 - 1.0, -1.0), (-1.0, 0.5, NAN), (-8.0, 1 / 3, NAN)),
        *((-2.0, 3.0, -8.0), (-2.0, -3.0, -0.125), (-2.0, 2.0, 4.0), (3.0, 4.0, 81.0)),
        *((2.0, 1023.0, 2.0**1023), (2.0, 1024.0, INF), (2.0, -1074.0, TINY), (2.0, -1076.0, 0.0)),
        *((-2.0, 1025.0, -INF), (-2.0, -1077.0, -0.0), (HUGE, HUGE, INF), (TINY, HUGE, 0.0)),
        *((TINY, 1.0, TINY), (HUGE, 1.0, HUGE), (TINY, -1.0, INF), (4.0, 0.5, 2.0)),
        *((1.0 + 2.0**-52, HUGE, INF), (1.0 - 2.0**-53, HUGE, 0.0), (2.0, TINY, 1.0)),
    ],
    "erf": [
        *((0.0, 0.0), (-0.0, -0.0), (INF, 1.0), (-INF, -1.0), (NAN, NAN), (HUGE, 1.0)),
        *((TINY, TINY), (-TINY, -TINY), (6.0, 1.0), (-6.0, -1.0)),
    ],
    "erfc": [
        *((0.0, 1.0), (-0.0, 1.0), (TINY, 1.0), (INF, 0.0), (-INF, 2.0), (NAN, NAN)),
        *((HUGE, 0.0), (-HUGE, 2.0), (-6.0, 2.0), (27.3, 0.0), (28.0, 0.0)),
    ],
    "erf_inv": [
        *((0.0, 0.0), (-0.0, -0.0), (1.0, INF), (-1.0, -INF), (NAN, NAN), (INF, NAN), (-INF, NAN)),
        *((1.0000000000000002, NAN), (-1.0000000000000002, NAN), (2.0, NAN), (-1e30, NAN)),
    ],
}
"""Arguments and the one value that each function must have there, its sign too."""

ERF_INV_32_EDGES = [*EDGES["erf_inv"][:7], (1.0000001, NAN), (-1.0000001, NAN), (-1e30, NAN)]


@pytest.mark.parametrize(("name", "dtype"), OWN)
def test_a_function_has_the_very_value_at_its_edges(name, dtype):
    edges = EDGES[name] if dtype == "float64" else ERF_INV_32_EDGES
    *arguments, wanted = (np.array(each, dtype) for each in zip(*edges, strict=True))
    found = evaluate(name, dtype, *arguments)
    alike = (found == wanted) & (np.signbit(found) == np.signbit(wanted))
    alike |= np.isnan(found) & np.isnan(wanted)
    assert alike.all(), [
        (*(each[i] for each in arguments), found[i], wanted[i]) for i in np.flatnonzero(~alike)
    ]


@pytest.mark.parametrize(("name", "dtype"), sorted(BY_FLOAT64))
def test_a_function_of_float32_is_that_of_float64_rounded(name, dtype):
    edges = np.array([edge[0] for edge in EDGES[name]])
    with np.errstate(over="ignore"):
        x = np.concatenate([edges.astype(dtype), *points(name, dtype, COUNT)])
        wanted = evaluate(name, "float64", x.astype("float64")).astype(dtype)
    assert np.array_equal(evaluate(name, dtype, x), wanted, equal_nan=True)


def test_a_fused_multiply_add_takes_one_type_alone():
    with pytest.raises(TypeError, match="operands of one type"):
        jax.make_jaxpr(fma)(np.float64(1.0), np.float32(1.0), np.float64(1.0))


def test_a_subnormal_result_is_rounded_and_not_lost():
    with mpmath.workdps(40):
        for name, x in (("exp", -740.5), ("erfc", 27.1)):
            value = evaluate(name, "float64", [x])[0]
            assert 0.0 < value < SMALL
            assert error_ulp(value, exact(name, x), "float64") < 1.0
        value = evaluate("pow", "float64", [10.0], [-320.0])[0]
        assert 0.0 < value < SMALL
        assert error_ulp(value, exact("pow", 10.0, -320.0), "float64") < 1.0


def test_the_sine_is_right_where_its_argument_cancels_most():
    """The numbers below 2^40 nearest to a multiple of pi / 2, found by continued fractions."""
    hardest = [m * 2.0**e for m in (6411027962775774.0, 7763785107565477.0) for e in (-47, -29)]
    with mpmath.workdps(60):
        for name in ("sin", "cos"):
            values = evaluate(name, "float64", hardest)
            for value, x in zip(values, hardest, strict=True):
                assert error_ulp(value, exact(name, x), "float64") < 1.5


@pytest.mark.parametrize("name", ["sin", "tan", "asin", "atan", "sinh", "tanh", "cbrt", "erf"])
def test_an_odd_function_is_odd_to_the_bit(name):
    (x,) = points(name, "float64", COUNT)
    assert np.array_equal(
        evaluate(name, "float64", -x), -evaluate(name, "float64", x), equal_nan=True
    )


ALLOWED = {
    *("add", "sub", "mul", "div", "neg", "abs", "sqrt", "floor", "round", "fma"),
    *("lt", "le", "gt", "ge", "eq", "ne", "and", "or", "not", "xor", "select_n"),
    *("shift_left", "shift_right_logical", "convert_element_type", "bitcast_convert_type"),
}


@pytest.mark.parametrize(("name", "dtype"), list(FUNCTIONS))
def test_a_function_is_made_of_operations_that_round_alike_everywhere(name, dtype):
    closed = jaxpr_of(name, dtype)
    assert {equation.primitive.name for equation in closed.jaxpr.eqns} <= ALLOWED
    assert not closed.consts
    assert [(each.shape, each.dtype.name) for each in closed.out_avals] == [((), dtype)]


TABLES = {
    "EXP": (exponential.EXP, -61.0),
    "LOG": (logarithm.LOG, -59.0),
    "SIN": (circular.SIN, -57.5),
    "COS": (circular.COS, -63.5),
    "ATAN": (inverse_circular.ATAN, -57.5),
    "ATANH": (power.ATANH, -75.0),
    "ERF": (error_function.ERF, -56.0),
    "ERFC": (error_function.ERFC, -60.0),
    "ERF_INV_32": (inverse_error_function.ERF_INV_32, -25.4),
    "LOG2_32": (inverse_error_function.LOG2_32, -26.9),
    "ERF_INV": (inverse_error_function.ERF_INV, -55.0),
    "ERF_INV_FAR": (inverse_error_function.ERF_INV_FAR, -58.5),
    "ERF_INV_FARTHEST": (inverse_error_function.ERF_INV_FARTHEST, -58.5),
    "SINH": (hyperbolic.SINH, -64.5),
    "COSH": (hyperbolic.COSH, -69.5),
    "TAN": (circular.TAN, -59.5),
    "ASIN": (inverse_circular.ASIN, -59.5),
    "CBRT": (power.CBRT, -14.5),
}


def test_each_table_of_coefficients_is_as_near_as_it_states():
    made = runpy.run_path(str(ROOT / "tools" / "function_coefficients.py"))
    assert set(TABLES) == set(made["FITS"])
    for name, (coefficients, bound) in TABLES.items():
        fit = made["FITS"][name]
        assert len(coefficients) == fit.degree + 1
        assert made["largest_error"](fit, coefficients) < bound, name
