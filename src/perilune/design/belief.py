"""How unsure the filter is told to be: the sizes of what is drawn, where it has room for them."""

import math

import numpy as np
from scipy.optimize import brentq

from perilune.interfaces.clock import (
    CLOCK_S,
    COAST_TICK_COUNT,
    CYCLE_TICKS,
    FRAME_CYCLES,
    TICK_COUNT,
)
from perilune.mission.distributions import Kind

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
TYPICAL_BEAM_SPEED_M_S = 50.0
STAR_FRAMES_S = tuple(
    CLOCK_S * FRAME_CYCLES * CYCLE_TICKS * count for count in (TICK_COUNT, COAST_TICK_COUNT)
)


def start_covariance(rows, navigation, axes):
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


def _sigmas(navigation):
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


def _covariance(row, other, places):
    """Of two rows: what their group says, or nothing across groups."""
    if row is other:
        return mean_square(row)
    firsts = [place - each.place for place, each in zip(places, (row, other), strict=True)]
    if firsts[0] != firsts[1] or len(row.mix) != len(other.mix):
        return 0.0
    return row.scale * other.scale * float(np.dot(row.mix, other.mix))


def mean_square(row):
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


def drawn_variance(rows, path):
    """Mean square of the error at a path, summed over its components; 0 where it is not drawn."""
    return sum(mean_square(row) for row in rows if f"{row.path}.".startswith(f"{path}."))


def camera_variance_m2(rows, camera, downrange_site):
    """Along and across the track, (2,): the camera's own bias, and the map's lie on the Moon."""
    east, north = (drawn_variance(rows, f"errors.map.{way}") for way in ("east", "north"))
    ahead = np.asarray(downrange_site)[:2] ** 2
    along = ahead @ (east, north)
    return camera.bias_m**2 + np.array([along, east + north - along])


def map_steady_m(rows):
    """One sigma of the map's height error that is the same everywhere."""
    return math.sqrt(drawn_variance(rows, "errors.map.height"))


def altimeter_steady_errors(rows):
    """One sigma of the altimeter's bias, m, and scale, which no reading can tell from the map's."""
    bias_m2 = drawn_variance(rows, "errors.altimeter.bias")
    return math.sqrt(bias_m2), math.sqrt(drawn_variance(rows, "errors.altimeter.scale_fraction"))


def altimeter_noise_fraction(rows, altimeter):
    """Told as noise: the altimeter's own that grows with range, and its scale."""
    return math.hypot(
        altimeter.noise_fraction, math.sqrt(drawn_variance(rows, "errors.altimeter.scale_fraction"))
    )


def velocimeter_bias_m_s(rows, velocimeter):
    """Told as bias: the velocimeter's own, and its scale at a typical speed."""
    scale = math.sqrt(drawn_variance(rows, "errors.velocimeter.scale_fraction"))
    return math.hypot(velocimeter.bias_m_s, scale * TYPICAL_BEAM_SPEED_M_S)


def star_tracker_sigmas_rad(rows, sigma_rad, walk_rad_per_sqrt_s):
    """The noise to assume of the star tracker, (2,): in frames of 0.6 s, and in the coast's."""
    return np.array(
        [
            star_tracker_sigma_rad(rows, sigma_rad, walk_rad_per_sqrt_s, frame_s)
            for frame_s in STAR_FRAMES_S
        ]
    )


def star_tracker_sigma_rad(rows, sigma_rad, walk_rad_per_sqrt_s, frame_s):
    """The noise to be told of the star tracker, so that the filter leaves room for a misalignment.

    The filter has no state for the head's misalignment m. Q of the gyros' walk a frame and
    readings of assumed variance r settle it at P = (sqrt(Q^2 + 4 Q r) - Q) / 2 with the gain
    K = P / r, while its true error settles at m^2 + ((1 - K)^2 Q + K^2 s^2) / (1 - (1 - K)^2), s
    being the noise as it is. The r is given at which the two are equal.
    """
    growth = walk_rad_per_sqrt_s**2 * frame_s
    lean2 = drawn_variance(rows, "errors.star_tracker.misalignment") / 3.0
    if growth <= 0.0 or lean2 <= 0.0:
        return sigma_rad

    def surplus(assumed):
        settled = 0.5 * (math.sqrt(growth**2 + 4.0 * growth * assumed) - growth)
        kept = 1.0 - settled / assumed
        true = (kept**2 * growth + (1.0 - kept) ** 2 * sigma_rad**2) / (1.0 - kept**2)
        return settled - true - lean2

    least = sigma_rad**2
    most = least + 100.0 * (lean2 + sigma_rad * math.sqrt(growth) + growth) ** 2 / growth
    return math.sqrt(brentq(surplus, least, most, rtol=1e-12))
