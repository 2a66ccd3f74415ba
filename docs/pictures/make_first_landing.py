"""Draws the README's picture from the folder of a flight: its telemetry and its result.

    perilune fly athena && python docs/pictures/make_first_landing.py runs/athena-s0-r0

Needs matplotlib, which the test extra brings.
"""

import json
import sys
from pathlib import Path

import matplotlib as mpl
import numpy as np
import pyarrow.parquet as pq

mpl.use("agg")
from matplotlib import pyplot as plt

PICTURE = Path(__file__).with_name("first-landing.png")
INK, PATH, GROUND, BELIEF = "#20242b", "#1f6fb4", "#b9b2a6", "#d1603d"
COLUMNS = ["time_s", "mode", "range_m", "altitude_m", "height_m", "estimated_height_m"]


def main(folder):
    """Draw the flight in a folder and write the picture beside this script."""
    flown = pq.read_table(Path(folder) / "telemetry.parquet", columns=COLUMNS)
    rows = {name: flown[name].to_numpy() for name in COLUMNS}
    result = json.loads((Path(folder) / "result.json").read_text())
    events = {event["name"]: event["time_s"] for event in result["events"]}
    style = {"font.size": 10, "axes.spines.top": False, "axes.spines.right": False}
    with plt.rc_context(style | {"axes.edgecolor": INK, "text.color": INK}):
        figure, axes = plt.subplots(
            1, 2, figsize=(12.0, 4.2), width_ratios=[2.1, 1.0], constrained_layout=True
        )
        draw_braking(axes[0], rows, events)
        draw_landing(axes[1], rows, events)
        figure.savefig(PICTURE, dpi=110, metadata={"Software": None})


def draw_braking(axis, rows, events):
    """From ignition's far side to the ground, heights stretched."""
    late = (rows["mode"] >= 2) & (rows["range_m"] < 640e3)
    range_km, altitude_km = rows["range_m"][late] / 1e3, rows["altitude_m"][late] / 1e3
    ground_km = altitude_km - rows["height_m"][late] / 1e3
    axis.fill_between(range_km, ground_km, ground_km.min() - 0.6, color=GROUND, lw=0)
    axis.plot(range_km, altitude_km, color=PATH, lw=2)
    braking_min = (events["gate"] - events["ignition"]) / 60.0
    words = {
        "ignition": "ignition",
        "gate": "gate: pitch-over",
        "contact": "contact",
    }
    for name, text in words.items():
        mark(axis, text, *at(rows, events, name, "altitude_m"), name)
    axis.set(
        xlim=(640, -12),
        ylim=(ground_km.min() - 0.6, altitude_km.max() * 1.12),
        xlabel="distance to the aim point along the ground, km",
        ylabel="altitude over the 1,737.4 km sphere, km",
        title=f"Braking: {braking_min:.0f} minutes, 1.7 km/s to 50 m/s",
    )


def at(rows, events, name, column):
    """Where an event was: distance to the aim point and a column, both in km."""
    row = np.searchsorted(rows["time_s"], events[name])
    return rows["range_m"][row] / 1e3, rows[column][row] / 1e3


def mark(axis, text, x, y, name):
    """A dot with its word."""
    shift = {"gate": (-26, 26), "contact": (-40, 8)}.get(name, (6, 12))
    axis.plot(x, y, "o", color=INK, ms=4)
    arrow = {"arrowstyle": "-", "color": INK, "lw": 0.6} if name != "ignition" else None
    axis.annotate(
        text,
        (x, y),
        shift,
        textcoords="offset points",
        arrowprops=arrow,
        ha="right" if arrow else "left",
    )


def draw_landing(axis, rows, events):
    """The last minute and a half: true height and the height the lander believes it has."""
    before_s = events["contact"] - rows["time_s"]
    last = (before_s < 90.0) & (before_s >= -2.0)
    axis.plot(-before_s[last], rows["height_m"][last], color=PATH, lw=2, label="true")
    axis.plot(
        -before_s[last],
        rows["estimated_height_m"][last],
        color=BELIEF,
        lw=1.2,
        ls=(0, (4, 2)),
        label="believed",
    )
    axis.axvline(events["vertical_descent"] - events["contact"], color=INK, lw=0.6)
    axis.annotate(
        "vertical descent",
        (events["vertical_descent"] - events["contact"], 900.0),
        (-5, 0),
        textcoords="offset points",
        ha="right",
    )
    axis.set(
        yscale="symlog",
        xlim=(-90, 2),
        ylim=(0, 2_000),
        yticks=[0, 1, 10, 100, 1_000],
        yticklabels=["0", "1", "10", "100", "1,000"],
        xlabel="time to contact, s",
        ylabel="height of the footpads, m",
        title="Landing: true and believed",
    )
    axis.legend(frameon=False, loc="lower left")


if __name__ == "__main__":
    main(*sys.argv[1:2] or ["runs/athena-s0-r0"])
