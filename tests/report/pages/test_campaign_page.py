import base64
import json
import re
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from perilune.campaign.analysis.landing_footprint import PLACED, STOPPED, scatter
from perilune.campaign.analysis.pairwise_tests import compare_points
from perilune.campaign.statistics.paired_tests import compare
from perilune.campaign.statistics.scope import OF_WHAT
from perilune.report.campaign_words import interval_words, percent
from perilune.report.figures.charts import histogram
from perilune.report.figures.labels import with_axis
from perilune.report.pages.campaign_page import campaign_html
from perilune.report.pages.comparison_page import compare_html
from perilune.report.pages.credibility import FACTORS, HIGHEST, MISSING, Factor, level_of
from perilune.report.pages.credibility_page import credibility_table
from perilune.report.pages.page_shell import plotly_js
from perilune.report.pages.sweep_page import sweep_html
from tests.report.rendered import html_of
from tests.report.synthetic_campaign import EXTRAS, LIMITS, document, ground, rows

ROOT = Path(__file__).resolve().parents[3]
MOST_BYTES = 6e6
SECTIONS = (
    "decision",
    "outcomes",
    "failures",
    "margins",
    "bounds",
    "landings",
    "contact",
    "reserves",
    "navigation",
    "drivers",
    "dispersions",
    "terrain",
    "sources",
    "credibility",
    "provenance",
)
EIGHT = (
    "Data pedigree",
    "Verification",
    "Validation",
    "Input pedigree",
    "Uncertainty characterization",
    "Results robustness",
    "M&S history",
    "Process and product management",
)
REQUIRED = {
    "requirement": {"probability": 0.9, "confidence": 0.95, "most_runs": 10_000},
    "decision": {"verdict": "met", "sentence": "Met after 320 runs.", "after_runs": 320},
}


@pytest.fixture(scope="module")
def flown():
    """Rows and document of a made-up campaign with failures of two sorts."""
    table = rows(320, hardship=1.5)
    return document(table, **REQUIRED), table


@pytest.fixture(scope="module")
def page(flown):
    return ours(campaign_html(*flown, EXTRAS | {"map": ground()}))


def ours(html):
    """A page, less plotly.js, which is not ours to judge."""
    return html.replace(plotly_js(), "")


def figures_of(page):
    return json.loads(re.search(r'id="figures">(.*?)</script>', page, re.DOTALL)[1])


def pages():
    """Every sort of page, by name."""
    table, harder = rows(192, hardship=1.2), rows(192, hardship=1.8)
    both = np.array(table["clean"]), np.array(harder["clean"])
    first, second = document(table), document(harder)
    thrusts = ("2.9 kN", "3.0 kN", "3.1 kN")
    documents = (document(rows(96, hardship=hard)) for hard in (1.8, 1.4, 1.0))
    points = [
        {"values": {"lander.engine.max_thrust": each}, "document": made, "folder": "runs/x"}
        for each, made in zip(thrusts, documents, strict=True)
    ]
    return {
        "campaign": campaign_html(document(table, **REQUIRED), table, EXTRAS | {"map": ground()}),
        "comparison": compare_html((first, second), (table, harder), compare(*both), {}),
        "sweep": sweep_html(points, {"title": "Synthetic"}),
    }


@pytest.fixture(scope="module", params=["campaign", "comparison", "sweep"])
def any_page(request, every_page):
    return every_page[request.param]


@pytest.fixture(scope="module")
def every_page():
    return {name: ours(html) for name, html in pages().items()}


class Tags(HTMLParser):
    """Every tag opened and closed, and every id."""

    def __init__(self, html):
        super().__init__()
        self.open, self.ids, self.wrong = [], [], []
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.ids += [value for name, value in attrs if name == "id"]
        if tag not in {"meta", "br", "link", "img"}:
            self.open.append(tag)

    def handle_endtag(self, tag):
        if not self.open or self.open.pop() != tag:
            self.wrong.append(tag)


def test_the_page_has_every_section_in_the_order_of_a_review(page):
    assert re.findall(r'<section id="(\w+)"', page) == list(SECTIONS)
    assert re.findall(r'<a href="#(\w+)"', page) == list(SECTIONS)


