"""Inverse sine, cosine and tangent, of float64.

atan(q) = q + q^3 P(q^2) for q from zero to one; other arguments by their reciprocal and by
reflection, with pi / 2 in two parts. asin(x) = x + x^3 P(x^2) for x from zero to 1/2, and above
asin(x) = pi / 2 - 2 asin(sqrt((1 - x) / 2)), where the difference is exact. Minimax polynomials of
tools/function_coefficients.py.
"""

from typing import NamedTuple

from jax import lax
from jaxtyping import Array, Bool, Float

from perilune.native.functions.circular import HALF_PI
from perilune.native.functions.fused import (
    Number,
    fma,
    polynomial,
    select,
    sign_of,
    sum_of,
    with_sign,
)

ATAN = (
    -0.3333333333333307,
    0.19999999999951645,
    -0.14285714282580264,
    0.11111111007101593,
    -0.09090907003655445,
    0.0769227984306814,
    -0.06666404072057538,
    0.05880527854018623,
    -0.052535186400408204,
    0.04722322426057535,
    -0.04219179554537012,
    0.03664192661032332,
    -0.029903890043005515,
    0.021984899851433815,
    -0.01390060986910826,
    0.007196541443041892,
    -0.002884939013972548,
    0.000831329172142453,
    -0.00015216241598947126,
    1.3225222648781525e-05,
)
"""Largest error 2^-57.6."""

ASIN = (
    0.1666666666666676,
    0.07499999999970848,
    0.04464285717458569,
    0.03038194270852413,
    0.022372214975057095,
    0.0173516121538798,
    0.013980819454982784,
    0.011398918523970677,
    0.010780224754992214,
    0.003706505127415848,
    0.021707207537385313,
    -0.020998690961198403,
    0.0326283611590035,
)
"""Largest error 2^-59.9."""


def near_zero_atan(q: Float[Array, ""]) -> Float[Array, ""]:
    """atan(q) for q from zero to one."""
    square = q * q
    return fma(square * q, polynomial(square, ATAN), q)


def right_angles(count: Number, angle: Float[Array, ""]) -> Float[Array, ""]:
    """An angle and a number of right angles."""
    return fma(count, HALF_PI[0], fma(count, HALF_PI[1], angle))


def atan2(y: Float[Array, ""], x: Float[Array, ""]) -> Float[Array, ""]:
    """The angle of the point (x, y) from the x-axis, from -pi to pi, as IEEE 754 has its edges.

    Largest error found: 1.57 ulp.
    """
    height, width = abs(y), abs(x)
    is_steep = height > width
    less, more = select(is_steep, width, height), select(is_steep, height, width)
    slope = select(more == 0.0, less, select(less == more, 1.0, less / more))
    mirrored, angle = sign_of(x), near_zero_atan(slope)
    behind = select(mirrored == mirrored.dtype.type(0), 0.0, 2.0)
    size = right_angles(
        select(is_steep, 1.0, behind), with_sign(select(is_steep, -angle, angle), mirrored)
    )
    return with_sign(size, sign_of(y))


def atan(x: Float[Array, ""]) -> Float[Array, ""]:
    """The angle, from -pi / 2 to pi / 2, whose tangent is x. Largest error found: 1.66 ulp."""
    size = abs(x)
    is_steep = size > 1.0
    angle = near_zero_atan(select(is_steep, 1.0, size) / select(is_steep, size, 1.0))
    return with_sign(select(is_steep, right_angles(1.0, -angle), angle), sign_of(x))


class Halved(NamedTuple):
    """An inverse sine, or that of a half angle."""

    is_small: Bool[Array, ""]
    """whether |x| is at most 1/2"""
    sine: Float[Array, ""]
    """|x|, or else the sine of half the angle whose cosine that is"""
    beyond: Float[Array, ""]
    """what its inverse sine is more than itself"""


def halved(x: Float[Array, ""]) -> Halved:
    """The inverse sine of the size of x, or half its inverse cosine, whichever is below pi / 6."""
    size = abs(x)
    is_small = size <= 0.5
    square = select(is_small, x * x, select(size <= 1.0, fma(size, -0.5, 0.5), float("nan")))
    sine = select(is_small, size, lax.sqrt(square))
    return Halved(is_small, sine, (square * sine) * polynomial(square, ASIN))


def asin(x: Float[Array, ""]) -> Float[Array, ""]:
    """The angle, from -pi / 2 to pi / 2, whose sine is x; not-a-number beyond -1 and 1.

    Largest error found: 1.08 ulp.
    """
    is_small, sine, beyond = halved(x)
    rest = sum_of(HALF_PI[0], -2.0 * sine)
    large = rest.high + (rest.low + fma(-2.0, beyond, HALF_PI[1]))
    return with_sign(select(is_small, sine + beyond, large), sign_of(x))


def acos(x: Float[Array, ""]) -> Float[Array, ""]:
    """The angle, from zero to pi, whose cosine is x; not-a-number beyond -1 and 1.

    Largest error found: 1.11 ulp.
    """
    is_small, sine, beyond = halved(x)
    is_behind, angle = x < 0.0, sine + beyond
    count = select(is_small, 1.0, select(is_behind, 2.0, 0.0))
    angle = select(is_small, -angle, 2.0 * angle)
    return right_angles(count, select(is_behind, -angle, angle))
