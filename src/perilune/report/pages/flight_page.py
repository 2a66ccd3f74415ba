"""One page that holds a whole judged flight and needs nothing but itself to be read."""

from collections.abc import Mapping
from html import escape

import pyarrow as pa

from perilune.report.figures.figure import Figure
from perilune.report.figures.ground_track import ground_track_figures
from perilune.report.figures.innovations import innovation_figures, silent_words
from perilune.report.figures.navigation_errors import navigation_figures
from perilune.report.figures.speeds import speed_figures
from perilune.report.figures.trajectory import trajectory_figures
from perilune.report.figures.vehicle_plots import vehicle_figures
from perilune.report.flight_tables import (
    criteria_table,
    events_table,
    provenance_table,
    sources_tables,
    terrain_table,
)
from perilune.report.pages.page_shell import Head, page_html, plotly_js
from perilune.report.pages.places_table import places_html
from perilune.report.record import Record, record_of
from perilune.report.sentence import headline, is_off_target, verdict_sentence
from perilune.report.unit_labels import said, shown

__all__ = ["plotly_js", "report_html"]

_BESIDE = (
    "This page needs no other file. Its numbers are in result.json and telemetry.parquet, written "
    "to the same folder."
)
_TILES = (
    ("vertical_speed_m_s", "m/s", "down at contact"),
    ("horizontal_speed_m_s", "m/s", "across at contact"),
    ("tilt_deg", "°", "tilt at rest"),
    ("miss_m", "m", "from the aim point"),
    ("propellant_kg", "kg", "propellant left"),
)


def report_html(result: Mapping, telemetry: pa.Table, extras: Mapping) -> str:
    """The page of one flight.

    `result` is a `result.json`, `telemetry` the table of `telemetry_table`. `extras` may have:
    `title`, `summary`; `site` {latitude_deg, longitude_deg}; `map` {x_km, y_km, height_m, title,
    ground, shows}, or several; `terrain`, rows of what is measured and what is made up; `sources`,
    path to {value, tag, drawn}; `modes`, number to name; `throttle_floor`; `absent`,
    instruments that the lander lacks; `limits` with any of
    vertical_speed_m_s, horizontal_speed_m_s, tilt_deg, body_rate_deg_s, leg_stroke_m, miss_m,
    full_thrust_n, planned_thrust_fraction, gimbal_deg, crush_force_n, crash_speed_m_s; `legs`, this
    flight's own as `legs_flown` gives them, which go before the nominal crush force. What is not
    given is not drawn.
    """
    record = record_of(result, telemetry, extras)
    groups = _groups(record, result)
    head = Head(
        kind="flight report",
        title=extras.get("title") or said(result["mission"]),
        tone="open" if is_off_target(result) else "clean" if result["clean"] else "unclean",
        headline=headline(result),
        sentence=verdict_sentence(result),
        summary=extras.get("summary") or "",
        run=_run_words(result),
        tiles=_tiles(result),
    )
    return page_html(head, groups)


def _groups(record: Record, result: Mapping) -> list[tuple[str, str, list]]:
    """The page's sections in order: key, name, and what is in it, figures or HTML."""
    extras = record.extras
    groups: list[tuple[str, str, list]] = [
        ("criteria", "Criteria", [criteria_table(result)]),
        ("events", "Events", [events_table(result, record.pdi_s, record.contact_s)]),
        ("descent", "Descent", _drawn(trajectory_figures(record) + speed_figures(record))),
        ("track", "Ground track", [places_html(result), *_drawn(ground_track_figures(record))]),
        ("lander", "Lander", _drawn(vehicle_figures(record))),
        ("navigation", "Navigation", _drawn(navigation_figures(record))),
        ("sensors", "Sensors", [*_silent(record), *_drawn(innovation_figures(record))]),
        ("terrain", "Terrain", _if_any(terrain_table, extras.get("terrain"))),
        ("sources", "Sources", _if_any(sources_tables, _sources(result, extras))),
        ("provenance", "Provenance", _if_any(_made_from, result["provenance"])),
    ]
    return [group for group in groups if group[2]]


def _drawn(figures: list[Figure]) -> list[Figure]:
    """The figures that have something to show."""
    return [figure for figure in figures if figure.body["data"]]


def _if_any(made, of) -> list[str]:
    return [made(of)] if of else []


def _silent(record: Record) -> list[str]:
    return [f"<p>{escape(words)}</p>" for words in silent_words(record)]


def _sources(result: Mapping, extras: Mapping) -> dict:
    """Where the values are from; in a nominal flight none of them is drawn."""
    sources = extras.get("sources") or {}
    if not result["provenance"].get("nominal"):
        return dict(sources)
    return {path: {**each, "drawn": None} for path, each in sources.items()}


def _made_from(provenance: Mapping) -> str:
    """Where the numbers of the page are, and what they were made from."""
    return f"<p>{_BESIDE}</p>{provenance_table(provenance)}"


def _tiles(result: Mapping) -> tuple[tuple[str, str], ...]:
    touchdown = result["touchdown"]
    if touchdown is None:
        return ()
    return tuple((shown(touchdown[name], unit), words) for name, unit, words in _TILES)


def _run_words(result: Mapping) -> str:
    faults = ", ".join(result["faults"]) or "no faults"
    if result["provenance"].get("nominal"):
        return f"nominal, every draw off · {faults}"
    return f"seed {result['seed']} · run {result['run']} · {faults}"