def test_no_id_is_given_twice_and_every_tag_is_closed(any_page):
    tags = Tags(any_page)
    assert len(tags.ids) == len(set(tags.ids))
    assert not tags.wrong
    assert not tags.open


def test_no_page_needs_anything_from_anywhere(any_page):
    assert "default-src 'none'" in any_page
    assert not re.findall(r"https?:|//\w+\.|@import|<link|<script src|url\(", any_page)


def test_every_figure_has_its_place_two_titled_axes_and_its_words(any_page):
    places = re.findall(r'<div class=plot id="([\w-]+)"', any_page)
    figures = figures_of(any_page)
    assert sorted(places) == sorted(figures)
    for key, figure in figures.items():
        axes = [axis for name, axis in figure["layout"].items() if "axis" in name]
        assert len(axes) == 2, key
        assert all(axis["title"]["text"].strip() or axis["type"] == "category" for axis in axes), (
            key
        )
    assert len(re.findall(r"<figure[^>]*><h3>[^<]{10,}", any_page)) == len(figures)
    assert len(re.findall(r'<figcaption id="[\w-]+">[^<]{40,}', any_page)) == len(figures)


def test_every_colour_a_figure_names_is_one_the_page_has(any_page):
    named = set(re.findall(r'"(--[\w-]+)"', json.dumps(figures_of(any_page))))
    assert named
    assert named <= set(re.findall(r"(--[\w-]+):", any_page))


def test_the_decision_stands_on_top_in_a_sentence_with_its_interval(page, flown):
    made, _ = flown
    head = page[: page.index("<nav")]
    assert "Requirement met" in head
    assert "Met after 320 runs." in head
    assert f"{made['clean']} of 320" in head
    assert interval_words(made["interval"], " and ") in head
    assert "95\N{NO-BREAK SPACE}% confidence (Clopper-Pearson)" in head


def test_requirement_and_decision_are_drawn_where_the_estimate_settles(page):
    layout = figures_of(page)["settled"]["layout"]
    lines = [shape for shape in layout["shapes"] if shape["type"] == "line"]
    assert 0.9 in {shape["y0"] for shape in lines}
    assert 320 in {shape["x0"] for shape in lines}
    assert "met" in {note["text"] for note in layout["annotations"]}


def test_every_margin_has_its_limit_drawn_and_its_violations_counted(page, flown):
    made, table = flown
    figures = figures_of(page)
    for name in ("vertical_speed_m_s", "horizontal_speed_m_s", "tilt_deg", "miss_m"):
        margin = figures[f"margin-{name.replace('_', '-')}"]
        assert [shape["x0"] for shape in margin["layout"]["shapes"]] == [0.0]
        count = sum(not (each and each >= 0.0) for each in table[f"margin_{name}"].to_pylist())
        assert count == made["violations"][name]
        assert f"violated by {count} of 320" in page


def test_a_histogram_counts_every_flight_once(page, flown):
    _, table = flown
    for name in ("tilt_deg", "vertical_speed_m_s"):
        bars = figures_of(page)[f"margin-{name.replace('_', '-')}"]["data"]
        counted = sum(np.frombuffer(decoded(bar["y"]), "<f4").sum() for bar in bars)
        assert counted == table.num_rows - table[f"margin_{name}"].null_count


def test_no_bar_of_a_margin_holds_flights_of_both_sides_of_the_limit(page, flown):
    _, table = flown
    for name in ("tilt_deg", "vertical_speed_m_s", "miss_m"):
        bars = figures_of(page)[f"margin-{name.replace('_', '-')}"]["data"]
        at = [np.frombuffer(decoded(bar["x"]), "<f4") for bar in bars]
        high = [np.frombuffer(decoded(bar["y"]), "<f4") for bar in bars]
        outside = sum(y[x < 0.0].sum() for x, y in zip(at, high, strict=True))
        known = [each for each in table[f"margin_{name}"].to_pylist() if each is not None]
        assert outside == sum(each < 0.0 for each in known)
        width = bars[0]["width"]
        places = np.array([*(np.concatenate(at) / width - 0.5), LIMITS[name] / width])
        assert places == pytest.approx(np.round(places), abs=1e-3)


