"""The error function and its complement, of float64.

erfc(x) = exp(-x^2) F(t) / (1 + 2 x) for x from zero up, with F smooth in t = (x - 4) / (x + 4)
(Shepherd and Laframboise 1981); x^2, F and the quotient are sums of two numbers, so that what is
rounded is little more than the result. erf(x) = x + x P(x^2) below 1. Each follows from the other
where that loses nothing: erf from 1 up, erfc below 1/2. Minimax polynomials of
tools/function_coefficients.py.
"""

from jaxtyping import Array, Float

from perilune.native.functions.exponential import exp_beyond_linear, reduced_sum, scaled
from perilune.native.functions.fused import (
    Sum,
    below,
    fma,
    polynomial,
    select,
    sign_of,
    with_sign,
)

CENTRE = 4.0
LARGEST = 28.0
"""erfc is below the smallest float64 from 27.23 on."""
AT_CENTRE, AT_CENTRE_LOW = 1.2329951186255526, -4.625318921008717e-17
"""F(0) in two parts."""

ERFC = (
    -0.1396211168405625,
    0.0153796521026199,
    0.06809705425468955,
    -0.10103906603631244,
    0.09373283499850113,
    -0.06633036581204092,
    0.0371675155342907,
    -0.016197734059853874,
    0.005031970014296948,
    -0.0007577732743743494,
    -0.00019925694278494652,
    0.0001506216152269277,
    -2.4398135016121123e-05,
    -1.1221873130805148e-05,
    5.706664788087439e-06,
    2.935783594861515e-07,
    -8.197394499273488e-07,
    7.480294763875046e-08,
    1.0343375342251519e-07,
    -1.7950848345677713e-08,
    -9.710812384191993e-09,
    1.8232450493503422e-09,
)
"""Largest error 2^-60.1."""

ERF = (
    0.1283791670955126,
    -0.37612638903183876,
    0.11283791670958743,
    -0.02686617064561955,
    0.0052239776290958564,
    -0.0008548327189622139,
    0.0001205533777847078,
    -1.4925738521201328e-05,
    1.6463087371692438e-06,
    -1.6370641155253993e-07,
    1.4786566615502046e-08,
    -1.1830654935001985e-09,
    6.684927726493629e-11,
)
"""Largest error 2^-56.3."""


def erf_near_zero(x: Float[Array, ""]) -> Float[Array, ""]:
    """erf(x) for x from -1 to 1."""
    return fma(x, polynomial(x * x, ERF), x)


def erfc_far_out(x: Float[Array, ""]) -> Float[Array, ""]:
    """erfc(x) for x from 1/2 up."""
    x = below(x, LARGEST)
    t = (x - CENTRE) / (x + CENTRE)
    factor = polynomial(t, ERFC)
    top = fma(t, factor, AT_CENTRE)
    top_low = fma(t, factor, AT_CENTRE - top) + AT_CENTRE_LOW
    bottom = fma(2.0, x, 1.0)
    bottom_low = fma(2.0, x, 1.0 - bottom)
    reciprocal = 1.0 / bottom
    ratio = top * reciprocal
    ratio_low = (fma(-ratio, bottom_low, fma(-ratio, bottom, top)) + top_low) * reciprocal
    square = x * x
    parts = reduced_sum(Sum(-square, -fma(x, x, -square)))
    curved = fma(ratio, exp_beyond_linear(parts.rest), ratio_low)
    return scaled(ratio + fma(ratio, parts.rest.high, curved), parts.shifted)


def erfc(x: Float[Array, ""]) -> Float[Array, ""]:
    """The complement of the error function, 1 - erf(x). Largest error found: 1.82 ulp."""
    size = abs(x)
    far = erfc_far_out(size)
    far = select(x < 0.0, 2.0 - far, far)
    return select(size < 0.5, 1.0 - erf_near_zero(x), far)


def erf(x: Float[Array, ""]) -> Float[Array, ""]:
    """The error function. Largest error found: 0.95 ulp."""
    size = abs(x)
    far = with_sign(1.0 - erfc_far_out(size), sign_of(x))
    return select(size < 1.0, erf_near_zero(x), far)
