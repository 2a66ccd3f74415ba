"""One page that holds a whole judged flight and needs nothing but itself to be read."""

from collections.abc import Mapping

import pyarrow as pa

from perilune.report.figures.figure import Figure
from perilune.report.figures.ground_track import ground_track_figures
from perilune.report.figures.innovations import innovation_figures, silent_words
from perilune.report.figures.navigation_errors import navigation_figures
from perilune.report.figures.speeds import speed_figures
from perilune.report.figures.trajectory import trajectory_figures
from perilune.report.figures.vehicle_plots import vehicle_figures
from perilune.report.pages.content import Paragraph, Part, Section
from perilune.report.pages.flight_tables import (
    criteria_table,
    draws_table,
    events_table,
    faults_table,
    phases_table,
    provenance_table,
    terrain_table,
)
from perilune.report.pages.page_shell import Head, page_html, plotly_js
from perilune.report.pages.places_table import places_table
from perilune.report.pages.sources_tables import sources_tables
from perilune.report.record import Record, record_of
from perilune.report.sentence import headline, is_off_target, verdict_sentence
from perilune.report.unit_labels import shown, spelled_out

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
    path to {value, tag, drawn}; `draws`, rows of what this flight drew; `modes` and `engines`,
    number to name; `throttle_floor`; `absent`, instruments that the lander lacks; `limits`
    with any of
    vertical_speed_m_s, horizontal_speed_m_s, tilt_deg, body_rate_deg_s, leg_stroke_m, miss_m,
    full_thrust_n, planned_thrust_fraction, gimbal_deg, crush_force_n, crash_speed_m_s; `legs`, this
    flight's own as `legs_flown` gives them, which go before the nominal crush force. What is not
    given is not drawn.
    """
    record = record_of(result, telemetry, extras)
    head = Head(
        kind="flight report",
        title=extras.get("title") or spelled_out(result["mission"]),
        tone="open" if is_off_target(result) else "clean" if result["clean"] else "unclean",
        headline=headline(result),
        sentence=verdict_sentence(result),
        summary=extras.get("summary") or "",
        run=_run_words(result),
        tiles=_tiles(result),
    )
    return page_html(head, _sections(record, result))


def _sections(record: Record, result: Mapping) -> list[Section]:
    """The page's sections in order."""
    extras = record.extras
    return [
        Section("criteria", "Criteria", [criteria_table(result)]),
        Section(
            "events",
            "Events",
            [
                events_table(result, record.pdi_s, record.contact_s),
                *faults_table(record),
                *phases_table(record),
            ],
        ),
        Section("descent", "Descent", _drawn(trajectory_figures(record) + speed_figures(record))),
        Section(
            "track",
            "Ground track",
            [*places_table(result), *_drawn(ground_track_figures(record))],
        ),
        Section("lander", "Lander", [_control(result), *_drawn(vehicle_figures(record))]),
        Section("navigation", "Navigation", _drawn(navigation_figures(record))),
        Section("sensors", "Sensors", [*_silent(record), *_drawn(innovation_figures(record))]),
        Section("terrain", "Terrain", _terrain(extras)),
        Section("draws", "Draws", _draws(extras)),
        Section("sources", "Sources", _sources(result, extras)),
        Section("provenance", "Provenance", _made_from(result["provenance"])),
    ]


def _control(result: Mapping) -> Part:
    """How long the actuators could not make what was wanted, in words."""
    thrust_s, torque_s = (result["control"][f"{what}_short_s"] for what in ("thrust", "torque"))
    if thrust_s == torque_s == 0.0:
        return Paragraph(
            "Control authority: in powered descent the actuators made all thrust and torque wanted."
        )
    return Paragraph(
        "Control authority: in powered descent the commanded thrust differed from the thrust that "
        f"guidance wanted by more than 1 % of full thrust for {shown(thrust_s, 's')}, and the "
        "commanded torque from the torque that the attitude loop wanted, by more than gives "
        f"0.1°/s² of angular acceleration, for {shown(torque_s, 's')}."
    )


def _drawn(figures: list[Figure]) -> list[Figure]:
    """The figures that have something to show."""
    return [figure for figure in figures if figure.body["data"]]


def _terrain(extras: Mapping) -> list[Part]:
    return [terrain_table(extras["terrain"])] if extras.get("terrain") else []


def _draws(extras: Mapping) -> list[Part]:
    return [draws_table(extras["draws"])] if extras.get("draws") else []


def _silent(record: Record) -> list[Part]:
    return [Paragraph(words) for words in silent_words(record)]


def _sources(result: Mapping, extras: Mapping) -> list[Part]:
    """Where the values are from; in a nominal flight none of them is drawn."""
    sources = extras.get("sources") or {}
    if result["provenance"].get("nominal"):
        sources = {path: {**each, "drawn": None} for path, each in sources.items()}
    return sources_tables(sources) if sources else []


def _made_from(provenance: Mapping) -> list[Part]:
    """Where the numbers of the page are, and what they were made from."""
    return [Paragraph(_BESIDE), provenance_table(provenance)] if provenance else []


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