def test_what_may_not_touch_at_all_is_a_count_and_no_histogram(page, flown):
    _, table = flown
    hulls = sum(each < 0.0 for each in table["margin_hull_contact_n"].to_pylist())
    assert hulls > 0
    assert not [key for key in figures_of(page) if "hull-contact" in key or "bell-contact" in key]
    assert f"Hull contact in {hulls} of 320" in page
    assert "records contact of hull, bell and legs only up to its end" in page


def test_legs_at_the_end_of_their_stroke_are_counted_and_leave_no_tiny_margin():
    table = rows(64, seed=4, hardship=1.0)
    spent = np.where(np.arange(64) < 8, -3e-10, table["margin_leg_stroke_m"].to_numpy())
    at = table.column_names.index("margin_leg_stroke_m")
    table = table.set_column(at, "margin_leg_stroke_m", pa.array(spent))
    page = ours(campaign_html(document(table), table, EXTRAS))
    assert "Leg stroke: bottomed out in 8 of 64" in page
    assert "<td>bottomed out</td>" in page
    assert "3e-10" not in page


def test_the_running_estimate_is_titled_with_where_it_stood_and_its_axis_has_the_band(page, flown):
    made, _ = flown
    last, low = made["settled"][-1], min(each["lo"] for each in made["settled"])
    assert f"<h3>After 320 flights: P(clean) {OF_WHAT} is {percent(last['probability'])} (" in page
    floor, top = figures_of(page)["settled"]["layout"]["yaxis"]["range"]
    assert floor < low
    assert top > max(each["hi"] for each in made["settled"])


def test_violations_part_those_that_never_came_to_it(page, flown):
    made, table = flown
    bars = {bar["name"]: bar for bar in figures_of(page)["violations"]["data"]}
    never = table["margin_tilt_deg"].null_count
    at = bars["violated"]["y"].index("Tilt")
    assert never > 0
    assert bars["not reached"]["x"][at] == never
    assert bars["violated"]["x"][at] == made["violations"]["tilt_deg"] - never
    assert len({bar["marker"]["color"] for bar in bars.values()}) == 2


def test_error_bars_of_a_share_end_at_none_and_all(page):
    for side in figures_of(page)["tornado-clean"]["data"]:
        bars = side["error_x"]
        for mean, above, below in zip(side["x"], bars["array"], bars["arrayminus"], strict=True):
            assert mean - below >= -1e-12
            assert mean + above <= 1.0 + 1e-12


def test_no_tornado_of_clean_is_drawn_where_every_flight_was_clean_and_chance_is_named():
    table = rows(200, seed=4, hardship=0.0)
    made = document(table)
    nothing = [each | {"shares": []} for each in made["indices"]]
    page = ours(campaign_html(made | {"indices": nothing}, table, EXTRAS))
    titles = re.findall(r"<h3>([^<]*largest effect from[^<]*)</h3>", page)
    assert made["clean"] == 200
    assert titles
    assert "tornado-clean" not in figures_of(page)
    assert all(title.endswith(", not significant") for title in titles)


def test_a_tornado_names_no_input_that_the_tests_of_all_inputs_do_not(flown):
    """The widest bar of many is often chance: the title follows the corrected test."""
    made, table = flown
    sure = {"path": "made.up.input", "significant": True, "together": False, "share": 0.5}
    only = [
        each | {"shares": [sure | {"lo": 0.4, "hi": 0.6, "p_adjusted": 0.001}]}
        for each in made["indices"]
    ]
    page = ours(campaign_html(made | {"indices": only}, table, EXTRAS))
    titles = re.findall(r"<h3>((?:Vertical speed|Tilt|Miss): significant[^<]*)</h3>", page)
    assert titles
    assert all("significant effect of made.up.input; " in title for title in titles)


def test_the_distribution_of_an_input_is_drawn_where_it_is_a_significant_driver_and_only_there(
    flown,
):
    made, table = flown
    kept = made["drivers"][0] | {"significant": True}
    drivers = [kept, *(each | {"significant": False} for each in made["drivers"][1:])]
    figures = figures_of(ours(campaign_html(made | {"drivers": drivers}, table, EXTRAS)))
    curves = [key for key in figures if key.startswith("driver-")]
    assert curves == [f"driver-{kept['column'].replace('_', '-')}"]


