import json
import re
import time

import numpy as np
import pyarrow as pa
import pytest

from perilune.report.figures.vehicle_plots import tanks
from perilune.report.flight_parquet import telemetry_table
from perilune.report.pages.flight_page import plotly_js, report_html
from perilune.report.record import record_of
from perilune.report.result import result_document

SECTIONS = (
    "criteria",
    "events",
    "descent",
    "track",
    "lander",
    "navigation",
    "sensors",
    "terrain",
    "sources",
    "provenance",
)

VEHICLE = ["attitude", "throttle", "settling"]


@pytest.fixture(scope="module")
def page_of(telemetry, extras):
    """The page of a result, less plotly.js, which is not ours to judge."""

    def made(result, table=telemetry, more=extras):
        return report_html(result, table, more).replace(plotly_js(), "")

    return made


def figures_of(page):
    return json.loads(re.search(r'id="figures">(.*?)</script>', page, re.DOTALL)[1])


def test_the_page_has_every_section_and_the_way_to_it(page_of, result):
    page = page_of(result)
    assert re.findall(r'<section id="(\w+)"', page) == list(SECTIONS)
    assert re.findall(r'<a href="#(\w+)"', page) == list(SECTIONS)


def test_what_the_flight_drew_is_a_section_of_its_own(page_of, result, extras):
    drew = {
        "path": "lander.engine.max_thrust",
        "value": "4031.23456789 N",
        "nominal": "4000 N",
        "sigma": 0.7808641972,
        "drawn": "normal, sigma 40 N",
    }
    page = page_of(result, more=extras | {"draws": [drew, drew | {"sigma": None}]})
    assert re.findall(r'<section id="(\w+)"', page) == [*SECTIONS[:-2], "draws", *SECTIONS[-2:]]
    (table,) = re.findall(r'<section id="draws".*?</section>', page, re.DOTALL)
    cells = re.findall(r"<td[^>]*>(.*?)</td>", table, re.DOTALL)
    assert cells[:5] == [drew["path"], "4031 N", "4000 N", "0.78", "normal, sigma 40 N"]
    assert cells[8] == "\N{EN DASH}"


def test_the_page_needs_nothing_from_anywhere(page_of, result):
    page = page_of(result)
    assert "default-src 'none'" in page
    assert not re.findall(r"https?:|//\w+\.|@import|<link|<script src|url\(", page)
    assert plotly_js() in report_html(
        result, telemetry_table({"time_s": [0.0], "phase": [0]}, {}), {}
    )


def test_every_figure_has_its_place_and_every_place_its_figure(page_of, result):
    page = page_of(result)
    places = re.findall(r'<div class=plot id="([\w-]+)"', page)
    assert sorted(places) == sorted(figures_of(page))
    assert len(places) == len(set(places)) >= 15


def test_every_figure_is_an_image_with_a_name_to_those_who_cannot_see_it(page_of, result):
    page = page_of(result)
    slots = re.findall(r"<div class=plot [^>]*>", page)
    assert len(slots) == len(figures_of(page))
    assert all('role="img"' in slot and re.search(r'aria-label="[^"]{4,}"', slot) for slot in slots)
    described = re.findall(r'aria-describedby="([^"]+)"', page)
    assert set(described) == set(re.findall(r'<figcaption id="([^"]+)"', page))


def test_figures_stand_in_pairs_of_one_height_or_go_across(page_of, result):
    """No half column is left empty: between two wide figures there is an even number of others."""
    page = page_of(result)
    for section in re.findall(r'<div class="figures">.*?</div></section>', page, re.DOTALL):
        slots = re.findall(r'<figure( class=wide)?>.*?style="height:(\d+)px"', section, re.DOTALL)
        heights = []
        for wide, height in slots:
            if wide:
                assert len(heights) % 2 == 0
            else:
                heights.append(height)
        assert heights[0::2] == heights[1::2]


def test_no_link_leads_out_of_the_page(page_of, result):
    page = page_of(result)
    assert not [to for to in re.findall(r'(?:href|src)="([^"]*)"', page) if not to.startswith("#")]


def test_every_axis_is_titled_and_every_figure_explained(page_of, result):
    page = page_of(result)
    for key, figure in figures_of(page).items():
        axes = [axis for name, axis in figure["layout"].items() if "axis" in name]
        assert len(axes) >= 2, key
        assert all(axis["title"]["text"] for axis in axes), key
    assert len(re.findall(r'<figcaption id="[\w-]+">[^<]{20,}', page)) == len(figures_of(page))


def test_every_colour_a_figure_names_is_one_the_page_has(page_of, result):
    page = page_of(result)
    named = set(re.findall(r'"(--[\w-]+)"', json.dumps(figures_of(page))))
    assert named
    assert named <= set(re.findall(r"(--[\w-]+):", page))


def test_limits_and_events_are_drawn(page_of, result):
    figures = figures_of(page_of(result))
    levels = {
        key: {shape["y0"] for shape in figures[key]["layout"]["shapes"] if shape["y0"]}
        for key in ("descent-rate", "horizontal-speed", "attitude", "impact", "gimbal", "throttle")
    }
    assert 2.0 in levels["descent-rate"]
    assert 1.0 in levels["horizontal-speed"]
    assert levels["attitude"] >= {10.0, 2.0, -2.0}
    assert 4.0 in levels["impact"]
    assert levels["gimbal"] >= {6.0, -6.0}
    assert levels["throttle"] >= {1.0, 0.9}
    shapes = figures["ground-track-end"]["layout"]["shapes"]
    (ring,) = [shape for shape in shapes if shape["type"] == "circle"]
    assert ring["x1"] - ring["x0"] == pytest.approx(0.4)
    labels = [note["text"] for note in figures["altitude-time"]["layout"]["annotations"]]
    assert {"PDI", "gate", "TD"} <= set(labels)
    lines = {round(shape["x0"], 6) for shape in figures["altitude-time"]["layout"]["shapes"]}
    assert lines == {0.0, 662.0, 682.0, 720.0, 720.1, 728.0}


