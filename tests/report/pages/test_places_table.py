"""One landing is at one place: summary, result, telemetry, page and campaign row say the same."""

import base64
import dataclasses
import json
import re

import jax
import numpy as np
import pytest

from perilune import load_mission
from perilune.campaign.run.row_columns import judging_of, table_of
from perilune.design import design, nominal
from perilune.mechanics.projection import direction_from_angles
from perilune.mechanics.randomness import run_key
from perilune.report.figures.ground_track import track_km
from perilune.report.flight_document import document_of
from perilune.report.flight_parquet import telemetry_table
from perilune.report.pages.flight_extras import extras_of
from perilune.report.pages.flight_page import report_html
from perilune.report.sentence import verdict_sentence
from perilune.telemetry.flight_columns import telemetry_columns
from perilune.verdict import judge
from tests.standard_phases import StandardPhase as Mode

ERROR_M = {"east": 500.0, "north": -120.0}
AGREES_M = 0.1


@pytest.fixture(scope="module")
def told(compiled_flight):
    """Mission, result, telemetry, page and row of a nominal Athena whose map is misregistered."""
    settings = tuple(f'errors.map.{way}="{error} m"' for way, error in ERROR_M.items())
    mission = load_mission("athena", settings)
    designed = design(mission)
    plan = nominal(designed.plan)
    summary, samples = compiled_flight(plan, run_key(0, 0))
    run = {"mission": "athena", "lander": "Nova-C", "seed": 0, "run": 0, "faults": []}
    result = document_of(run, judge(summary, mission), summary, designed.epoch, {})
    table = telemetry_table(telemetry_columns(plan, samples), {})
    modes = {int(mode): mode.name.lower() for mode in Mode}
    page = report_html(result, table, extras_of(mission, designed, modes))
    batch = jax.tree.map(lambda leaf: np.stack([leaf, leaf]), summary)
    judging = dataclasses.replace(judging_of(mission, designed), inputs=())
    row = table_of(judging, 0, (np.zeros((2, 1)), batch), 1).to_pylist()[0]
    return result, table, page, row


def apart_m(aim, one, other):
    """Distance along the aim point's sphere between two pairs of latitude and longitude."""
    a, b = (direction_from_angles(*np.radians(place)) for place in (one, other))
    return aim["aim_radius_m"] * np.arctan2(np.linalg.norm(np.cross(a, b)), a @ b)


def place(of, what):
    return of[f"{what}_latitude_deg"], of[f"{what}_longitude_deg"]


def last_of(table):
    return {name: table[name][-1].as_py() for name in table.column_names}


def drawn(page, figure, name):
    """The first point of a trace of a figure, in metres."""
    figures = json.loads(re.search(r'id="figures">(.*?)</script>', page, re.DOTALL)[1])
    (trace,) = [each for each in figures[figure]["data"] if each["name"] == name]
    axes = (np.frombuffer(base64.b64decode(trace[axis]["bdata"]), "<f4") for axis in "xy")
    return 1e3 * np.array([float(values[0]) for values in axes])


def ring(page):
    figures = json.loads(re.search(r'id="figures">(.*?)</script>', page, re.DOTALL)[1])
    shapes = figures["ground-track-end"]["layout"]["shapes"]
    (circle,) = [each for each in shapes if each["type"] == "circle"]
    return 1e3 * np.array([circle["x0"] + circle["x1"], circle["y0"] + circle["y1"]]) / 2.0


def test_the_flight_lands_near_the_true_aim_point_of_a_map_laid_wrong(told):
    result, *_ = told
    aim, touchdown = result["aim"], result["touchdown"]
    assert aim["map_error_east_m"] == pytest.approx(ERROR_M["east"], abs=1e-3)
    assert aim["map_error_north_m"] == pytest.approx(ERROR_M["north"], abs=1e-3)
    assert apart_m(aim, place(aim, "aim_true"), place(aim, "aim_map")) == pytest.approx(
        np.hypot(*ERROR_M.values()), abs=0.01
    )
    assert touchdown["miss_m"] < 100.0 < np.hypot(*ERROR_M.values())


