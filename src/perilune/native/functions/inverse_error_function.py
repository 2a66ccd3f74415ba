"""The inverse of the error function, of float32 and float64.

erf_inv(x) = x F(w) with w = -log(1 - x^2), in which F is smooth (Giles 2012). In float32 the
logarithm is to base two, and F(w) = F(0) + w P(w / 11.5 - 1) on the whole range of w, which ends at
23: one polynomial, no root, no division. F is used as 1/2 and a rest with smaller last bits.
In float64, F(w) = F(0) + w P(w) for w up to 6.25, and s + P(s) with s = sqrt(w), whose P is small,
in two pieces above. Minimax polynomials of tools/function_coefficients.py.
"""

import jax.numpy as jnp
import numpy as np
from jax import lax
from jaxtyping import Array, Float32, Float64

from perilune.native.functions.exponential import LN2_HIGH
from perilune.native.functions.fused import bits, fma, from_bits, polynomial, select, sum_of
from perilune.native.functions.logarithm import beyond_linear, split

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

AT_ZERO = 0.3862269254527580
"""F(0) - 1/2."""

ERF_INV = (
    0.2455768439137103,
    -0.005418661488121991,
    -0.013436559985085713,
    0.006203136799986177,
    -0.0005044610181662488,
    -0.0008194795827424674,
    0.0004125380573077291,
    -1.8142673377620282e-05,
    -6.646330403214194e-05,
    2.905885957995619e-05,
    8.18722225054191e-07,
    -5.6275117849507135e-06,
    2.025119196765099e-06,
    2.562470984930584e-07,
    -4.7493269965675714e-07,
    1.364986108439602e-07,
    3.597297696338287e-08,
    -4.0041238036022006e-08,
    8.602557345414284e-09,
    4.7235956335806484e-09,
    -3.273284216443062e-09,
    3.1392060860537783e-11,
    4.905696035798392e-10,
    -6.16827409417753e-11,
    -2.930570954819809e-11,
)
"""Largest error 2^-55.2."""

ERF_INV_FAR = (
    -0.16611438950777932,
    0.003944225770624031,
    0.003021139436374447,
    -0.0015825410894069185,
    0.0007883078513117529,
    -0.00040063569836049784,
    0.00016966502193016515,
    -4.739182726066574e-05,
    2.405865028498471e-06,
    5.127316544885205e-06,
    -2.6647945051092945e-06,
    5.26462779305518e-07,
    9.289460677455722e-08,
    -9.469041985844952e-08,
    2.6397607949878883e-08,
    -3.681887343755558e-10,
    -2.4595103360744607e-09,
    9.886926595033631e-10,
    -1.1831708986738374e-10,
    -6.462333407579611e-11,
    2.4425052719306273e-11,
)
"""Largest error 2^-58.9."""

ERF_INV_FARTHEST = (
    -0.14957894855635945,
    0.010285017597771218,
    -0.00016985809149436804,
    -0.00020031200663185686,
    7.124031544452283e-05,
    -1.8374536911317646e-05,
    4.193853552119896e-06,
    -9.070804254653773e-07,
    2.0161999078175645e-07,
    -5.495396568730684e-08,
    2.1819387991361812e-08,
    -1.1156730585976872e-08,
    5.809678409737043e-09,
    -2.7018578604959357e-09,
    1.0449108915668167e-09,
    -3.2819790561377736e-10,
    7.91199326754543e-11,
    2.3324762251410905e-12,
    -1.5777708633668382e-11,
    5.07170955476134e-12,
)
"""Largest error 2^-59.0."""


def minus_log2_32(x: Float32[Array, ""]) -> Float32[Array, ""]:
    """-log2(x) of a positive float32 of normal range, to an absolute 2^-24."""
    moved = bits(x) + np.uint32(ONE_BITS_32 - ROOT_HALF_BITS_32)
    exponent = (moved >> np.uint32(23)).astype(jnp.int32) - np.int32(127)
    f = from_bits((moved & np.uint32(FRACTION_BITS_32)) + np.uint32(ROOT_HALF_BITS_32)) - 1.0
    return fma(-f, polynomial(f, LOG2_32), -exponent.astype(jnp.float32))


def erf_inv_32(x: Float32[Array, ""]) -> Float32[Array, ""]:
    """The number whose error function is x; not-a-number beyond -1 and 1.

    Largest error found: 1.65 ulp.
    """
    left = fma(-x, x, 1.0)
    w = minus_log2_32(left)
    t = fma(w, 1.0 / 11.5, -1.0)
    slope = fma(t, polynomial(t, ERF_INV_32[1:]), ERF_INV_32[0])
    factor = fma(w, slope, AT_ZERO_32)
    zero = np.float32(0.0)
    at_edge = select(left == zero, np.float32(np.inf), np.float32(np.nan))
    return fma(x, select(left > zero, factor, at_edge), np.float32(0.5) * x)


def erf_inv(x: Float64[Array, ""]) -> Float64[Array, ""]:
    """The number whose error function is x; not-a-number beyond -1 and 1.

    Largest error found: 1.63 ulp.
    """
    size = abs(x)
    exponent, mantissa = split(fma(-x, x, 1.0))
    f = mantissa - 1.0
    log = sum_of(fma(exponent, LN2_HIGH, f), beyond_linear(exponent, f))
    w = -log.high
    s = lax.sqrt(w)
    t = fma(w, 1.0 / 3.125, -1.0)
    slope = fma(t, polynomial(t, ERF_INV[1:]), ERF_INV[0])
    near = fma(w, slope, fma(-log.low, slope, AT_ZERO))
    far = polynomial(fma(s, 4.0 / 3.0, -13.0 / 3.0), ERF_INV_FAR)
    farthest = polynomial(s - 5.05, ERF_INV_FARTHEST)
    is_near = w < 6.25
    most = select(is_near, near, s)
    s_low = (fma(-s, s, w) - log.low) * (0.5 / s)
    least = select(is_near, 0.5, select(s < 4.0, far, farthest) + s_low)
    inside = fma(x, most, x * least)
    return select(size < 1.0, inside, select(size == 1.0, x * np.inf, np.nan))
