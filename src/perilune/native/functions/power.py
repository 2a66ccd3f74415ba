"""Powers and the cube root, of float64.

x^y = exp(y log x), with the logarithm as the sum of two numbers, since its error counts up to 745
times: x = 2^e m, log(m) / 2 = atanh(s) = s + s^3 / 3 + s^5 P(s^2) with s = (m - 1) / (m + 1) as a
sum of two numbers too, and P a minimax polynomial of tools/function_coefficients.py. The sums and
products of two numbers are Dekker's (1971), with the fused multiply-add for the rest of a product.
"""

from jax import lax
from jaxtyping import Array, Bool, Float

from perilune.native.functions.exponential import (
    MAGIC,
    exp_beyond_linear,
    power_of_two,
    reduced_sum,
    scaled,
)
from perilune.native.functions.fused import (
    Sum,
    above,
    below,
    bits,
    fma,
    polynomial,
    select,
    sign_of,
    sum_of,
    with_sign,
)
from perilune.native.functions.logarithm import split

HALF_LN2_HIGH, HALF_LN2_LOW = 0.34657359027994517, 2.7489615093541856e-14
"""ln 2 / 2 in two parts, the first of 42 bits, so that its product with an exponent is exact."""
THIRD, THIRD_LOW = 0.3333333333333333, 1.850371707708594e-17

INFINITY = float("inf")

ATANH = (
    0.2,
    0.1428571428571378,
    0.1111111111120925,
    0.09090909079605426,
    0.07692308587285132,
    0.06666615698515,
    0.05884375868198313,
    0.05211452648864047,
    0.05506649118799303,
)
"""Largest error 2^-75.3."""

CBRT = (
    1.8745188367147778,
    -1.8618281840193625,
    1.5612991072770626,
    -0.7023811226738246,
    0.1283679201107388,
)
"""Largest error 2^-14.7."""


def half_log(x: Float[Array, ""]) -> Sum:
    """log(x) / 2 of a positive finite number, to a relative 2^-65."""
    exponent, mantissa = split(x)
    f, d = mantissa - 1.0, mantissa + 1.0
    d_low = mantissa - (d - 1.0)
    reciprocal = 1.0 / d
    s = f * reciprocal
    s_low = fma(-s, d_low, fma(-s, d, f)) * reciprocal
    z = s * s
    z_low = fma(2.0 * s, s_low, fma(s, s, -z))
    cube = s * z
    cube_low = fma(s_low, z, fma(s, z_low, fma(s, z, -cube)))
    part = z * polynomial(z, ATANH)
    factor = THIRD + part
    factor_low = ((THIRD - factor) + part) + fma(z_low, 0.2, THIRD_LOW)
    rest = cube * factor
    rest_low = fma(cube_low, factor, fma(cube, factor_low, fma(cube, factor, -rest)))
    inner = sum_of(s, rest)
    outer = sum_of(exponent * HALF_LN2_HIGH, inner.high)
    low = fma(exponent, HALF_LN2_LOW, (s_low + rest_low) + inner.low) + outer.low
    return sum_of(outer.high, low)


def exp_of(power: Sum) -> Float[Array, ""]:
    """The exponential of a sum."""
    high = above(below(power.high, 710.0), -750.0)
    low = select(abs(power.high) < 750.0, power.low, 0.0)
    parts = reduced_sum(Sum(high, low))
    return scaled(1.0 + (parts.rest.high + exp_beyond_linear(parts.rest)), parts.shifted)


def is_whole(x: Float[Array, ""]) -> Bool[Array, ""]:
    """Whether a number is whole; infinities are."""
    return lax.round(x, lax.RoundingMethod.TO_NEAREST_EVEN) == x


def pow(x: Float[Array, ""], y: Float[Array, ""]) -> Float[Array, ""]:  # noqa: A001, JAX's name
    """x^y, as IEEE 754 has its edges. Largest error found: 0.88 ulp."""
    size, twice = abs(x), y + y
    log = half_log(size)
    at_edge = select(size == 0.0, -INFINITY, size)
    high = select((size > 0.0) & (size < INFINITY), log.high, at_edge)
    product = twice * high
    power = exp_of(Sum(product, fma(twice, log.low, fma(twice, high, -product))))
    power = select(size == 1.0, 1.0, power)
    power = select((x < 0.0) & (size < INFINITY) & ~is_whole(y), float("nan"), power)
    is_odd = is_whole(y) & ~is_whole(0.5 * y)
    signed = select(is_odd, with_sign(power, sign_of(x)), power)
    return select((y == 0.0) | (x == 1.0), 1.0, signed)


def cbrt(x: Float[Array, ""]) -> Float[Array, ""]:
    """The cube root of every float64.

    x = 8^q m: 1 / cbrt(m) by a polynomial and a step of third order, without division, then m times
    its square, and a step of Newton's method with an exact remainder.
    Largest error found: 0.51 ulp.
    """
    size = abs(x)
    exponent, mantissa = split(size)
    shifted = fma(exponent, THIRD, MAGIC)
    over = exponent - 3.0 * (shifted - MAGIC)
    is_over, is_under = over > 0.5, over < -0.5
    m = mantissa * select(is_over, 2.0, select(is_under, 0.5, 1.0))
    guess = select(is_over, 2.0 ** (-1 / 3), select(is_under, 2.0 ** (1 / 3), 1.0))
    inverse = polynomial(mantissa, CBRT) * guess
    short = fma(-m * inverse, inverse * inverse, 1.0)
    inverse = fma(inverse * short, fma(short, 2 / 9, THIRD), inverse)
    inverse_square = inverse * inverse
    root = m * inverse_square
    square = root * root
    remainder = fma(-root, square, m) - root * fma(root, root, -square)
    root = fma(remainder, inverse_square * THIRD, root) * power_of_two(bits(shifted))
    return with_sign(select((size > 0.0) & (size < INFINITY), root, size), sign_of(x))
