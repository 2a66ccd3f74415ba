"""The angle of a vector in a plane by sums, products and quotients alone: the same bits everywhere.

`numpy.arctan2` calls what suits the processor, and its last bit differs between processors.
"""

import numpy as np
from jaxtyping import Float

from perilune.mechanics.array_types import AnyArray

_TURNS = (0.0, 0.5, 1.0, 1.5, np.inf)
"""Tangents of the angles from which an angle is measured on."""
_UP_TO = (7 / 16, 11 / 16, 19 / 16, 39 / 16)
"""Up to which tangent each of them but the last serves."""
_HIGH = (0.0, 0.4636476090008061, 0.7853981633974483, 0.982793723247329, 1.5707963267948966)
_LOW = (
    0.0,
    2.2698777452961687e-17,
    3.061616997868383e-17,
    1.3903311031230998e-17,
    6.123233995736766e-17,
)
"""Those angles in two parts: the nearest number, and what it lacks."""
_SERIES = (
    3.33333333333329318027e-01,
    -1.99999999998764832476e-01,
    1.42857142725034663711e-01,
    -1.11111104054623557880e-01,
    9.09088713343650656196e-02,
    -7.69187620504482999495e-02,
    6.66107313738753120669e-02,
    -5.83357013379057348645e-02,
    4.97687799461593236017e-02,
    -3.65315727442169155270e-02,
    1.62858201153657823623e-02,
)
"""Of (1 - arctan(x) / x) / x^2 in powers of x^2, |x| up to 7/16: FDLIBM, Sun Microsystems, 1993."""

_UPRIGHT = 2.0**60
"""From this tangent on an angle is a right one, to rounding."""


def angle_of(y: Float[AnyArray, "..."], x: Float[AnyArray, "..."]) -> Float[np.ndarray, "..."]:
    """The angle of (x, y) from the axis of x, radians, -pi to pi (host); within 2 ulp.

    Angles of a vector of length 0 are those of `numpy.arctan2`, and not-a-number stays so.
    """
    y, x = np.broadcast_arrays(np.asarray(y, float), np.asarray(x, float))
    with np.errstate(divide="ignore", invalid="ignore", over="ignore", under="ignore"):
        tangent = np.abs(y) / np.abs(x)
        tangent = np.where((y == 0.0) & (x == 0.0), 0.0, tangent)
        tangent = np.where(np.isinf(y) & np.isinf(x), 1.0, tangent)
        angle = _first_quadrant(tangent)
    behind = np.signbit(x) & (tangent < _UPRIGHT)
    angle = np.where(behind, np.pi - (angle - 2.0 * _LOW[-1]), angle)
    return np.copysign(angle, y)


def _first_quadrant(tangent: Float[np.ndarray, "..."]) -> Float[np.ndarray, "..."]:
    """The angle with a tangent from 0 to infinity."""
    turn = np.searchsorted(_UP_TO, tangent, side="right")
    base = np.asarray(_TURNS)[turn]
    apart = np.where(turn == len(_UP_TO), -1.0 / tangent, (tangent - base) / (1.0 + base * tangent))
    apart = np.where(turn == 0, tangent, apart)
    squared = apart * apart
    series = np.zeros_like(apart)
    for coefficient in reversed(_SERIES):
        series = coefficient + squared * series
    less = apart * (squared * series)
    return np.asarray(_HIGH)[turn] - ((less - np.asarray(_LOW)[turn]) - apart)
