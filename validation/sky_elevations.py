"""Knows where others say the Sun and the Earth stood over landing sites."""

import csv
import math

import jax.numpy as jnp

from perilune.data.utc import epoch_from_utc
from perilune.design.build_sky import tabulate
from perilune.truth.environment import illumination
from validation.comparison import AUTHORITIES, Comparison

LIMIT_DEG = 0.3
SEEN = {
    "sun": illumination.sun_elevation_azimuth_rad,
    "earth": illumination.earth_elevation_azimuth_rad,
}


def compare():
    """Each row's elevation to 0.3 deg, and its azimuth where the authority gives one."""
    table = AUTHORITIES / "sky_elevations.csv"
    lines = (line for line in table.read_text().splitlines() if not line.startswith("#"))
    return [found for row in csv.DictReader(lines) for found in _compare_row(row)]


def _compare_row(row):
    latitude_rad, longitude_rad = (
        jnp.deg2rad(float(row[name])) for name in ("latitude_deg", "longitude_deg")
    )
    sky = tabulate(epoch_from_utc(row["utc"]), 60.0)
    ours_deg = jnp.rad2deg(jnp.stack(SEEN[row["body"]](sky, 0.0, latitude_rad, longitude_rad)))
    for angle, ours in zip(("elevation", "azimuth"), map(float, ours_deg), strict=True):
        if row[f"{angle}_deg"]:
            theirs = float(row[f"{angle}_deg"])
            yield Comparison(
                f"{row['site']}, {row['utc']}: {row['body']} {angle}",
                abs(math.remainder(ours - theirs, 360.0)),
                LIMIT_DEG,
                "deg",
                row["authority"],
                ours=ours,
                theirs=theirs,
            )
