"""Knows how MuJoCo ends the two hundred random touchdowns, beside ours.

On rock: its contacts cannot be made to sink plastically. Struts, their stages and their two ways,
friction, hull, bells and what breaks a leg are in both.
"""

import functools
from typing import NamedTuple

import jax
import numpy as np

from perilune.flight.drop_start import drop_start, slope_ground
from perilune.flight.lander_drop import DropEnd
from perilune.mechanics.mass_properties import mass_properties
from validation.comparison import Comparison
from validation.mujoco_drop import Ended, dropped
from validation.random_touchdowns import COUNT, GEAR_ON_ROCK, ROCK, case, drops, flown

NAMES = (ROCK, GEAR_ON_ROCK)
APART = 10
"""Of two hundred, at most."""


class Pair(NamedTuple):
    """One touchdown: as it was asked for, ours and theirs."""

    words: str
    ours: Ended
    theirs: Ended


def compare():
    """How many of each two hundred end otherwise."""
    return [counted(name) for name in NAMES]


def counted(name, count=COUNT):
    """How many of the first touchdowns of a case end otherwise than ours, one in twenty allowed."""
    found = pairs(name, count)
    apart = sum(each.ours.ending != each.theirs.ending for each in found)
    most = APART * count / COUNT
    return Comparison(
        f"{name}: touchdowns that end otherwise", apart, most, f"of {count}", "MuJoCo 4"
    )


@functools.cache
def pairs(name, count=COUNT):
    """The first touchdowns of a case, by both."""
    here, asked = case(name), drops(count)
    mass = mass_properties(here.vehicle.mass, here.tank_kg)
    starts = jax.vmap(
        lambda drop: drop_start(
            here.vehicle, slope_ground(here.vehicle, drop.slope_rad), here.tank_kg, drop, 0.0
        )
    )(asked)
    theirs = [
        dropped(here, mass, start, float(slope_rad))
        for start, slope_rad in zip(_each(starts, count), asked.slope_rad, strict=True)
    ]
    ours = _ours(flown(name, count=count), count)
    return tuple(map(Pair, _words(asked, count), ours, theirs))


def _each(tree, count):
    host = jax.tree.map(np.asarray, tree)
    return [jax.tree.map(lambda leaf, at=at: leaf[at], host) for at in range(count)]


def _ours(found, count):
    return [
        Ended(
            int(each.ending),
            float(each.tilt_rad),
            float(each.slid_m),
            float(np.max(each.touch.legs.stroke_m[:, 0, 0])),
            float(np.max(each.touch.peak_force_n[: len(each.touch.legs.broken)])),
        )
        for each in _each(found, count)
    ]


def _words(asked, count):
    return [
        f"{at} | {each.vertical_speed_m_s:.2f} | {each.horizontal_speed_m_s:.2f} | "
        f"{np.rad2deg(each.slope_rad):.1f} | {np.rad2deg(each.azimuth_rad):.0f}"
        for at, each in enumerate(_each(asked, count))
    ]


def table(name):
    """How both end, ours by rows, and the touchdowns that end otherwise; in Markdown."""
    found = pairs(name)
    ends = [each.name.lower() for each in DropEnd]
    rows = [f"| ours, down; MuJoCo's, across | {' | '.join(ends)} |", "|---" * 5 + "|"]
    for ours in DropEnd:
        counts = [
            sum((each.ours.ending, each.theirs.ending) == (ours, theirs) for each in found)
            for theirs in DropEnd
        ]
        rows.append(f"| {ours.name.lower()} | {' | '.join(map(str, counts))} |")
    heads = "number | down, m/s | across, m/s | slope, deg | azimuth, deg | ending | tilt, deg"
    rows += ["", f"| {heads} | slid, m | stroke, m | peak load of a leg, kN |", "|---" * 10 + "|"]
    rows += [_row(each) for each in found if each.ours.ending != each.theirs.ending]
    return "\n".join(rows)


def _row(pair):
    both = [
        (
            DropEnd(each.ending).name.lower(),
            f"{np.rad2deg(each.tilt_rad):.1f}",
            f"{each.slid_m:.2f}",
            f"{each.stroke_m:.3f}",
            f"{each.peak_leg_load_n / 1e3:.1f}",
        )
        for each in (pair.ours, pair.theirs)
    ]
    cells = " | ".join(f"{ours}; {theirs}" for ours, theirs in zip(*both, strict=True))
    return f"| {pair.words} | {cells} |"


def medians(name):
    """Of the touchdowns that end alike: how far apart slide, tilt and stroke are, half of them."""
    alike = [
        each for each in pairs(name) if each.ours.ending == each.theirs.ending < DropEnd.TIPPED
    ]
    return {
        field: float(np.median([abs(getattr(a, field) - getattr(b, field)) for _, a, b in alike]))
        for field in ("slid_m", "tilt_rad", "stroke_m")
    }


if __name__ == "__main__":
    for each in NAMES:
        print(f"\n{each}\n\n{table(each)}\n\n{medians(each)}")
