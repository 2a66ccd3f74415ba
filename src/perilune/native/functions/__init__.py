"""The functions of mathematics as the native compiler writes them out: the same bits everywhere.

Each is a function of single numbers made of operations that IEEE 754 rounds alike on every
processor: the four rules, square root, fused multiply-add, comparisons and operations on bits.
Relative errors are below 2 ulp over the whole range; each docstring states the largest one found.
"""

from collections.abc import Callable, Mapping

from perilune.native.functions import (
    circular,
    error_function,
    exponential,
    hyperbolic,
    inverse_circular,
    inverse_error_function,
    logarithm,
    power,
)
from perilune.native.functions.fused import by_float64

FUNCTIONS: Mapping[tuple[str, str], Callable] = {
    ("exp", "float64"): exponential.exp,
    ("exp2", "float64"): exponential.exp2,
    ("expm1", "float64"): exponential.expm1,
    ("log", "float64"): logarithm.log,
    ("log1p", "float64"): logarithm.log1p,
    ("sin", "float64"): circular.sin,
    ("cos", "float64"): circular.cos,
    ("tan", "float64"): circular.tan,
    ("asin", "float64"): inverse_circular.asin,
    ("acos", "float64"): inverse_circular.acos,
    ("atan", "float64"): inverse_circular.atan,
    ("atan2", "float64"): inverse_circular.atan2,
    ("sinh", "float64"): hyperbolic.sinh,
    ("cosh", "float64"): hyperbolic.cosh,
    ("tanh", "float64"): hyperbolic.tanh,
    ("pow", "float64"): power.pow,
    ("cbrt", "float64"): power.cbrt,
    ("erf", "float64"): error_function.erf,
    ("erfc", "float64"): error_function.erfc,
    ("erf_inv", "float64"): inverse_error_function.erf_inv,
    ("erf_inv", "float32"): inverse_error_function.erf_inv_32,
    ("exp", "float32"): by_float64(exponential.exp),
    ("log", "float32"): by_float64(logarithm.log),
    ("log1p", "float32"): by_float64(logarithm.log1p),
    ("sin", "float32"): by_float64(circular.sin),
    ("cos", "float32"): by_float64(circular.cos),
}
"""By the name of JAX's primitive and its type."""
