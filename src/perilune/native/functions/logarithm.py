"""The logarithm and its kin, of float64.

x = 2^e m with m from sqrt(1/2) to sqrt(2), by its bits; log(m) = f - f^2 / 2 + f^3 P(f) with
f = m - 1, which is exact, and P a minimax polynomial of tools/function_coefficients.py. There is no
division.
"""

from typing import NamedTuple

from jaxtyping import Array, Float

from perilune.native.functions.exponential import LN2_HIGH, LN2_LOW, MAGIC, power_of_two
from perilune.native.functions.fused import bits, fma, from_bits, polynomial, select

SMALLEST_NORMAL = 2.0**-1022
ROOT_HALF_BITS = 0x3FE6A09E667F3BCD
ONE_BITS = 0x3FF0000000000000
FRACTION_BITS = (1 << 52) - 1
TWO_TO_52_BITS = 0x4330000000000000

LOG = (
    0.33333333333333454,
    -0.2499999999999892,
    0.19999999999945886,
    -0.1666666666691436,
    0.14285714293858814,
    -0.12499999982025109,
    0.11111110515438896,
    -0.1000000038298444,
    0.09090933517390169,
    -0.08333345764952282,
    0.07691714344248261,
    -0.0714200007831717,
    0.06675149148021656,
    -0.06269800030559633,
    0.05817774666018606,
    -0.05326789731553538,
    0.054160075801757426,
    -0.06275018522086015,
    0.05696731017142676,
    -0.024275223380635223,
)
"""Largest error 2^-59.3."""


class Split(NamedTuple):
    """A number as 2^e m, m from sqrt(1/2) to sqrt(2)."""

    exponent: Float[Array, ""]
    mantissa: Float[Array, ""]


def split(x: Float[Array, ""]) -> Split:
    """A positive finite number by its exponent and its mantissa; subnormal ones too."""
    is_small = x < SMALLEST_NORMAL
    pattern = bits(select(is_small, x * 2.0**54, x))
    kind = pattern.dtype.type
    moved = pattern + kind(ONE_BITS - ROOT_HALF_BITS)
    biased = from_bits((moved >> kind(52)) | kind(TWO_TO_52_BITS))
    exponent = biased - select(is_small, 2.0**52 + 1077.0, 2.0**52 + 1023.0)
    return Split(exponent, from_bits((moved & kind(FRACTION_BITS)) + kind(ROOT_HALF_BITS)))


def log(x: Float[Array, ""]) -> Float[Array, ""]:
    """The natural logarithm of every float64; not-a-number below zero.

    Largest error found: 1.45 ulp.
    """
    exponent, mantissa = split(x)
    f = mantissa - 1.0
    return at_edges(x, fma(exponent, LN2_HIGH, f) + beyond_linear(exponent, f))


def beyond_linear(exponent: Float[Array, ""], f: Float[Array, ""]) -> Float[Array, ""]:
    """log(1 + f) - f, and what the nearest number to ln 2 lacks, e times."""
    return fma(exponent, LN2_LOW, (f * f) * fma(f, polynomial(f, LOG), -0.5))


def at_edges(x: Float[Array, ""], inside: Float[Array, ""]) -> Float[Array, ""]:
    """A logarithm of x, given what it is for positive finite numbers."""
    below_zero = select(x == 0.0, -float("inf"), float("nan"))
    return select(x > 0.0, select(x < float("inf"), inside, x), below_zero)


def log1p(x: Float[Array, ""]) -> Float[Array, ""]:
    """log(1 + x), exact to the last bits near zero too.

    What 1 + x loses to rounding, c, adds c / (1 + x), which is so small that a parabola is near
    enough to 1 / m. Largest error found: 1.61 ulp.
    """
    whole = 1.0 + x
    taken = whole - x
    lost = (1.0 - taken) + (x - (whole - taken))
    exponent, mantissa = split(whole)
    f = mantissa - 1.0
    small = select(whole < 2.0**60, lost * power_of_minus(exponent), 0.0)
    least = fma(small, fma(f, f - 1.0, 1.0), beyond_linear(exponent, f))
    inside = fma(exponent, LN2_HIGH, f) + least
    return select(abs(x) < 2.0**-54, x, at_edges(whole, inside))


def power_of_minus(exponent: Float[Array, ""]) -> Float[Array, ""]:
    """2^-e for |e| below 1000."""
    return power_of_two(bits(MAGIC - exponent))