def test_speeds_far_past_the_limits_are_all_drawn_on_logarithmic_axes():
    table = rows(60, seed=5)
    fast = np.where(np.arange(60) < 40, 150.0, 1.0)
    at = table.column_names.index("vertical_speed_m_s")
    table = table.set_column(at, "vertical_speed_m_s", [fast])
    page = ours(campaign_html(document(table), table, EXTRAS))
    layout = figures_of(page)["contact-speeds"]["layout"]
    assert layout["yaxis"]["type"] == "log"
    assert 10.0 ** layout["yaxis"]["range"][1] >= 150.0
    lines = {shape["y0"] for shape in layout["shapes"] if shape["y0"] == shape["y1"]}
    level = EXTRAS["limits"]["vertical_speed_m_s"]
    assert lines == {level}  # shapes are placed by value, words by its logarithm
    (note,) = [each for each in layout["annotations"] if each.get("xref") == "paper"]
    assert note["y"] == pytest.approx(np.log10(level))
    assert "beyond the axes" not in page


def test_one_batch_is_called_a_point_and_not_a_line():
    table = rows(40, seed=6)
    page = ours(campaign_html(document(table), table, EXTRAS))
    assert "One batch, so one point: " in page
    assert "The line is the share" not in page


def test_bars_of_few_flights_are_counted_off_in_whole_flights():
    values, clean = np.array([1.0, 2.0, 2.0, 5.0]), np.ones(4, bool)
    few = histogram(("k", "t", "s"), "tilt, °", values, clean)
    assert few.body["layout"]["yaxis"]["dtick"] == 1
    many = histogram(("k", "t", "s"), "tilt, °", np.tile(values, 30), np.ones(120, bool))
    assert "dtick" not in many.body["layout"]["yaxis"]


def test_widths_of_distributions_are_shown_to_four_figures(flown):
    made, table = flown
    drawn = made["dispersions"]
    drawn = [drawn[0] | {"distribution": "normal, sigma 0.00572957795 deg"}, *drawn[1:]]
    page = ours(campaign_html(made | {"dispersions": drawn}, table, EXTRAS))
    assert "normal, sigma 0.00573 deg" in page


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


def decoded(packed):
    return base64.b64decode(packed["bdata"])


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


def rescaled(table, factors):
    """Rows with some columns multiplied."""
    for name, factor in factors.items():
        values = pa.array(factor * table[name].to_numpy().astype(float))
        table = table.set_column(table.column_names.index(name), name, values)
    return table


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
    assert "<td>gate</td><td>attitude roll</td>" in page


def test_of_five_flights_no_ellipse_tornado_percentile_or_mean_of_nees_is_shown():
    table = rows(5, seed=4, hardship=0.0)
    made = document(table)
    page = ours(campaign_html(made, table, EXTRAS))
    drawn = figures_of(page)
    assert not [key for key in drawn if key.startswith(("tornado", "nees", "driver"))]
    assert {trace["name"] for trace in drawn["landing-scatter"]["data"]} == {
        "came to rest cleanly",
        "aim point",
    }
    for words in (
        "too few landings: 5, at least 20 are needed",
        "for Tilt: too few flights: 5, at least 50 are needed",
        "too few flights: 5, at least 20 are needed",
    ):
        assert words in page
    assert "99 % below" not in page
    assert "1 % worst" not in page
    assert "95 % of those" not in page


def test_what_is_left_of_the_variance_is_not_given_where_it_could_be_anything(flown):
    made, table = flown
    words = "too few flights for the rest: 128, about 600 are needed"
    few = dict.fromkeys(("rest", "rest_lo", "rest_hi")) | {"words": words}
    page = ours(
        campaign_html(made | {"indices": [each | few for each in made["indices"]]}, table, {})
    )
    assert words in page
    assert "0 % to 100 %" not in page.replace("\N{NO-BREAK SPACE}", " ")


def test_every_sentence_that_gives_a_probability_says_of_what(every_page):
    for page in every_page.values():
        text = page[: page.index("<script")] if "<script" in page else page
        said = re.findall(r"[^.>]*(?:probability of a clean|P\(clean\),)[^.<]*", text)
        assert said
        assert all(OF_WHAT in each for each in said), said


