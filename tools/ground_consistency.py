"""Height over ground against its variance where the ground is other than the mission's own: JSON.

For docs/figures.toml: python tools/ground_consistency.py [NUMBER ...]

All flights of a mission cross the same ground, so that their map errors at a check point are one
draw. Here Athena, otherwise unchanged, is designed for each of `SITES` and flown 64 times (seed 0).
NUMBER takes those sites of the list, from 0; without one all are flown, some 15 s each.
"""

import json
import sys
from pathlib import Path

import numpy as np

from perilune import load_mission
from perilune.campaign.run.whole_batch import fly_batch
from perilune.data.maps.map_description import height_m
from perilune.design import plan
from perilune.environment_variables import data_folder
from perilune.flight.carry import CONSISTENCY, CheckPoint
from perilune.flight.compile_cache import use_cache

MAP = "im2_mons_mouton_64ppd.npz"
LONGITUDE_DEG = 29.1957
SITES = tuple(-85.3 + 0.1 * step for step in range(11))
"""Latitudes, degrees: along the meridian of Mons Mouton, so that the approach stays on its maps."""
POINTS = (CheckPoint.GATE, CheckPoint.HEIGHT_100_M, CheckPoint.HEIGHT_10_M)
HEIGHT = CONSISTENCY.index("height")


def settings_of(latitude_deg):
    """What `--set` changes for a site: its place, and the map's own height there."""
    place_rad = np.radians([latitude_deg, LONGITUDE_DEG])
    there_m = height_m(Path(data_folder() or ".") / "terrain" / MAP, *place_rad)
    return (
        f'site.latitude="{latitude_deg:.4f} deg"',
        f'site.longitude="{LONGITUDE_DEG} deg"',
        f'site.height="{there_m:.0f} m"',
    )


def squared_errors(latitude_deg):
    """Squared error of height over its variance, (64 flights, points)."""
    mission = load_mission("athena", settings_of(latitude_deg))
    summary = fly_batch(plan(mission), 0)[1]
    return summary.consistency[:, list(POINTS), HEIGHT]


def figures(squared):
    """Means by check point, and flights that are outside three sigma at any; (flights, points)."""
    names = (point.name.lower() for point in POINTS)
    means = {name: float(mean) for name, mean in zip(names, squared.mean(axis=0), strict=True)}
    return means | {"flights": len(squared), "outside": int(np.any(squared > 9.0, axis=1).sum())}


def main(numbers):
    """Print the figures of each site and of all together."""
    use_cache(lambda words: print(words, file=sys.stderr))
    found = {}
    for latitude_deg in [SITES[int(number)] for number in numbers] or SITES:
        found[f"{-latitude_deg:.1f}"] = squared_errors(latitude_deg)
        print(latitude_deg, figures(found[f"{-latitude_deg:.1f}"]), file=sys.stderr)
    sites = [{"latitude_s_deg": float(name), **figures(each)} for name, each in found.items()]
    together = figures(np.concatenate(list(found.values())))
    print(json.dumps({"sites": sites, "count": len(sites), **together}, indent=2))


if __name__ == "__main__":
    main(sys.argv[1:])
