"""One page that holds a whole judged flight and needs nothing but itself to be read."""

import importlib.util
import json
from collections.abc import Iterable, Mapping
from functools import cache
from html import escape
from pathlib import Path
from string import Template

import pyarrow as pa

from perilune.errors import InputError
from perilune.report.figure import Figure
from perilune.report.ground_track import ground_track_figures
from perilune.report.innovations import innovation_figures
from perilune.report.navigation import navigation_figures
from perilune.report.record import Record, record_of
from perilune.report.sentence import headline, outcome_words, verdict_sentence
from perilune.report.speeds import speed_figures
from perilune.report.tables import (
    criteria_table,
    events_table,
    provenance_table,
    sources_tables,
    terrain_table,
)
from perilune.report.trajectory import trajectory_figures
from perilune.report.units import said, shown
from perilune.report.vehicle import vehicle_figures

_HERE = Path(__file__).parent
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
    `title`, `summary`; `site` {latitude_deg, longitude_deg}; `map` {x_km, y_km, height_m, title},
    or several; `terrain`, rows of what is measured and what is made up; `sources`, path to
    {value, tag}; `modes`, number to name; `throttle_floor`; `limits` with any of
    vertical_speed_m_s, horizontal_speed_m_s, tilt_deg, body_rate_deg_s, leg_stroke_m, miss_m,
    full_thrust_n, planned_thrust_fraction. What is not given is not drawn.
    """
    record = record_of(result, telemetry, extras)
    groups = _groups(record, result)
    parts = {
        "title": escape(extras.get("title") or said(result["mission"])),
        "tone": "clean" if result["clean"] else "unclean",
        "headline": escape(f"{headline(result)} · {outcome_words(result)}"),
        "sentence": escape(verdict_sentence(result)),
        "summary": escape(extras.get("summary") or ""),
        "run": escape(_run_words(result)),
        "tiles": _tiles(result),
        "contents": "".join(f'<a href="#{key}">{escape(name)}</a>' for key, name, _ in groups),
        "sections": "".join(_section(*group) for group in groups),
        "style": (_HERE / "page.css").read_text(encoding="utf-8"),
        "script": (_HERE / "page.js").read_text(encoding="utf-8"),
        "plotly": plotly_js(),
        "figures": _figures_json(group[2] for group in groups),
    }
    return Template((_HERE / "page.html").read_text(encoding="utf-8")).substitute(parts)


@cache
def plotly_js() -> str:
    """plotly.js as its Python package carries it, found without importing the package."""
    found = importlib.util.find_spec("plotly")
    if found is None or found.origin is None:
        raise InputError("plotly must be installed for the report, but is not; run `make fly`.")
    folder = Path(found.origin).parent
    return (folder / "package_data" / "plotly.min.js").read_text(encoding="utf-8")


def _groups(record: Record, result: Mapping) -> list[tuple[str, str, list]]:
    """The page's sections in order: key, name, and what is in it, figures or HTML."""
    extras = record.extras
    groups: list[tuple[str, str, list]] = [
        ("criteria", "Criteria", [criteria_table(result)]),
        ("events", "Events", [events_table(result, record.pdi_s, record.contact_s)]),
        ("descent", "Descent", _drawn(trajectory_figures(record) + speed_figures(record))),
        ("track", "Ground track", _drawn(ground_track_figures(record))),
        ("lander", "Lander", _drawn(vehicle_figures(record))),
        ("navigation", "Navigation", _drawn(navigation_figures(record))),
        ("sensors", "Sensors", _drawn(innovation_figures(record))),
        ("terrain", "Terrain", _if_any(terrain_table, extras.get("terrain"))),
        ("sources", "Assumptions", _if_any(sources_tables, extras.get("sources"))),
        ("provenance", "Provenance", _if_any(provenance_table, result["provenance"])),
    ]
    return [group for group in groups if group[2]]


def _drawn(figures: list[Figure]) -> list[Figure]:
    """The figures that have something to show."""
    return [figure for figure in figures if figure.body["data"]]


def _if_any(made, of) -> list[str]:
    return [made(of)] if of else []


def _section(key: str, name: str, contents: Iterable) -> str:
    body = "".join(_slot(each) if isinstance(each, Figure) else each for each in contents)
    kind = "figures" if "<figure" in body else "words"
    return f'<section id="{key}"><h2>{escape(name)}</h2><div class="{kind}">{body}</div></section>'


def _slot(figure: Figure) -> str:
    keys = "".join(
        f'<li><i class="{escape(look)}" style="--c:var({colour})"></i>{escape(name)}</li>'
        for name, colour, look in figure.legend
    )
    height = figure.body["layout"]["height"]
    return (
        f"<figure><h3>{escape(figure.title)}</h3><ul class=legend>{keys}</ul>"
        f'<div class=plot id="{figure.key}" style="height:{height}px"></div>'
        f"<figcaption>{escape(figure.says)}</figcaption></figure>"
    )


def _figures_json(groups: Iterable[Iterable]) -> str:
    """The figures' bodies by key, safe inside a script element."""
    figures = {
        each.key: each.body for group in groups for each in group if isinstance(each, Figure)
    }
    return json.dumps(figures, allow_nan=False, separators=(",", ":")).replace("<", "\\u003c")


def _tiles(result: Mapping) -> str:
    touchdown = result["touchdown"]
    if touchdown is None:
        return ""
    return "".join(
        f"<li><b>{shown(touchdown[name], unit)}</b><span>{words}</span></li>"
        for name, unit, words in _TILES
    )


def _run_words(result: Mapping) -> str:
    faults = ", ".join(result["faults"]) or "no faults"
    return f"seed {result['seed']} · run {result['run']} · {faults}"
