"""Knows the low lunar orbits STK computed, and flies them with Perilune's gravity."""

import numpy as np

from perilune.data.gravity.gravity_files import read_gravity
from perilune.data.utc import epoch_from_utc
from perilune.design.build_sky import tabulate
from perilune.mechanics.gravity import harmonics_m_s2, point_mass_m_s2, truncate
from perilune.mechanics.rotation import rotate, rotate_back
from perilune.truth.environment.ephemeris import pa_from_inertial
from validation.comparison import Comparison, data_file
from validation.propagation import propagate

START_UTC = "2004-06-01T12:00:00Z"
CADENCE_S = 300.0  # the report rounds its dates to 1e-8 of a day, so rows are counted instead
TWO_BODY_GM_M3_S2 = 4902.8005821478e9  # as STK was set: the authority's own, not ours
HEADER_LINES = 6


def compare():
    """Two-body after three days to 5 mm; LP165P to degree 20 after ten hours to 1 m."""
    return [two_body(), harmonics()]


def two_body():
    """Three days around a point mass."""
    theirs = read_report("trajectories/STK_Moon_Luna_0_0_0.report")
    ours = _fly(theirs, lambda _, position_m: point_mass_m_s2(TWO_BODY_GM_M3_S2, position_m))
    return _worst("STK two-body orbit, 3 days", ours, theirs, limit_m=0.005)


def harmonics():
    """Ten hours in LP165P to degree and order 20, turned with MOON_PA."""
    theirs = read_report("trajectories/STK_Moon_Luna_LP165P_0_0.report")[: 10 * 12 + 1]
    field = truncate(read_gravity(data_file("gravity/LP165P.cof")), 20)
    sky = tabulate(epoch_from_utc(START_UTC), CADENCE_S * len(theirs))

    def acceleration_m_s2(t_s, position_m):
        pa = pa_from_inertial(sky, t_s)
        uneven_m_s2 = rotate_back(pa, harmonics_m_s2(field, rotate(pa, position_m)))
        return point_mass_m_s2(field.gm_m3_s2, position_m) + uneven_m_s2

    ours = _fly(theirs, acceleration_m_s2)
    return _worst("STK LP165P 20x20 orbit, 10 h", ours, theirs, limit_m=1.0)


def read_report(relative):
    """Positions and velocities of a report in m and m/s, shape (row, 6), Moon-centred J2000."""
    return 1e3 * np.loadtxt(data_file(relative), skiprows=HEADER_LINES)[:, 1:]


def _fly(theirs, acceleration_m_s2):
    times_s = CADENCE_S * np.arange(len(theirs))
    return propagate(acceleration_m_s2, theirs[0, :3], theirs[0, 3:], times_s)


def _worst(name, ours, theirs, limit_m):
    away_m = np.linalg.norm(ours[:, :3] - theirs[:, :3], axis=1)
    return Comparison(name, float(away_m.max()), limit_m, "m", "STK, as published with GMAT")