def test_the_miss_is_the_distance_both_over_the_true_ground_and_on_the_map(told):
    result, *_ = told
    aim, touchdown = result["aim"], result["touchdown"]
    for on in ("true", "map"):
        miss_m = apart_m(aim, place(aim, f"aim_{on}"), place(touchdown, f"rest_{on}"))
        assert miss_m == pytest.approx(touchdown["miss_m"], abs=AGREES_M), on
    parts = touchdown["miss_east_m"], touchdown["miss_north_m"]
    assert np.hypot(*parts) == pytest.approx(touchdown["miss_m"], abs=1e-6)


def test_the_last_row_of_the_telemetry_is_the_place_of_the_result(told):
    result, table, *_ = told
    aim, touchdown, last = result["aim"], result["touchdown"], last_of(table)
    for on in ("true", "map"):
        assert apart_m(aim, place(last, on), place(touchdown, f"rest_{on}")) < AGREES_M, on
    for column, name in (
        ("range_m", "miss_m"),
        ("from_aim_east_m", "miss_east_m"),
        ("from_aim_north_m", "miss_north_m"),
    ):
        assert last[column] == pytest.approx(touchdown[name], abs=AGREES_M), column


def test_the_row_of_the_campaign_is_the_place_of_the_result(told):
    result, _, _, row = told
    aim, touchdown = result["aim"], result["touchdown"]
    for on in ("true", "map"):
        assert apart_m(aim, place(row, f"rest_{on}"), place(touchdown, f"rest_{on}")) < AGREES_M
        assert apart_m(aim, place(row, f"aim_{on}"), place(aim, f"aim_{on}")) < AGREES_M
    for name in ("miss_m", "miss_east_m", "miss_north_m"):
        assert row[name] == pytest.approx(touchdown[name], abs=AGREES_M)


def test_the_page_draws_aim_points_ring_and_landing_where_the_result_has_them(told):
    result, _, page, _ = told
    aim, touchdown = result["aim"], result["touchdown"]
    site = dict(zip(("latitude_deg", "longitude_deg"), place(aim, "aim_map"), strict=True))
    site["radius_km"] = aim["aim_radius_m"] / 1e3
    figure = "ground-track-end"

    def plane_m(of, what):
        return 1e3 * np.array(track_km(*place(of, what), site))

    true_aim_m = plane_m(aim, "aim_true")
    assert true_aim_m == pytest.approx(list(ERROR_M.values()), abs=AGREES_M)
    assert drawn(page, figure, "true aim point") == pytest.approx(true_aim_m, abs=AGREES_M)
    assert drawn(page, figure, "aim point on the map") == pytest.approx(0.0, abs=AGREES_M)
    assert ring(page) == pytest.approx(true_aim_m, abs=AGREES_M)
    ended_m = drawn(page, figure, "where it ended")
    assert ended_m == pytest.approx(plane_m(touchdown, "rest_true"), abs=AGREES_M)
    parts = touchdown["miss_east_m"], touchdown["miss_north_m"]
    assert ended_m - true_aim_m == pytest.approx(parts, abs=AGREES_M)


def test_the_sentence_and_the_tile_say_the_miss_of_the_result(told):
    result, _, page, _ = told
    sentence = verdict_sentence(result).replace("\N{NO-BREAK SPACE}", " ")
    said = re.search(
        r"([\d.]+) m from the aim point \(([\d.]+) m (\w+), ([\d.]+) m (\w+)\)", sentence
    )
    assert said, sentence
    miss, east, across, north, along = said.groups()
    touchdown = result["touchdown"]
    assert float(miss) == pytest.approx(touchdown["miss_m"], abs=AGREES_M)
    sign = {"east": 1.0, "west": -1.0, "north": 1.0, "south": -1.0}
    assert sign[across] * float(east) == pytest.approx(touchdown["miss_east_m"], abs=AGREES_M)
    assert sign[along] * float(north) == pytest.approx(touchdown["miss_north_m"], abs=AGREES_M)
    assert f"<b>{miss}\N{NO-BREAK SPACE}m</b>" in page
