"""Sine, cosine and tangent, of float64.

|x| = k pi / 2 + r with |r| <= pi / 4: pi / 2 in three parts of 53 bits, three fused steps (after
Cody and Waite 1980). The first is exact, since x - k P1 is below 1 and a multiple of 2^-52 or of
the last bit of x; the second rounds once what is left, however much cancels; the third adds a part
below its last bits. Minimax polynomials in r^2 of tools/function_coefficients.py. Sine and cosine
of one argument have their reduction and both polynomials in common.

The reduction is right below LARGEST, 2^40; beyond that, where one bit of the argument is more than
0.0002 rad, the result is not-a-number and never a wrong number.
"""

from typing import NamedTuple

from jaxtyping import Array, Float, UInt64

from perilune.native.functions.exponential import MAGIC
from perilune.native.functions.fused import bits, fma, polynomial, select, sign_of, with_sign

LARGEST = 2.0**40
"""Of larger arguments, in rad, the result is not-a-number."""

TWO_OVER_PI = 0.6366197723675814
HALF_PI = (1.5707963267948966, 6.123233995736765e-17, 1.0828566739219139e-32)
"""pi / 2 in three parts, each rounded down."""

SIN = (
    -0.1666666666666663,
    0.008333333333321914,
    -0.00019841269829452143,
    2.755731357955295e-06,
    -2.505074183755098e-08,
    1.5895912918100513e-10,
)
"""Largest error 2^-57.9."""

COS = (
    0.041666666666666595,
    -0.0013888888888873344,
    2.4801587289002774e-05,
    -2.7557314216834075e-07,
    2.0875705303298603e-09,
    -1.1358740988005085e-11,
)
"""Largest error 2^-63.9."""

TAN = (
    0.3333333333333338,
    0.13333333333325506,
    0.05396825397276655,
    0.021869488403862533,
    0.008863237839979207,
    0.003592101808512133,
    0.001456038601974536,
    0.0005889005754664624,
    0.0002436192272790481,
    8.390325379378014e-05,
    6.658445158593896e-05,
    -2.4816494585883164e-05,
    4.794584251405299e-05,
    -2.3928790418804283e-05,
    9.721597041129803e-06,
)
"""Largest error 2^-59.9."""


class Quadrant(NamedTuple):
    """The size of an argument as k pi / 2 + r."""

    turns: UInt64[Array, ""]
    """k, in the lowest bits"""
    rest: Float[Array, ""]
    """r; not-a-number beyond the largest argument"""


def quadrant(x: Float[Array, ""]) -> Quadrant:
    """The size of an argument as k pi / 2 + r, |r| <= pi / 4."""
    size = abs(x)
    shifted = fma(size, TWO_OVER_PI, MAGIC)
    whole = shifted - MAGIC
    rest = size
    for part in HALF_PI:
        rest = fma(whole, -part, rest)
    return Quadrant(bits(shifted), select(size <= LARGEST, rest, float("nan")))


def quadrant_and_lost(x: Float[Array, ""]) -> tuple[Quadrant, Float[Array, ""]]:
    """The same, and what r lacks: the second product is taken off as the sum of two numbers."""
    size = abs(x)
    shifted = fma(size, TWO_OVER_PI, MAGIC)
    whole = shifted - MAGIC
    first, second, third = HALF_PI
    most = fma(whole, -first, size)
    product = whole * second
    rest = most - product
    product_low = fma(whole, third, fma(whole, second, -product))
    lost = ((most - rest) - product) - product_low
    return Quadrant(bits(shifted), select(size <= LARGEST, rest, float("nan"))), lost


def near_zero(rest: Float[Array, ""]) -> tuple[Float[Array, ""], Float[Array, ""]]:
    """Sine and cosine of r, |r| <= pi / 4."""
    square = rest * rest
    sine = fma(square * rest, polynomial(square, SIN), rest)
    cosine = fma(square * square, polynomial(square, COS), fma(square, -0.5, 1.0))
    return sine, cosine


def turned(parts: Quadrant, quarters: int) -> Float[Array, ""]:
    """The sine of the size of an argument and a number of right angles."""
    sine, cosine = near_zero(parts.rest)
    kind = parts.turns.dtype.type
    count = parts.turns + kind(quarters) if quarters else parts.turns
    size = select((count & kind(1)) == kind(0), sine, cosine)
    return with_sign(size, (count << kind(62)) & kind(1 << 63))


def sin(x: Float[Array, ""]) -> Float[Array, ""]:
    """The sine of an angle in rad, of at most 2^40. Largest error found: 1.51 ulp."""
    return with_sign(turned(quadrant(x), 0), sign_of(x))


def cos(x: Float[Array, ""]) -> Float[Array, ""]:
    """The cosine of an angle in rad, of at most 2^40. Largest error found: 1.52 ulp."""
    return turned(quadrant(x), 1)


def tan(x: Float[Array, ""]) -> Float[Array, ""]:
    """The tangent of an angle in rad, of at most 2^40.

    Its reciprocal, in every other quadrant, would show what r and tan(r) lose to rounding; both
    are carried along, to first order. Largest error found: 1.10 ulp.
    """
    parts, lost = quadrant_and_lost(x)
    rest, square = parts.rest, parts.rest * parts.rest
    beyond = (square * rest) * polynomial(square, TAN)
    near = rest + beyond
    near_low = fma(lost, fma(near, near, 1.0), (rest - near) + beyond)
    inverse = -1.0 / near
    inverse_low = inverse * fma(inverse, near_low, fma(inverse, near, 1.0))
    kind = parts.turns.dtype.type
    is_even = (parts.turns & kind(1)) == kind(0)
    value = select(is_even, near, inverse) + select(is_even, near_low, inverse_low)
    return with_sign(value, sign_of(x))
