"""What the functions are built of: the fused multiply-add, bits of a number, polynomials."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax
from jax.core import ShapedArray
from jax.extend.core import Primitive
from jaxtyping import Array, Bool, Float, Float32, Float64, Int

Number = Float[Array, ""] | float | np.floating
"""A number of a function's own type, or a constant that takes that type."""

FMA = Primitive("fma")
"""a * b + c, rounded once, of float64 or float32. The native compiler knows it; XLA does not."""


@FMA.def_abstract_eval
def _fma_type(a: ShapedArray, b: ShapedArray, c: ShapedArray) -> ShapedArray:
    if not (a.shape == b.shape == c.shape and a.dtype == b.dtype == c.dtype):
        raise TypeError(f"fma must have three operands of one type, but has {a}, {b}, {c}.")
    return ShapedArray(a.shape, a.dtype)


def fma(a: Number, b: Number, c: Number) -> Float[Array, ""]:
    """a * b + c, rounded once; constants take the type of the other operands."""
    kind = next(each.dtype for each in (a, b, c) if isinstance(each, jax.Array))
    operands = (each if isinstance(each, jax.Array) else kind.type(each) for each in (a, b, c))
    return FMA.bind(*operands)


def select(condition: Bool[Array, ""], yes: Number, no: Number) -> Float[Array, ""]:
    """One of two numbers; both are evaluated. Two constants are of float64."""
    kinds = (each.dtype for each in (yes, no) if hasattr(each, "dtype"))
    kind = next(kinds, np.dtype("float64"))
    either = (each if isinstance(each, jax.Array) else kind.type(each) for each in (no, yes))
    return lax.select_n(condition, *either)


_BITS = {np.dtype("float64"): jnp.uint64, np.dtype("float32"): jnp.uint32}
_NUMBER = {np.dtype("uint64"): jnp.float64, np.dtype("uint32"): jnp.float32}


def bits(x: Float[Array, ""]) -> Int[Array, ""]:
    """The bits of a number, as an unsigned whole number of its size."""
    return lax.bitcast_convert_type(x, _BITS[x.dtype])


def from_bits(pattern: Int[Array, ""]) -> Float[Array, ""]:
    """The number that has these bits."""
    return lax.bitcast_convert_type(pattern, _NUMBER[pattern.dtype])


def sign_of(x: Float[Array, ""]) -> Int[Array, ""]:
    """The sign bit of a number where it stands, all others zero."""
    kind = _BITS[x.dtype]
    return bits(x) & kind(1 << (8 * x.dtype.itemsize - 1))


def with_sign(x: Float[Array, ""], sign: Int[Array, ""]) -> Float[Array, ""]:
    """A number with its sign turned where a sign bit is set."""
    return from_bits(bits(x) ^ sign)


def below(x: Float[Array, ""], most: float) -> Float[Array, ""]:
    """The lesser of a number and a bound; not-a-number stays what it is."""
    return select(x > most, most, x)


def above(x: Float[Array, ""], least: float) -> Float[Array, ""]:
    """The greater of a number and a bound; not-a-number stays what it is."""
    return select(x < least, least, x)


def polynomial(x: Float[Array, ""], coefficients: Sequence[float]) -> Float[Array, ""]:
    """A polynomial, coefficients from the constant up: neighbours paired, pairs paired (Estrin).

    The longest chain of dependent operations grows with the logarithm of the degree.
    """
    level: list[Number] = list(coefficients)
    power = x
    while len(level) > 2:
        pairs = zip(level[1::2], level[0::2], strict=False)
        paired: list[Number] = [fma(high, power, low) for high, low in pairs]
        level = paired + level[len(level) - len(level) % 2 :]
        power = power * power
    low, high = level
    return fma(high, power, low)


class Sum(NamedTuple):
    """A number as the sum of two: the nearest to it, and what is left."""

    high: Float[Array, ""]
    low: Number


def sum_of(large: Number, small: Float[Array, ""]) -> Sum:
    """The exact sum of two numbers, the first not the smaller."""
    high = large + small
    return Sum(high, (large - high) + small)


def by_float64(
    function: Callable[[Float64[Array, ""]], Float64[Array, ""]],
) -> Callable[[Float32[Array, ""]], Float32[Array, ""]]:
    """A function of float32: that of float64, rounded. It errs by little more than half an ulp."""

    def single(x: Float32[Array, ""]) -> Float32[Array, ""]:
        return function(x.astype(jnp.float64)).astype(jnp.float32)

    return single