def test_the_band_of_the_filters_consistency_is_that_of_chi_square_tables(page):
    """Chi-square, 3 degrees of freedom: 0.216 and 9.348 (Abramowitz and Stegun, table 26.8)."""
    (band,) = figures_of(page)["nees-position"]["layout"]["shapes"]
    assert (band["y0"], band["y1"]) == pytest.approx((0.216 / 3, 9.348 / 3), abs=5e-4)


def test_failures_come_with_commands_that_fly_them_again(page, flown):
    made, _ = flown
    for group in made["failure_groups"]:
        for run in group["telling_runs"]:
            assert f"perilune replay runs/synthetic-campaign-s0 {run}<" in page


def test_every_dispersion_is_listed_with_its_source(page, flown):
    made, _ = flown
    for each in made["dispersions"]:
        assert each["path"] in page
        assert each["distribution"] in page
        assert each["source"].strip("[]") in page


@pytest.mark.parametrize(
    ("count", "hardship", "caption"),
    [(200, 0.0, "No flight was unclean."), (64, 40.0, "too few clean flights"), (1, 1.0, "1 of 1")],
)
def test_a_campaign_of_one_sort_of_flight_still_has_its_page(count, hardship, caption):
    table = rows(count, seed=4, hardship=hardship)
    made = document(table)
    assert made["clean"] in {0, count}
    page = ours(campaign_html(made, table, EXTRAS))
    assert caption in page
    assert "NaN" not in json.dumps(figures_of(page))


def test_only_what_is_known_is_drawn(flown):
    made, table = flown
    bare = {
        name: made[name]
        for name in ("mission", "seed", "runs", "clean", "probability", "confidence", "interval")
    }
    few = table.select(["run", "clean", "outcome"])
    page = ours(campaign_html(bare | {"outcomes": {"LANDED": 320}}, few, {}))
    assert list(figures_of(page)) == ["ended"]


def test_what_a_mission_says_never_becomes_code(flown):
    evil = "</script><script>alert(1)</script>"
    made, table = flown
    drawn = [made["dispersions"][0] | {"path": evil, "distribution": evil, "source": evil}]
    groups = [made["failure_groups"][0] | {"words": evil, "cause": evil}]
    bad = made | {"mission": evil, "title": evil, "dispersions": drawn, "failure_groups": groups}
    bad |= {"faults": [evil], "settings": [evil], "provenance": {evil: evil}, "sampling": evil}
    bad["drivers"] = [made["drivers"][0] | {"path": evil}]
    bad["outcomes"] = {evil: 320}
    bad["decision"] = made["decision"] | {"sentence": evil}
    more = EXTRAS | {"title": evil, "summary": evil, "folder": evil}
    assert "<script>alert" not in campaign_html(bad, table, more)
    names = {"names": (evil, evil), "title": evil}
    both = np.array(table["clean"])
    assert "<script>alert" not in compare_html(
        (bad, bad), (table, table), compare(both, both), names
    )
    points = [{"values": {evil: evil}, "document": bad, "folder": evil}]
    assert "<script>alert" not in sweep_html(points, {"title": evil})


AWKWARD = "A <b>R&D</b> \"site\" of 'x' & y"


class Words(HTMLParser):
    """What a reader sees of a page."""

    def __init__(self, html):
        super().__init__()
        self.words = ""
        self.feed(html)

    def handle_data(self, data):
        self.words += data


def test_titles_and_names_of_files_are_read_as_they_are_written(flown):
    made, table = flown
    drawn = [made["dispersions"][0] | {"source": AWKWARD}]
    awkward = made | {"dispersions": drawn, "provenance": {"files": {AWKWARD: "ab" * 32}}}
    more = EXTRAS | {"title": AWKWARD, "summary": AWKWARD, "folder": AWKWARD}
    seen = Words(ours(campaign_html(awkward, table, more)))
    assert seen.words.count(AWKWARD) >= 5
    assert f"files.{AWKWARD}" in seen.words
    assert "R&D</b>" not in seen.words.replace(AWKWARD, "")


