"""The filter's consistency over 256 flights of each mission: tables of the page on navigation.

python tools/consistency_by_mission.py [FACTOR [MISSION ...]]

FACTOR (1) is how many times all that the missions disperse is scaled, with the filter's belief as
it is. Without a mission, all of the catalog fly, a minute each. Means of NEES of groups of three
axes and of height over ground, the shares outside three sigma, and means of NIS by kind of sensor.
"""

import sys

import equinox as eqx
import numpy as np

from perilune import load_mission
from perilune.campaign.run.whole_batch import fly_batch
from perilune.design import plan
from perilune.flight.carry import CONSISTENCY, CheckPoint
from perilune.flight.compile_cache import use_cache
from perilune.interfaces.units import kind_of
from perilune.mission.mission_files import catalog_names

BATCHES = range(0, 256, 64)
GROUPS = ("position", "velocity", "attitude", "height")
STEERED_BY = (CheckPoint.GATE, CheckPoint.HEIGHT_100_M, CheckPoint.HEIGHT_10_M)
AXES = [place for place, name in enumerate(CONSISTENCY) if "_" in name]
BEYOND = 9.0
"""A square outside three sigma."""


def flown(mission, factor):
    """NEES, (256, 10, 13), and sums of NIS by kind of sensor, with errors `factor` times."""
    nominal = plan(load_mission(mission))
    wider = factor * nominal.dispersions.scale
    scaled = eqx.tree_at(lambda each: each.dispersions.scale, nominal, wider)
    summaries = [fly_batch(scaled, 0, first)[1] for first in BATCHES]
    squares = np.concatenate([each.consistency for each in summaries])
    sums = np.concatenate([each.innovations for each in summaries]).sum(axis=0)
    kinds = {}
    for label, row in zip(summaries[0].compared, sums, strict=True):
        kinds[kind_of(label)] = kinds.get(kind_of(label), 0.0) + row
    return squares, kinds


def by_point(mission, squares):
    """A line for each check point that the mission comes to: every axis."""
    for point in CheckPoint:
        means = column_means(squares[:, point])
        if np.isfinite(means).any():
            words = (
                " | ".join(shown(means[:4]))
                + " | "
                + " | ".join(" ".join(shown(means[first : first + 3])) for first in (4, 7, 10))
            )
            print(f"| {mission} | {point.name.lower().replace('_', ' ')} | {words} |")


def summary_of(mission, squares, kinds):
    """One line: least to most of each group, what is outside three sigma, NIS by sensor."""
    means = np.array([column_means(squares[:, point]) for point in CheckPoint])
    ends = [least_to_most(means[:, CONSISTENCY.index(group)]) for group in GROUPS]
    height = squares[:, list(STEERED_BY), CONSISTENCY.index("height")]
    outside = f"{share(squares[:, :, AXES])} | {share(height)}"
    nis = ", ".join(
        f"{kind.replace('_', ' ')} {row[0] / row[1]:.2f}" for kind, row in kinds.items() if row[1]
    )
    return f"| {mission} | {' | '.join(ends)} | {outside} | {nis} |"


def column_means(squares):
    """Means of what is there, not-a-number where nothing is."""
    there = np.isfinite(squares)
    total = np.where(there, squares, 0.0).sum(axis=0)
    return np.where(there.any(axis=0), total / np.maximum(there.sum(axis=0), 1), np.nan)


def least_to_most(means):
    """The range of means over check points, those outside 0.5 to 1.3 counted."""
    there = means[np.isfinite(means)]
    outside = np.sum((there < 0.5) | (there > 1.3))
    counted = f" ({outside} of {len(there)} out)" if outside else ""
    return f"{there.min():.2f} to {there.max():.2f}{counted}"


def share(squares):
    """Outside three sigma, in per cent."""
    there = squares[np.isfinite(squares)]
    return f"{100.0 * np.mean(there > BEYOND):.2f} %"


def shown(means):
    """Two digits each, a dash where there is nothing."""
    return ["-" if np.isnan(mean) else f"{mean:.2f}" for mean in means]


def main(words):
    """Print the lines of every mission, then one line each."""
    use_cache(lambda said: print(said, file=sys.stderr))
    factor = float(words[0]) if words else 1.0
    lines = []
    for mission in words[1:] or catalog_names("mission", None):
        squares, kinds = flown(mission, factor)
        by_point(mission, squares)
        lines.append(summary_of(mission, squares, kinds))
    print("\n".join(lines))


if __name__ == "__main__":
    main(sys.argv[1:])
