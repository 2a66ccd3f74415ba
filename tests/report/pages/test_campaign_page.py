import json
import re
from html.parser import HTMLParser

import numpy as np
import pytest

from perilune.campaign.statistics.paired_tests import compare
from perilune.campaign.statistics.scope import OF_WHAT
from perilune.report.campaign_words import interval_words
from perilune.report.pages.campaign_page import campaign_html
from perilune.report.pages.comparison_page import compare_html
from perilune.report.pages.sweep_page import sweep_html
from tests.report.synthetic_campaign import EXTRAS, document, ground, rows
from tests.report.synthetic_pages import figures_of, ours

MOST_BYTES = 6e6


SECTIONS = (
    "decision",
    "band",
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


@pytest.fixture(scope="module", params=["campaign", "comparison", "sweep"])
def any_page(request, every_page):
    return every_page[request.param]


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
