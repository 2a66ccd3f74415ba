"""Draws docs/pictures/faults.svg: one flight with each fault of the catalog, beside that without.

python -m tools.fault_sheet

Run 0 of seed 1 of `athena`, without measured maps and over ground that is smooth below the map.
"""

import itertools
import sys
from collections.abc import Callable, Iterator, Mapping
from html import escape
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from jaxtyping import Float

import perilune
from perilune.app.sampled_flight import compiled_flight
from perilune.interfaces.events import EVENT_NAMES, Event
from perilune.interfaces.units import kind_of
from perilune.mission.fault import effects_of
from perilune.mission.mission import Mission
from perilune.report.fault_spans import FaultSpan, fault_spans
from perilune.report.pages.flight_extras import faults_of
from perilune.telemetry.flight_columns import telemetry_columns
from tools.fault_programs import MISSION, fitting, plan_with, sets_numbers, with_fault

PICTURE = Path(__file__).resolve().parents[1] / "docs" / "pictures" / "faults.svg"
SEED, RUN = 1, 0
COLUMN_COUNT, WIDE_PX, HIGH_PX, HEAD_PX, LEFT_PX, GAP_PX = 6, 200, 118, 26, 34, 10
POINT_COUNT = 110
LAST_S, LATE_S = 30.0, 60.0
"""A fault that begins later than so long before contact is drawn over the last seconds."""

Columns = Mapping[str, Float[np.ndarray, " row"]]


class Flown(NamedTuple):
    """One flight: its columns, its events by name, when its fault was on, and how it ended."""

    columns: Columns
    events: list[dict[str, Any]]
    spans: list[FaultSpan]
    ending: str


def _size(*names: str) -> Callable[[Columns], Float[np.ndarray, " row"]]:
    return lambda columns: np.sqrt(sum(np.nan_to_num(columns[name]) ** 2 for name in names))


ATTITUDE = "attitude error, deg", _size(*(f"attitude_error_{axis}_deg" for axis in "xyz"))
SPEED = (
    "velocity error, m/s",
    _size(*(f"velocity_error_{axis}_m_s" for axis in ("along", "cross", "radial"))),
)
PLACE = (
    "position error, m",
    _size(*(f"position_error_{axis}_m" for axis in ("along", "cross", "radial"))),
)
HEIGHT = "height error, m", _size("height_error_over_ground_m")
THRUST = "thrust, kN", lambda columns: columns["thrust_n"] / 1e3
GIMBAL = "gimbal, deg", _size("gimbal_x_deg", "gimbal_y_deg")
GAS = "cold gas, kg", lambda columns: columns["cold_gas_kg"]
MASS = (
    "mass error, kg",
    lambda columns: np.abs(np.nan_to_num(columns["estimated_mass_kg"] - columns["mass_kg"])),
)
LEFT = "propellant, kg", lambda columns: columns["propellant_kg"]
BY_KIND = {
    "star_tracker": ATTITUDE,
    "altimeter": HEIGHT,
    "velocimeter": SPEED,
    "optical_velocity": SPEED,
    "camera": PLACE,
    "propellant": LEFT,
    "propellant_gauge": MASS,
    "computer": PLACE,
    "contact_switches": THRUST,
}


def shown_by(name: str, mission: Mission) -> tuple[str, Callable]:
    """The quantity that shows a fault, and its axis in words."""
    if sets_numbers(name):
        return THRUST if "table" in name else PLACE
    signals = mission.faults[name].signals.items()
    label, table = next((label, each) for label, each in signals if effects_of(each))
    effects = effects_of(table)
    if label == "imu":
        return SPEED if effects[0].startswith("accelerometer") else ATTITUDE
    if label == "command":
        if any("thrusters" in unit for unit in table.units):
            return GAS
        return GIMBAL if effects[0].startswith("gimbal") else THRUST
    return BY_KIND.get(kind_of(label), HEIGHT)


def flown_with() -> Callable[[str | None], tuple[Mission, Flown]]:
    """A function: the flight with a fault, or with none; faults of signals share a program."""
    healthy = with_fault(None)

    def flown(name: str | None) -> tuple[Mission, Flown]:
        mission = healthy if name is None else with_fault(name)
        plan = plan_with(mission, name)
        fly = compiled_flight(plan, None, sys.stderr.write).fly
        values, summary, samples = fly(plan, perilune.run_key(SEED, RUN))
        columns = telemetry_columns(plan, samples)
        times_s = zip(EVENT_NAMES, np.asarray(summary.event_time_s), strict=True)
        events = [{"name": each, "time_s": float(at)} for each, at in times_s if np.isfinite(at)]
        rows = [each for each in faults_of(mission, plan, values) if each["fault"] == name]
        spans = fault_spans(rows, events, columns["time_s"], columns["height_m"])
        verdict = perilune.judge(summary, mission)
        ending = "clean" if verdict.clean else verdict.outcome.replace("_", " ").lower()
        return mission, Flown(columns, events, spans, ending)

    return flown


def time_of(flown: Flown, event: Event) -> float:
    """When an event was, or the end of the flight."""
    times = {each["name"]: each["time_s"] for each in flown.events}
    return times.get(EVENT_NAMES[event], float(flown.columns["time_s"][-1]))