def test_a_name_on_an_axis_is_no_markup_to_plotly(flown):
    made, table = flown
    clean = np.array(table["clean"])
    page = compare_html(
        (made, made), (table, table), compare(clean, clean), {"names": (AWKWARD, "B")}
    )
    places = figures_of(ours(page))["interval-each"]["data"][0]["x"]
    assert places == ["A &lt;b&gt;R&amp;D&lt;/b&gt; \"site\" of 'x' &amp; y", "B"]
    assert AWKWARD in Words(ours(page)).words


def test_ten_thousand_flights_fit_in_six_megabytes():
    table = rows(10_000)
    page = campaign_html(document(table), table, EXTRAS | {"map": ground(count=240)})
    assert len(page.encode()) < MOST_BYTES
    assert "Shown are" in page


def test_a_comparison_says_which_is_better_and_by_how_much(every_page):
    page = every_page["comparison"]
    assert "A lands cleanly more often than B." in page
    assert "percentage points at 95\N{NO-BREAK SPACE}% confidence" in page


def test_two_that_cannot_be_told_apart_are_not(flown):
    made, table = flown
    clean = np.array(table["clean"])
    page = compare_html((made, made), (table, table), compare(clean, clean), {})
    assert "No difference shown" in page
    assert "The flights show no difference between A and B." in page


def test_a_comparison_says_what_moved_though_clean_flights_do_not_differ(flown):
    made, table = flown
    lighter = rescaled(table, {"propellant_kg": 0.9})
    clean = np.array(table["clean"])
    page = ours(compare_html((made, made), (table, lighter), compare(clean, clean), {}))
    head = page[: page.index("<nav")]
    assert "No difference shown" not in head
    assert "Figures differ, P(clean) not shown to" in head
    assert re.search(r"Propellant left: median change \N{MINUS SIGN}1\d\.\d+.kg", head)
    assert "down in all 320 runs" in head


def test_five_runs_cannot_show_that_nothing_differs(flown):
    made, table = flown
    five, other = table.slice(0, 5), rescaled(table, {"propellant_kg": 0.9}).slice(0, 5)
    clean = np.ones(5, bool)
    page = ours(compare_html((made, made), (five, other), compare(clean, clean), {}))
    assert "Too few runs to tell" in page
    assert "No difference shown" not in page


def test_a_point_that_cannot_be_flown_is_a_row_that_says_why():
    table = rows(64, seed=2)
    found = compare_points([table, rows(64, seed=3)], [(0, 1)])
    why = "`lander.engine.max_thrust` leaves no braking course"
    points = [
        {"values": {"lander.engine.max_thrust": "1.8 kN"}, "document": None, "problem": why},
        *(
            {"values": {"lander.engine.max_thrust": each}, "document": document(table)}
            for each in ("3.0 kN", "3.1 kN")
        ),
    ]
    for row in found["pairs"]:
        row |= {"a": 1, "b": 2}
    page = ours(sweep_html(points, {"pairwise": found}))
    assert f"cannot be flown</span>: {why}" in page
    assert "Cannot be flown: 1.8 kN." in page
    assert "Of 1 pair of points" in page
    assert "<td>3.0 kN</td><td>3.1 kN</td>" in page


def test_a_sweep_lies_on_an_axis_of_the_values_in_their_unit(every_page):
    figure = figures_of(every_page["sweep"])["sweep-probability"]
    assert figure["data"][0]["x"] == [2.9, 3.0, 3.1]
    assert figure["layout"]["xaxis"]["title"]["text"] == "lander.engine.max_thrust, kN"


@pytest.mark.parametrize(
    ("share", "words"), [(0.0, "0 %"), (1.0, "100 %"), (0.5, "50.0 %"), (0.9987, "99.87 %")]
)
def test_a_share_has_the_decimals_it_needs(share, words):
    assert percent(share).replace("\N{NO-BREAK SPACE}", " ") == words


def test_the_sheet_has_the_eight_factors_and_what_revision_b_asks_besides():
    eight = [factor.name for factor in FACTORS if factor.part != "revision B"]
    assert eight == list(EIGHT)
    assert len(FACTORS) == 11
    assert all(MISSING <= factor.level <= HIGHEST for factor in FACTORS)


@pytest.mark.parametrize("factor", FACTORS, ids=lambda factor: factor.name)
def test_every_piece_of_evidence_is_a_file_of_the_project(factor):
    assert bool(factor.evidence) == (factor.level > MISSING)
    assert not [path for path, _ in factor.evidence if not (ROOT / path).is_file()]
    assert factor.why.strip()
    assert factor.raised_by.strip()