def test_nothing_a_mission_says_can_become_code(page_of, arguments, extras):
    evil = "</script><script>alert(1)</script>"
    arguments["run"]["mission"] = arguments["events"][1]["name"] = evil
    arguments["provenance"] = {evil: evil}
    more = extras | {"title": evil, "summary": evil, "terrain": [{evil: evil}]}
    more["sources"] = {evil: {"value": evil, "tag": evil}}
    more["map"] = extras["map"] | {"title": evil}
    assert "<script>alert" not in page_of(result_document(**arguments), more=more)


def test_a_flight_that_never_descended_still_has_its_page(page_of, arguments, telemetry):
    arguments["verdict"] |= {"outcome": "TIMED_OUT", "clean": False}
    arguments["touchdown"] = None
    arguments["events"] = arguments["events"][:1]
    page = page_of(result_document(**arguments), telemetry.slice(0, 1000))
    assert "never touched down: timed out" in page
    assert 'class="unclean"' in page
    figures = figures_of(page)
    assert not {"impact", "settling"} & set(figures)
    assert figures["altitude-time"]["layout"]["xaxis"]["title"]["text"] == "T+, s"


@pytest.mark.parametrize(
    ("known", "drawn"),
    [([], []), (["altitude_m"], ["altitude-time"]), (["throttle", "tilt_deg"], VEHICLE)],
)
def test_only_what_is_known_is_drawn(page_of, result, telemetry, known, drawn):
    page = page_of(result, telemetry.select(["time_s", "phase", *known]), {})
    assert list(figures_of(page)) == drawn
    assert "NaN" not in page


def test_a_nominal_flight_names_no_seed_and_does_not_judge_the_filter(page_of, arguments):
    drawn = page_of(result_document(**arguments))
    arguments["provenance"]["nominal"] = True
    nominal = page_of(result_document(**arguments))
    for page, is_nominal in ((drawn, False), (nominal, True)):
        head = page[: page.index("<nav")]
        assert ("nominal, every draw off" in head) == is_nominal
        assert ("seed 0" in head) != is_nominal
        axes = figures_of(page)["position-error"]["layout"]
        title = axes["yaxis"]["title"]["text"]
        assert ("<br>" in title) != is_nominal
        assert ("says nothing about the filter&#39;s consistency" in page) == is_nominal


def test_only_a_landing_that_meets_everything_has_the_colour_of_one(page_of, arguments):
    head = re.compile(r'class="(clean|unclean|open)"')
    assert head.search(page_of(result_document(**arguments)))[1] == "open"  # misses its aim point
    for each in arguments["criteria"]:
        each["met"] = True
    assert head.search(page_of(result_document(**arguments)))[1] == "clean"


def test_a_sensor_that_read_nothing_and_one_that_is_not_there_are_told_apart(
    page_of, result, telemetry, extras
):
    nothing = [None] * telemetry.num_rows
    silent = {"altimeter_canted_valid": [False] * telemetry.num_rows}
    silent["camera_valid"] = silent["altimeter_canted_valid"]
    for at, name in enumerate(telemetry.column_names):
        if name.startswith(("altimeter_", "camera_")):
            column = pa.array(silent.get(name, nothing), telemetry.schema.field(name).type)
            telemetry = telemetry.set_column(at, name, column)
    page = page_of(result, telemetry, extras | {"absent": ["camera"]})
    assert "No laser altimeter: it gave no valid reading in this flight." in page
    assert "No camera position fixes: the lander has no such instrument." in page
    assert "No star tracker" not in page


def test_the_page_takes_less_than_four_fifths_of_a_second(result, telemetry, extras):
    plotly_js.cache_clear()
    before = time.process_time()
    report_html(result, telemetry, extras)
    assert time.process_time() - before < 0.8


def test_each_phase_has_a_row_with_when_and_how_it_began(page_of, result, extras, telemetry):
    """Beside the events, which know the few phases that every flight has."""
    time_s = telemetry["time_s"].to_numpy()
    mode = np.where(time_s < time_s[len(time_s) // 2], 3, 4).astype(np.int32)
    table = telemetry.set_column(telemetry.column_names.index("mode"), "mode", pa.array(mode))
    names = {"modes": {3: "quick_adjust", 4: "slow"}}
    page = page_of(result, table, extras | names)
    (phases,) = re.findall(r"<table[^>]*>(?:(?!</table>).)*quick adjust.*?</table>", page, re.S)
    assert phases.count("<tr") == 3
    height_m = telemetry["height_m"].to_numpy()[np.argmax(mode == 4)]
    assert f"{height_m:.4g}".split("e")[0] in phases.replace(",", "")


def test_a_lander_without_cold_gas_has_no_panel_of_it(result, extras, telemetry):
    at = telemetry.column_names.index("cold_gas_kg")
    none = telemetry.set_column(at, "cold_gas_kg", pa.array(np.zeros(len(telemetry))))
    both, alone = (tanks(record_of(result, each, extras)) for each in (telemetry, none))
    assert (both.words.title, alone.words.title) == ("Propellant and cold gas", "Propellant")
    assert len(alone.body["data"]) == len(both.body["data"]) - 1