def panel(name: str, without: Flown, mission: Mission, found: Flown) -> Iterator[str]:
    """One fault: grey without it, red with it, shaded while it is on; zero at the bottom."""
    axis, of = shown_by(name, mission)
    low_s, high_s, zero, zero_s = window(name, without, found)
    at_s = np.linspace(low_s, high_s, POINT_COUNT)
    lines = [_sampled(each.columns, of, at_s) for each in (without, found)]
    top = float(max(1e-9, *(np.nanmax(each, initial=0.0) for each in lines)))

    def x(time_s: float) -> float:
        share = (min(max(time_s, low_s), high_s) - low_s) / (high_s - low_s)
        return LEFT_PX + share * (WIDE_PX - LEFT_PX)

    def y(value: float) -> float:
        return HIGH_PX - 14 - (HIGH_PX - 14 - HEAD_PX) * value / top

    for span in found.spans:
        if span.begins_s is not None:
            left, right = x(span.begins_s), x(high_s if span.ends_s is None else span.ends_s)
            yield (
                f'<rect class="on" x="{left:.1f}" y="{HEAD_PX}" '
                f'width="{max(right - left, 1.5):.1f}" height="{HIGH_PX - 14 - HEAD_PX}"/>'
            )
    yield f'<path class="axis" d="M{LEFT_PX} {HEAD_PX}V{HIGH_PX - 14}H{WIDE_PX}"/>'
    for look, values in zip(("without", "with"), lines, strict=True):
        points = (
            f"{x(time_s):.1f},{y(value):.1f}"
            for time_s, value in zip(at_s, values, strict=True)
            if np.isfinite(value)
        )
        yield f'<polyline class="{look}" points="{" ".join(points)}"/>'
    yield f'<text class="name" x="0" y="9">{escape(name)}</text>'
    yield f'<text x="0" y="20">{escape(axis)} · {escape(found.ending)}</text>'
    shown = f"{top:.0f}" if top >= 100.0 else f"{top:.3g}"
    yield f'<text x="{LEFT_PX - 3}" y="{HEAD_PX + 7}" text-anchor="end">{shown}</text>'
    yield f'<text x="{LEFT_PX}" y="{HIGH_PX - 4}">{zero}{low_s - zero_s:+.0f} s</text>'
    last = f"{high_s - zero_s:+.0f} s"
    yield f'<text x="{WIDE_PX}" y="{HIGH_PX - 4}" text-anchor="end">{last}</text>'


class Window(NamedTuple):
    """The time that a panel shows, and what it is counted from."""

    low_s: float
    high_s: float
    zero: str
    zero_s: float


def window(name: str, without: Flown, found: Flown) -> Window:
    """Powered descent; the last seconds of a late fault; all of a flight that ended before it."""
    ignition_s, contact_s = (time_of(without, each) for each in (Event.IGNITION, Event.CONTACT))
    begins_s = [each.begins_s for each in found.spans if each.begins_s is not None]
    if name.startswith("contact") or min(begins_s, default=0.0) > contact_s - LATE_S:
        return Window(contact_s - LAST_S, contact_s + 5.0, "TD", contact_s)
    ended_s = time_of(found, Event.END)
    if ended_s < ignition_s:
        return Window(0.0, ended_s, "T", 0.0)
    return Window(ignition_s, contact_s, "PDI", ignition_s)


def _sampled(
    columns: Columns, of: Callable, at_s: Float[np.ndarray, " point"]
) -> Float[np.ndarray, " point"]:
    """A quantity at some times, the largest of each interval, and not-a-number after the flight."""
    time_s, values = np.asarray(columns["time_s"]), np.asarray(of(columns), float)
    edges = np.append(at_s, 2.0 * at_s[-1] - at_s[-2])
    places = np.searchsorted(time_s, edges)
    found = [
        np.nan if left >= len(values) else np.nanmax(values[left : max(right, left + 1)])
        for left, right in itertools.pairwise(places)
    ]
    return np.array(found)


def sheet() -> str:
    """The whole picture."""
    flown = flown_with()
    _, without = flown(None)
    panels = []
    for place, name in enumerate(fitting(MISSION)):
        mission, found = flown(name)
        row, column = divmod(place, COLUMN_COUNT)
        left, top = column * (WIDE_PX + GAP_PX) + GAP_PX, row * (HIGH_PX + GAP_PX) + 34
        drawn = "".join(panel(name, without, mission, found))
        panels.append(f'<g transform="translate({left} {top})">{drawn}</g>\n')
    rows = -(-len(panels) // COLUMN_COUNT)
    wide, high = COLUMN_COUNT * (WIDE_PX + GAP_PX) + GAP_PX, rows * (HIGH_PX + GAP_PX) + 34
    return HEAD.format(wide=wide, high=high) + "".join(panels) + "</svg>\n"


HEAD = """\
<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {wide} {high}" width="{wide}" height="{high}">
<style>text{{font:9px sans-serif;fill:#555}}.name{{font-weight:bold;font-size:10px;fill:#111}}
.without{{fill:none;stroke:#999;stroke-width:2.2}}.with{{fill:none;stroke:#c22;stroke-width:1}}
.on{{fill:#f6dfc4}}.axis{{fill:none;stroke:#bbb;stroke-width:.7}}</style>
<rect width="100%" height="100%" fill="#fff"/>
<text x="10" y="18" style="font-size:12px">One flight of athena with each fault of the catalog: \
grey without it, red with it, shaded while it is on. Time from ignition (PDI) or about touchdown \
(TD); the scale begins at zero.</text>
"""


def main() -> None:
    """Fly them and write the picture."""
    PICTURE.write_text(sheet(), encoding="utf-8")


if __name__ == "__main__":
    main()
