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
    inverse_circular,
    inverse_error_function,
    logarithm,
    power,
)

FUNCTIONS: Mapping[tuple[str, str], Callable] = {
    ("exp", "float64"): exponential.exp,
    ("log", "float64"): logarithm.log,
    ("sin", "float64"): circular.sin,
    ("cos", "float64"): circular.cos,
    ("atan2", "float64"): inverse_circular.atan2,
    ("pow", "float64"): power.pow,
    ("erf", "float64"): error_function.erf,
    ("erfc", "float64"): error_function.erfc,
    ("erf_inv", "float32"): inverse_error_function.erf_inv_32,
}
"""By the name of JAX's primitive and its type."""
