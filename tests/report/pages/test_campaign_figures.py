import re
from base64 import b64decode

import numpy as np
import pyarrow as pa
import pytest

from perilune.campaign.statistics.scope import OF_WHAT
from perilune.report.campaign_words import percent
from perilune.report.figures.charts import histogram
from perilune.report.pages.campaign_page import campaign_html
from tests.report.synthetic_campaign import EXTRAS, LIMITS, document, rows
from tests.report.synthetic_pages import decoded, figures_of, ours


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


def test_one_batch_is_drawn_flight_by_flight_and_ends_at_the_estimate():
    table = rows(40, seed=6)
    made = document(table)
    page = ours(campaign_html(made, table, EXTRAS))
    assert "after each flight" in page
    (estimate,) = [
        each for each in figures_of(page)["settled"]["data"] if each["name"] == "estimate"
    ]
    runs, shares = (np.frombuffer(b64decode(estimate[axis]["bdata"]), "<f4") for axis in "xy")
    np.testing.assert_allclose(runs, np.arange(1, 41))
    assert shares[0] in (0.0, 1.0)
    assert shares[-1] == pytest.approx(made["clean"] / 40)


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
    assert "normal, sigma 0.00573°" in page
