"""Hyperbolic sine, cosine and tangent, of float64.

|x| = k ln 2 + r as for the exponential; sinh(r) and cosh(r) = 1 + c by minimax polynomials in r^2
of tools/function_coefficients.py, and with A and B, half the difference and half the sum of 2^k
and 2^-k, sinh(x) = A + (A c + B sinh(r)) and cosh(x) = B + (B c + A sinh(r)): no division, and
near zero nothing cancels.
"""

from typing import NamedTuple

from jaxtyping import Array, Float

from perilune.native.functions.exponential import MAGIC, power_of_two, reduced_sum
from perilune.native.functions.fused import (
    Sum,
    below,
    bits,
    fma,
    polynomial,
    select,
    sign_of,
    sum_of,
    with_sign,
)

SINH = (
    0.16666666666666666,
    0.008333333333334216,
    0.00019841269838320332,
    2.7557323708125405e-06,
    2.5048925171272445e-08,
    1.692546484944901e-10,
)
"""Largest error 2^-64.8."""

COSH = (
    0.041666666666666685,
    0.0013888888888873318,
    2.480158734906908e-05,
    2.755725198172176e-07,
    2.092170659534726e-09,
)
"""Largest error 2^-70.0."""

LINEAR = 2.0**-28
"""Below it, sinh(x) and tanh(x) are x to the last bit."""


class Parts(NamedTuple):
    """Half of a hyperbolic sine and half of a cosine, each as the sum of two numbers."""

    sine: Float[Array, ""]
    sine_rest: Float[Array, ""]
    cosine: Float[Array, ""]
    cosine_rest: Float[Array, ""]


def half_of_each(size: Float[Array, ""]) -> Parts:
    """Half of sinh(x) and of cosh(x) for x from zero to 710.6."""
    parts = reduced_sum(Sum(size, 0.0))
    rest = parts.rest.high
    square = rest * rest
    beyond_rest = fma(square * rest, polynomial(square, SINH), parts.rest.low)
    beyond_one = square * fma(square, polynomial(square, COSH), 0.5)
    exponent = bits(parts.shifted)
    kind = exponent.dtype.type
    rising = power_of_two(exponent - kind(2))
    falling = select(parts.shifted < MAGIC + 100.0, power_of_two(kind(2**64 - 2) - exponent), 0.0)
    difference, difference_low = sum_of(rising, -falling)
    total, total_low = sum_of(rising, falling)
    return Parts(
        difference,
        fma(total, rest, fma(total, beyond_rest, fma(difference, beyond_one, difference_low))),
        total,
        fma(difference, rest, fma(difference, beyond_rest, fma(total, beyond_one, total_low))),
    )


def sinh(x: Float[Array, ""]) -> Float[Array, ""]:
    """The hyperbolic sine. Largest error found: 0.91 ulp."""
    size = abs(x)
    parts = half_of_each(below(size, 710.6))
    half = parts.sine + parts.sine_rest
    return with_sign(select(size < LINEAR, size, half + half), sign_of(x))


def cosh(x: Float[Array, ""]) -> Float[Array, ""]:
    """The hyperbolic cosine. Largest error found: 1.00 ulp."""
    parts = half_of_each(below(abs(x), 710.6))
    half = parts.cosine + parts.cosine_rest
    return half + half


def tanh(x: Float[Array, ""]) -> Float[Array, ""]:
    """The hyperbolic tangent: the quotient of two sums, with what each lost to rounding.

    Largest error found: 1.45 ulp.
    """
    size = abs(x)
    parts = half_of_each(below(size, 20.0))
    sine, cosine = parts.sine + parts.sine_rest, parts.cosine + parts.cosine_rest
    sine_low = (parts.sine - sine) + parts.sine_rest
    cosine_low = (parts.cosine - cosine) + parts.cosine_rest
    reciprocal = 1.0 / cosine
    ratio = sine * reciprocal
    short = fma(-ratio, cosine, sine) + fma(-ratio, cosine_low, sine_low)
    ratio = fma(short, reciprocal, ratio)
    return with_sign(select(size < LINEAR, size, ratio), sign_of(x))
