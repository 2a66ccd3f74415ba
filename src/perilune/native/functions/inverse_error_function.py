"""The inverse of the error function, of float32 and float64.

erf_inv(x) = x F(w) with w = -log(1 - x^2), in which F is smooth (Giles 2012). In float32 the
logarithm is to base two, and F(w) = F(0) + w P(w / 11.5 - 1) on the whole range of w, which ends at
23: one polynomial, no root, no division. F is used as 1/2 and a rest with smaller last bits.
Minimax polynomials of tools/function_coefficients.py.
"""

import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float32

from perilune.native.functions.fused import bits, fma, from_bits, polynomial, select

ROOT_HALF_BITS_32 = 0x3F3504F3
ONE_BITS_32 = 0x3F800000
FRACTION_BITS_32 = (1 << 23) - 1

LOG2_32 = (
    1.442694902420044,
    -0.7213471531867981,
    0.4809204041957855,
    -0.3607187271118164,
    0.2876952886581421,
    -0.23858007788658142,
    0.2171655148267746,
    -0.20988669991493225,
    0.12538659572601318,
)
"""Largest error 2^-27.0."""

AT_ZERO_32 = 0.3862269254527580
"""F(0) - 1/2; F(0) is half the root of pi."""

ERF_INV_32 = (
    0.1539240926504135,
    -0.031480204313993454,
    0.0034307409077882767,
    0.0074283345602452755,
    -0.010538274422287941,
    0.009125557728111744,
    -0.005361269693821669,
    0.0012972465483471751,
    0.0011352032888680696,
    -0.0018464901950210333,
    0.002655079122632742,
    -0.0027020175475627184,
    -7.745167386019602e-05,
    0.0023216395638883114,
    -0.0010342698078602552,
    -0.0005042690318077803,
    0.00032549016759730875,
)
"""Largest error 2^-25.5."""


def minus_log2_32(x: Float32[Array, ""]) -> Float32[Array, ""]:
    """-log2(x) of a positive float32 of normal range, to an absolute 2^-24."""
    moved = bits(x) + np.uint32(ONE_BITS_32 - ROOT_HALF_BITS_32)
    exponent = (moved >> np.uint32(23)).astype(jnp.int32) - np.int32(127)
    f = from_bits((moved & np.uint32(FRACTION_BITS_32)) + np.uint32(ROOT_HALF_BITS_32)) - 1.0
    return fma(-f, polynomial(f, LOG2_32), -exponent.astype(jnp.float32))


def erf_inv_32(x: Float32[Array, ""]) -> Float32[Array, ""]:
    """The number whose error function is x; not-a-number beyond -1 and 1."""
    left = fma(-x, x, 1.0)
    w = minus_log2_32(left)
    t = fma(w, 1.0 / 11.5, -1.0)
    slope = fma(t, polynomial(t, ERF_INV_32[1:]), ERF_INV_32[0])
    factor = fma(w, slope, AT_ZERO_32)
    zero = np.float32(0.0)
    at_edge = select(left == zero, np.float32(np.inf), np.float32(np.nan))
    return fma(x, select(left > zero, factor, at_edge), np.float32(0.5) * x)
