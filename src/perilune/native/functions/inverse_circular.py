"""Inverse sine, cosine and tangent, of float64.

atan(q) = q + q^3 P(q^2) for q from zero to one, P a minimax polynomial of
tools/function_coefficients.py; other arguments by their reciprocal and by reflection, with pi / 2
in two parts.
"""

from jaxtyping import Array, Float

from perilune.native.functions.circular import HALF_PI
from perilune.native.functions.fused import (
    fma,
    polynomial,
    select,
    sign_of,
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


def near_zero_atan(q: Float[Array, ""]) -> Float[Array, ""]:
    """atan(q) for q from zero to one."""
    square = q * q
    return fma(square * q, polynomial(square, ATAN), q)


def right_angles(count: Float[Array, ""], angle: Float[Array, ""]) -> Float[Array, ""]:
    """An angle and a number of right angles."""
    return fma(count, HALF_PI[0], fma(count, HALF_PI[1], angle))


def atan2(y: Float[Array, ""], x: Float[Array, ""]) -> Float[Array, ""]:
    """The angle of the point (x, y) from the x-axis, from -pi to pi, as IEEE 754 has its edges."""
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
