"""Knows where JPL Horizons had Artemis I coast around the Moon, arc by arc of two hours."""

import csv
from itertools import pairwise

import numpy as np

from perilune.data.default_gravity import default_field
from perilune.data.spice_kernels import kernels
from perilune.design.build_sky import tabulate
from perilune.mechanics.time import Epoch, tdb_s
from perilune.truth.environment.gravitation import acceleration_m_s2
from validation.comparison import Comparison, data_file
from validation.propagation import propagate

FIRST, LAST = "2022-Nov-26 21:03", "2022-Nov-30 21:03"  # distant retrograde orbit, no large burn
ARC_S = 7_200.0
J2000_JD = 2_451_545.0
COLUMNS = ("x_km", "y_km", "z_km", "vx_km_s", "vy_km_s", "vz_km_s")


def compare():
    """Earth, Sun and Moon pull a coasting ship as Horizons has it, to 1 m in two hours.

    What remains, 0.5 m, points away from the Sun within 2 deg: light pressure, which is left out.
    The median is taken because a few arcs hold small burns.
    """
    epoch, times_s, theirs = _read()
    apart_m = arcs_apart_m(epoch, times_s, theirs)
    without_m = [_straight_m(*ends) for ends in pairwise(theirs)]
    return [
        Comparison(
            f"Artemis I, median of {len(apart_m)} arcs of 2 h ({np.median(without_m) / 1e3:.0f} km"
            " off a straight line)",
            float(np.median(apart_m)),
            1.0,
            "m",
            "JPL Horizons",
        )
    ]


def arcs_apart_m(epoch, times_s, theirs):
    """How far each row, flown for two hours, ends from the next row."""
    field, sky = default_field(), tabulate(epoch, float(times_s[-1]))

    def pull_m_s2(t_s, position_m):
        return acceleration_m_s2(field, sky, t_s, position_m)

    ends = [
        propagate(pull_m_s2, row[:3], row[3:], np.array([t_s, t_s + ARC_S]))[-1]
        for t_s, row in zip(times_s[:-1], theirs[:-1], strict=True)
    ]
    return np.linalg.norm(np.array(ends)[:, :3] - theirs[1:, :3], axis=1)


def _read():
    """Epoch of the first row, seconds after it, and Moon-centred states in SI, shape (row, 6)."""
    text = data_file("trajectories/artemis1_horizons_2h.csv").read_text().splitlines()
    dated = [(row["calendar_tdb"].removeprefix("A.D. "), row) for row in csv.DictReader(text)]
    rows = [row for date, row in dated if FIRST <= date[:17] <= LAST]
    minutes = [round((float(row["jd_tdb"]) - J2000_JD) * 1440) for row in rows]
    epoch = Epoch(minutes[0] // 1440, minutes[0] % 1440 * 60.0)
    times_s = 60.0 * (np.array(minutes) - minutes[0])
    states = 1e3 * np.array([[float(row[name]) for name in COLUMNS] for row in rows])
    with kernels("de440") as spice:
        moon = [
            1e3 * spice.spkezr("MOON", tdb_s(epoch) + t_s, "J2000", "NONE", "3")[0]
            for t_s in times_s
        ]
    return epoch, times_s, states - np.array(moon)


def _straight_m(start, end):
    return np.linalg.norm(start[:3] + ARC_S * start[3:] - end[:3])
