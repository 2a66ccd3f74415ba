"""Standard deviations that the filter assumes: those of the draws, for the states that it has."""

import math
from collections.abc import Sequence

import numpy as np
from jaxtyping import Array, Float

from perilune.mission.distributions import Kind, Row
from perilune.mission.mission import Navigation
from perilune.mission.settings import is_in

START = (
    "along_track",
    "cross_track",
    "radial",
    "along_track_speed",
    "cross_track_speed",
    "radial_speed",
    "attitude.0",
    "attitude.1",
    "attitude.2",
)


def start_covariance(
    rows: Sequence[Row], navigation: Navigation, axes: Float[Array, "3 3"]
) -> Float[np.ndarray, "9 9"]:
    """Covariance (9, 9) of position, velocity and attitude at the start, inertial axes, SI.

    From the rows that draw the start, correlations and all; what none draws has its sigma from
    `navigation`. `axes` (3, 3) are along track, cross track and up.
    """
    local = np.diag(_sigmas(navigation) ** 2)
    known = {row.path: row for row in rows}
    drawn = [known.get(f"start.{name}") for name in START]
    for i, row in enumerate(drawn):
        if row is None:
            continue
        local[i, :] = local[:, i] = 0.0
        for j, other in enumerate(drawn):
            if other is not None:
                local[i, j] = local[j, i] = _covariance(
                    row, other, (rows.index(row), rows.index(other))
                )
    turn = np.kron(np.eye(3), np.asarray(axes).T)
    return turn @ local @ turn.T


def _sigmas(navigation: Navigation) -> Float[np.ndarray, "9"]:
    return np.array(
        [
            navigation.along_track_m,
            navigation.cross_track_m,
            navigation.radial_m,
            navigation.along_track_speed_m_s,
            navigation.cross_track_speed_m_s,
            navigation.radial_speed_m_s,
            *[navigation.attitude_rad] * 3,
        ]
    )


def _covariance(row: Row, other: Row, places: tuple[int, int]) -> float:
    """Of two rows: what their group says, or nothing across groups."""
    if row is other:
        return mean_square(row)
    firsts = [place - each.place for place, each in zip(places, (row, other), strict=True)]
    if firsts[0] != firsts[1] or len(row.mix) != len(other.mix):
        return 0.0
    return row.scale * other.scale * float(np.dot(row.mix, other.mix))


def mean_square(row: Row) -> float:
    """Mean square of what a row draws about the belief that there is no error; SI.

    A truncated normal counts whole, which errs on the cautious side.
    """
    value = row.leaf.value
    if row.kind == Kind.NORMAL:
        return row.scale**2
    if row.kind == Kind.UNIFORM:
        return (row.high**2 + row.high * row.low + row.low**2) / 3.0
    if row.kind == Kind.CHOICE:
        return sum(w * v**2 for w, v in zip(row.weights, row.values, strict=True))
    return value**2 * (math.exp(2.0 * row.scale**2) - 2.0 * math.exp(0.5 * row.scale**2) + 1.0)


def drawn_variance(rows: Sequence[Row], path: str) -> float:
    """Mean square of the error at a path, summed over its components; 0 where it is not drawn."""
    return sum(mean_square(row) for row in rows if is_in(row.path, path))


def map_lie_m2(
    rows: Sequence[Row], downrange_site: Float[np.ndarray, "3"]
) -> Float[np.ndarray, "2"]:
    """Variance of where the map lies on the Moon, along and across the track, (2,)."""
    east, north = (drawn_variance(rows, f"errors.map.{way}") for way in ("east", "north"))
    ahead = np.asarray(downrange_site)[:2] ** 2
    along = ahead @ (east, north)
    return np.array([along, east + north - along])


def map_steady_m(rows: Sequence[Row]) -> float:
    """One sigma of the map's height error that is the same over the whole approach.

    A step counts half, as it lies to either side of the mean.
    """
    height, step = (drawn_variance(rows, f"errors.map.{name}") for name in ("height", "step"))
    return math.sqrt(height + 0.25 * step)
