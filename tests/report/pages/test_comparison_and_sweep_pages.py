import re

import numpy as np
import pytest

from perilune.campaign.analysis.pairwise_tests import compare_points
from perilune.campaign.statistics.paired_tests import compare
from perilune.report.campaign_words import percent
from perilune.report.pages.comparison_page import compare_html
from perilune.report.pages.sweep_page import sweep_html
from tests.report.synthetic_campaign import document, rows
from tests.report.synthetic_pages import figures_of, ours, rescaled


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
    assert "Too few runs to decide" in page
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
