import re

import numpy as np
import pytest

from perilune.report.campaign_words import percent
from perilune.report.figures.labels import with_axis
from perilune.report.pages.campaign_page import campaign_html
from tests.report.synthetic_campaign import EXTRAS, LIMITS, document, rows
from tests.report.synthetic_pages import decoded, figures_of, ours, rescaled


def test_the_ring_and_every_outline_look_different_in_the_legend(page):
    above = page[: page.index('id="landing-scatter"')]
    legend = re.findall(r"<i class=\"?([\w-]+)[^>]*></i>([^<]*)", above[above.rindex("<ul") :])
    looks = {name.strip(): look for look, name in legend}
    sigmas = [looks[name] for name in ("1 sigma", "2 sigma", "3 sigma", "99.87 %")]
    assert len(set(sigmas)) == 4
    assert looks["50 m from the aim point"] == "dash"


def test_the_region_says_what_it_holds_where_landings_were_too_few(page, flown):
    region = flown[0]["scatter"]["region"]
    assert region["reached"] < region["fraction"]
    row = page[page.index("region of any shape") :]
    assert f"<td>{percent(region['reached'])}</td>" in row[: row.index("</tr>")]


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("errors.imu.gyro_bias.1", "errors.imu.gyro_bias.1 (y)"),
        ("errors.velocimeter.bias.1", "errors.velocimeter.bias.1"),  # a beam
        ("errors.gravity.left_out.2", "errors.gravity.left_out.2"),  # along track, cross track, up
        ("errors.imu.gyro_noise", "errors.imu.gyro_noise"),
    ],
)
def test_parts_of_body_vectors_are_named_by_their_axis_and_no_others(path, words):
    assert with_axis(path) == words


def test_landings_are_drawn_with_four_ellipses_a_region_the_aim_point_and_the_ring(page):
    figure = figures_of(page)["landing-scatter"]
    names = {trace["name"] for trace in figure["data"]}
    assert names >= {"ground", "1 sigma", "2 sigma", "3 sigma", "99.87 %", "aim point"}
    assert any(name.startswith("region holding") for name in names)
    rings = [shape for shape in figure["layout"]["shapes"] if shape["type"] == "circle"]
    assert [(ring["x0"], ring["x1"]) for ring in rings] == [(-LIMITS["miss_m"], LIMITS["miss_m"])]


def test_landings_are_drawn_in_true_coordinates_about_the_aim_points_of_their_own_flights(flown):
    made, table = flown
    figure = figures_of(ours(campaign_html(made, table, EXTRAS)))["landing-true"]
    traces = {trace["name"]: trace for trace in figure["data"]}
    east = np.frombuffer(decoded(traces["true aim point of a flight"]["x"]), "<f4")
    assert east == pytest.approx(np.array(table["map_error_east_m"]), abs=1e-3)
    clean = np.frombuffer(decoded(traces["came to rest cleanly"]["x"]), "<f4")
    both = table.filter(table["clean"])
    expected = np.array(both["map_error_east_m"]) + np.array(both["miss_east_m"])
    assert clean == pytest.approx(expected, abs=1e-3)


def test_a_map_that_is_laid_right_has_no_figure_of_true_coordinates(flown):
    made, table = flown
    right = table.drop_columns(["map_error_east_m", "map_error_north_m"])
    assert "landing-true" not in figures_of(ours(campaign_html(made, right, EXTRAS)))


def test_a_filter_three_times_too_cautious_is_called_so_and_not_praised():
    table = rows(64, seed=4, hardship=0.0)
    names = [name for name in table.column_names if name.startswith("nees_gate_")]
    table = rescaled(table, dict.fromkeys(names, 1.0 / 9.0))
    page = ours(campaign_html(document(table), table, EXTRAS))
    assert f"{len(names)} of {10 * len(names)} means lie outside" in page
    assert f"0 overconfident and {len(names)} cautious" in page
    assert re.search(
        r"most at gate \(cautious: its sigma is [23]\.\d\d times its rms error\)", page
    )
    assert "0.0 % outside" not in page


def test_a_fourth_group_of_errors_is_judged_as_one_number_without_further_code():
    table = rows(64, seed=4, hardship=0.0)
    table = rescaled(table, {"nees_gate_height": 6.1})
    page = ours(campaign_html(document(table), table, EXTRAS))
    (band,) = figures_of(page)["nees-height"]["layout"]["shapes"]
    assert band["y1"] == pytest.approx(5.024, abs=1e-3)  # chi-square, 1 degree of freedom
    assert "Height: mean outside its band at 1 of 10 checkpoints" in page


def test_an_axis_that_the_mean_over_axes_hides_is_named_in_the_title_and_the_table():
    table = rows(64, seed=4, hardship=0.0)
    table = rescaled(table, {"nees_gate_attitude_roll": 4.0})
    page = ours(campaign_html(document(table), table, EXTRAS))
    assert "Attitude: mean inside its band at all 10 checkpoints; of single axes 1 of 30" in page
    assert "nees-attitude-roll" not in figures_of(page)
    assert "<td>gate</td><td>roll attitude</td>" in page
