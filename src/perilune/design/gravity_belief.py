"""How far the pull may be from the field carried: from the published power law of what it omits.

A field known to degree N leaves out what lies above. The coefficients of degree n have an rms of
K / n^2 (Kaula's rule; for the Moon the law of GRAIL's fields, Konopliv et al. 2013, JGR 118). Seen
from a height the short waves fade as (R / r)^n.
"""

import numpy as np
from jaxtyping import Float

from perilune.design.map_belief import knots_m
from perilune.design.track import PlannedTrack
from perilune.mechanics.constants import MOON_RADIUS_M

POWER_LAW = 3.6e-4
"""K [recalled: of GRAIL's fields; degrees 40 to 150 of GRGM660PRIM have 3.0e-4 to 3.5e-4]."""
LAST_DEGREE = 1_200
"""Of the finest fields published, where the law is known to hold."""
LEAST_TIME_S, LEAST_SPEED_M_S = 1.0, 1e-3


def gravity_walk_m_s_per_sqrt_s(
    gm_m3_s2: float, degree: int, track: PlannedTrack, steady_m_s2: float
) -> Float[np.ndarray, " knots"]:
    """Velocity random walk that stands for the pull left out, at the `knots_m` before the site.

    `degree` is that of the field carried, `steady_m_s2` one sigma of an axis of what does not
    change over the flight. A pull s that changes in a time T acts like a walk of s sqrt(2 T); T is
    the time that is left at the most, so that a steady pull counts with its whole effect.
    """
    places_m, times_s = track.places_pa_m, track.times_s
    radius_m = np.linalg.norm(places_m, axis=1)
    speed_m_s = np.linalg.norm(np.gradient(places_m, times_s, axis=0), axis=1)
    left_s = np.maximum(times_s[-1] - times_s, LEAST_TIME_S)
    size_m_s2, length_m = omitted_pull_m_s2(gm_m3_s2, degree, radius_m)
    time_s = np.minimum(length_m / np.maximum(speed_m_s, LEAST_SPEED_M_S), left_s)
    walk = np.sqrt(2.0 * (size_m_s2**2 * time_s + steady_m_s2**2 * left_s))
    range_m = _range_m(places_m)
    last_turn = len(range_m) - 1 - int(np.argmax(range_m[::-1]))  # from there on it falls
    return np.interp(knots_m(), range_m[last_turn:][::-1], walk[last_turn:][::-1])


def omitted_pull_m_s2(
    gm_m3_s2: float, degree: int, radius_m: Float[np.ndarray, " n"]
) -> tuple[Float[np.ndarray, " n"], Float[np.ndarray, " n"]]:
    """One sigma of an axis of what degrees above `degree` pull, and the length over which it turns.

    Of degree n the potential has (GM / r)^2 (R / r)^2n (2n + 1) (K / n^2)^2 in the mean square, its
    gradient (n + 1)^2 / r^2 of it along the radius and n (n + 1) / r^2 across. The length is the
    rms over the rms of the slope along a straight track, which crosses waves of r / n at all
    angles. A field past `LAST_DEGREE` leaves out nothing.
    """
    n = np.arange(degree + 1, LAST_DEGREE + 1)[:, None]
    at_m = np.asarray(radius_m, float)[None, :]
    potential = (2.0 * n + 1.0) * (POWER_LAW / n**2) ** 2 * (MOON_RADIUS_M / at_m) ** (2.0 * n)
    square = (gm_m3_s2 / at_m**2) ** 2 * potential * ((n + 1.0) ** 2 + n * (n + 1.0)) / 3.0
    slope = square * (n / at_m) ** 2 / 2.0
    size, change = np.sqrt(square.sum(axis=0)), np.sqrt(slope.sum(axis=0))
    return size, np.divide(size, change, out=np.array(radius_m, float), where=change > 0.0)


def _range_m(places_m: Float[np.ndarray, "n 3"]) -> Float[np.ndarray, " n"]:
    """Over the ground to the end of the track."""
    toward = places_m / np.linalg.norm(places_m, axis=1)[:, None]
    return MOON_RADIUS_M * np.arctan2(
        np.linalg.norm(np.cross(toward, toward[-1]), axis=1), toward @ toward[-1]
    )
