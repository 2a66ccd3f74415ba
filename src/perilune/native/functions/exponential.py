"""The exponential function and its kin, of float64.

x = k ln 2 + r with |r| <= ln 2 / 2 in two fused steps (Cody and Waite 1980), of which the first is
exact; exp(r) = 1 + r + r^2 P(r), P a minimax polynomial of tools/function_coefficients.py; then 2^k
in two exact halves, so that results below the normal range are rounded once more and not lost.
"""

from typing import NamedTuple

from jaxtyping import Array, Float, Int

from perilune.native.functions.fused import (
    Sum,
    above,
    below,
    bits,
    fma,
    from_bits,
    polynomial,
    select,
    sum_of,
)

MAGIC = 1.5 * 2.0**52
"""Added to a number, it rounds it to a whole one, which then stands in the lowest bits."""

LOG2_E = 1.4426950408889634
LN2_HIGH, LN2_LOW = 0.6931471805599453, 2.3190468138462996e-17

EXP = (
    0.5,
    0.16666666666666677,
    0.04166666666666661,
    0.008333333333321468,
    0.001388888888892383,
    0.00019841269886463014,
    2.4801587237386195e-05,
    2.7557243922532486e-06,
    2.755735313146728e-07,
    2.5109123560547392e-08,
    2.0889383702493122e-09,
)
"""Largest error 2^-61.5."""


class Reduced(NamedTuple):
    """An argument as k ln 2 + r."""

    shifted: Float[Array, ""]
    """k + MAGIC"""
    rest: Float[Array, ""]
    """r"""


def reduced(x: Float[Array, ""]) -> Reduced:
    """x as k ln 2 + r, for |x| below 1100."""
    shifted = fma(x, LOG2_E, MAGIC)
    whole = shifted - MAGIC
    return Reduced(shifted, fma(whole, -LN2_LOW, fma(whole, -LN2_HIGH, x)))


class ReducedSum(NamedTuple):
    """An argument as k ln 2 + r, r as a sum of two numbers."""

    shifted: Float[Array, ""]
    """k + MAGIC"""
    rest: Sum
    """r"""


def reduced_sum(x: Sum) -> ReducedSum:
    """A sum of two numbers as k ln 2 + r, to the last bits of the second."""
    shifted = fma(x.high, LOG2_E, MAGIC)
    whole = shifted - MAGIC
    return ReducedSum(shifted, sum_of(fma(whole, -LN2_HIGH, x.high), fma(whole, -LN2_LOW, x.low)))


def exp_less_one(rest: Float[Array, ""]) -> Float[Array, ""]:
    """exp(r) - 1 for |r| <= ln 2 / 2."""
    return fma(rest * rest, polynomial(rest, EXP), rest)


def exp_beyond_linear(rest: Sum) -> Float[Array, ""]:
    """exp(r) - 1 less the first part of r, for |r| <= ln 2 / 2."""
    return fma(rest.high * rest.high, polynomial(rest.high, EXP), rest.low)


def power_of_two(exponent: Int[Array, ""]) -> Float[Array, ""]:
    """2^k of normal range, k in the lowest twelve bits; what stands above them does not count."""
    kind = exponent.dtype.type
    return from_bits((exponent + kind(1023)) << kind(52))


def scaled(x: Float[Array, ""], shifted: Float[Array, ""]) -> Float[Array, ""]:
    """x 2^k for |k| <= 2000, given k + MAGIC."""
    exponent = bits(shifted)
    half = exponent >> exponent.dtype.type(1)
    return x * power_of_two(half) * power_of_two(exponent - half)


def exp(x: Float[Array, ""]) -> Float[Array, ""]:
    """e^x for every float64. Largest error found: 0.97 ulp."""
    parts = reduced(above(below(x, 710.0), -750.0))
    return scaled(1.0 + exp_less_one(parts.rest), parts.shifted)


def expm1(x: Float[Array, ""]) -> Float[Array, ""]:
    """e^x - 1, exact to the last bits near zero too: 2 (2^(k - 1) (e^r - 1) + 2^(k - 1) - 1/2).

    Largest error found: 1.30 ulp.
    """
    parts = reduced_sum(Sum(above(below(x, 710.0), -40.0), 0.0))
    exponent = bits(parts.shifted)
    half = power_of_two(exponent - exponent.dtype.type(1))
    linear = fma(half, parts.rest.high, half - 0.5)
    halved = fma(half, exp_beyond_linear(parts.rest), linear)
    return select(abs(x) < 2.0**-54, x, halved + halved)


def exp2(x: Float[Array, ""]) -> Float[Array, ""]:
    """2^x for every float64; whole powers are exact. Largest error found: 1.13 ulp."""
    x = above(below(x, 1025.0), -1100.0)
    shifted = x + MAGIC
    rest = x - (shifted - MAGIC)
    high = rest * LN2_HIGH
    low = fma(rest, LN2_LOW, fma(rest, LN2_HIGH, -high))
    return scaled(1.0 + (exp_less_one(high) + low), shifted)
