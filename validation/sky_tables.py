"""Knows how far the tables of a flight lie from SPICE over the years missions fly in."""

import jax
import numpy as np

from perilune.data.spice_kernels import kernels
from perilune.data.utc import epoch_from_utc
from perilune.design import build_sky
from perilune.mechanics.constants import MOON_RADIUS_M
from perilune.mechanics.rotation import to_matrix
from perilune.mechanics.time import after, tdb_s
from perilune.truth.environment import ephemeris
from validation.comparison import Comparison

FIRST_UTC = "2023-01-01T00:00:00Z"
WINDOWS = 40
BETWEEN_S = 4 * 365.25 * 86_400.0 / WINDOWS
SPAN_S = 3 * 3_600.0
SAMPLES_S = np.linspace(0.0, SPAN_S, 13)
AUTHORITY = "SPICE: DE440 and MOON_PA DE421, 40 windows of 3 h, 2023 to 2026"


def compare():
    """Orientation to 1 m at the surface in both frames; the two bodies to 1 m."""
    first = epoch_from_utc(FIRST_UTC)
    windows = np.array([away_m(after(first, k * BETWEEN_S)) for k in range(WINDOWS)])
    names = ("MOON_PA table at the surface", "MOON_ME table at the surface", "Earth", "Sun")
    return [
        Comparison(f"{name}, worst of {WINDOWS} windows", float(worst_m), 1.0, "m", AUTHORITY)
        for name, worst_m in zip(names, windows.max(axis=0), strict=True)
    ]


@jax.jit
def _tabled(sky, t_s):
    return (
        to_matrix(ephemeris.pa_from_inertial(sky, t_s)),
        to_matrix(ephemeris.fixed_from_inertial(sky, t_s)),
        ephemeris.earth_position_m(sky, t_s),
        ephemeris.sun_position_m(sky, t_s),
    )


def away_m(epoch):
    """Largest distance from SPICE in one window: PA and ME at the surface, Earth, Sun."""
    sky = build_sky.tabulate(epoch, SPAN_S)
    with kernels() as spice:
        rows = []
        for t_s in SAMPLES_S:
            instant_s = tdb_s(epoch) + t_s
            pa, fixed, earth_m, sun_m = map(np.asarray, _tabled(sky, t_s))
            bodies = [
                1e3 * spice.spkpos(body, instant_s, "J2000", "NONE", "MOON")[0]
                for body in ("EARTH", "SUN")
            ]
            rows.append(
                [
                    _surface_m(pa, spice.pxform("J2000", "MOON_PA", instant_s)),
                    _surface_m(fixed, spice.pxform("J2000", "MOON_ME", instant_s)),
                    np.linalg.norm(earth_m - bodies[0]),
                    np.linalg.norm(sun_m - bodies[1]),
                ]
            )
    return np.max(rows, axis=0)


def _surface_m(ours, theirs):
    """The farthest that any point of the surface moves between two orientations."""
    return MOON_RADIUS_M * np.linalg.norm(ours - theirs, ord=2)