def test_evidence_is_named_by_its_path_and_no_link_leads_out_of_the_page(page):
    """A page that is mailed has no files beside it."""
    named = {path for factor in FACTORS for path, _ in factor.evidence}
    assert all(f"<code>{path}</code>" in page for path in named)
    assert not [to for to in re.findall(r'(?:href|src)="([^"]*)"', page) if not to.startswith("#")]


def test_data_of_which_most_name_no_source_have_no_pedigree():
    """A level is claimed for the values as they are tagged, not for the catalog's."""
    (pedigree,) = [factor for factor in FACTORS if factor.name == "Data pedigree"]
    silent = {"untagged": 176, "sourced": 20}
    assert level_of(pedigree, {"value_sources": silent}) == MISSING
    assert level_of(pedigree, {"value_sources": {"assumed": 176, "sourced": 20}}) == 1
    untagged = {str(n): {"value": "1 m", "tag": None} for n in range(3)}
    sheet = html_of(credibility_table({}, untagged))
    assert "a tag of its source" in sheet


def test_a_campaign_that_dispersed_nothing_claims_nothing_of_its_inputs(flown):
    made, table = flown
    bare = made | {"dispersions": [], "drivers": [], "indices": [], "pairs": []}
    levels = {factor.name: level_of(factor, bare) for factor in FACTORS}
    for name in ("Input pedigree", "Uncertainty characterization", "Results robustness"):
        assert levels[name] == MISSING
    assert "has no evidence for it" in campaign_html(bare, table, EXTRAS)


@pytest.mark.parametrize(
    ("count", "hardship", "level", "caption"),
    [
        (320, 1.5, 2, "on a clean touchdown, speed, tilt and miss is estimated"),
        (200, 0.0, 1, "but not what drives a clean touchdown"),
        (60, 1.5, 1, "too few flights reached speed, tilt and miss"),
        (10, 0.0, MISSING, "has no evidence for it"),
    ],
)
def test_robustness_is_claimed_as_far_as_drivers_and_shares_could_be_told(
    count, hardship, level, caption
):
    table = rows(count, hardship=hardship)
    made = document(table)
    (robustness,) = [factor for factor in FACTORS if factor.name == "Results robustness"]
    assert level_of(robustness, made) == level
    page = campaign_html(made, table, EXTRAS)
    assert caption in page
    assert ("on a clean touchdown, speed, tilt and miss is estimated" in page) == (level == 2)


def test_after_a_stop_and_of_placed_points_the_page_promises_nothing_by_rank(flown):
    made, table = flown
    east, north = (np.array(table[name], float) for name in ("miss_east_m", "miss_north_m"))
    bounds = [each | {"assumes": STOPPED} for each in made["order_statistics"]]
    parts = {"order_statistics": bounds, "scatter": scatter(east, north, assumes=STOPPED)}
    page = ours(campaign_html(made | parts, table, EXTRAS))
    assert page.count(STOPPED) == 5  # figure's caption, two notes, two rows of assumptions
    assert "region holding" not in page
    parts = {"order_statistics": [], "scatter": scatter(east, north, assumes=PLACED)}
    page = ours(campaign_html(made | parts, table, EXTRAS))
    assert "withheld: it takes independent flights" in page
    assert "If the region follows" not in page


def test_inputs_drawn_together_are_marked_and_not_called_drivers_alone(flown):
    made, table = flown
    surest = made["drivers"][0]["path"]
    assert "\N{DAGGER}" not in ours(campaign_html(made, table, EXTRAS))
    drivers = [each | {"together": each["path"] == surest} for each in made["drivers"]]
    page = ours(campaign_html(made | {"drivers": drivers}, table, EXTRAS))
    assert f"{surest} \N{DAGGER}" in page
    assert "the effect is that of the group, not of this input alone" in page


def test_a_level_without_evidence_is_our_own_mistake():
    claimed = Factor(
        name="Validation",
        part="development",
        level=4,
        asks="asks",
        why="why",
        evidence=(),
        raised_by="more",
    )
    with pytest.raises(ValueError, match="without any evidence"):
        level_of(claimed, {})
