"""The page of an envelope: a table of how far each factor holds, and a plot of each."""

import re

import pytest

from perilune.report.envelope_words import (
    between_words,
    first_failure,
    holds_words,
    limit_words,
    shown_words,
    value_words,
)
from perilune.report.figures.envelope_plots import looks_of
from tests.report.synthetic_envelope import envelope
from tests.report.synthetic_pages import figures_of

THRUST, LAG, FLOOR = envelope()["factors"]
SPACE, MINUS = "\N{NO-BREAK SPACE}", "\N{MINUS SIGN}"


def plain(words):
    return words.replace(SPACE, " ").replace(MINUS, "-")


def test_a_factor_says_where_it_leaves_each_level():
    assert plain(holds_words(THRUST, 0.99)) == "-10 %"
    assert plain(between_words(THRUST, 0.5)) == "-12 % to -20 %"
    assert plain(shown_words(THRUST, 0.5)) == "-12 % to -20 %"
    assert plain(shown_words(THRUST, 0.99)) == "before -12 %"  # 64 runs never show that it holds
    assert first_failure(THRUST) == "too_fast_down"


def test_a_factor_that_holds_all_the_way_says_so():
    assert plain(holds_words(LAG, 0.99)) == "2 s, the furthest value"
    assert plain(between_words(LAG, 0.5)) == "beyond 2 s"
    assert first_failure(LAG) is None


def test_a_value_that_is_refused_is_what_fails_first():
    assert plain(holds_words(FLOOR, 0.99)) == "+44 %"
    assert first_failure(FLOOR) == "refused"


def test_a_limit_of_the_design_has_the_share_of_it_that_holds():
    words = "peak of the course at -12.5 %, of which 80 %"
    assert plain(limit_words(THRUST)) == words
    assert limit_words(LAG) == ""


def test_changes_have_a_sign_and_values_have_none():
    assert plain(value_words(FLOOR, 44.0)) == "+44 %"
    assert plain(value_words(THRUST, 0.0)) == "0 %"
    assert plain(value_words(LAG, 2.0)) == "2 s"


def test_the_table_comes_first_and_has_a_row_a_factor(every_page):
    page = every_page["envelope"]
    first = re.search(r"<table.*?</table>", page, re.DOTALL)[0]
    assert first.count("<tr>") == 1 + len(envelope()["factors"])
    assert page.index("<table") < page.index('id="envelope-thrust"')
    for words in (
        "+44 %",
        "2 s, the furthest value",
        "touched down too fast",
        "refused at design",
        "not told",
    ):
        assert words in plain(first)


def test_the_page_says_what_is_left_out_and_why(every_page):
    assert "Gimbal lag: no engine has one." in every_page["envelope"]


def test_a_plot_goes_outward_to_the_right_and_has_every_value(every_page):
    figure = figures_of(every_page["envelope"])["envelope-thrust"]
    start, end = figure["layout"]["xaxis"]["range"]
    assert start > 0.0 > -20.0 > end
    marks = [trace for trace in figure["data"] if trace["mode"] == "markers"]
    shown = {x: y for trace in marks for x, y in zip(trace["x"], trace["y"], strict=True)}
    assert shown == {each["value"]: each["probability"] for each in THRUST["points"]}
    assert {trace["name"] for trace in marks} == {"all clean", "too fast down", "early ground"}


def test_green_is_where_the_estimate_holds_and_red_where_the_interval_is_below(every_page):
    layout = figures_of(every_page["envelope"])["envelope-thrust"]["layout"]
    bands = {each["fillcolor"]: each for each in layout["shapes"] if each["type"] == "rect"}
    assert bands["--green-fill"]["x1"] == -10.0
    assert bands["--red-fill"]["x0"] == -12.0


def test_a_cause_has_one_look_on_the_whole_page_that_legends_know(every_page):
    looks = looks_of(envelope()["factors"])
    assert len(set(looks.values())) == len(looks)
    css = every_page["envelope"]
    assert all(f".legend i.{symbol}" in css for _, symbol in looks.values())


@pytest.mark.parametrize("factor", ["thrust", "lag", "floor"])
def test_the_caption_says_what_the_software_is_told(every_page, factor):
    caption = re.search(
        rf'id="envelope-{factor}-caption">(.*?)</figcaption>', every_page["envelope"], re.DOTALL
    )[1]
    assert f"flight software is {'told' if factor == 'floor' else 'not told'}" in caption
    assert ("3 runs are clean again" in caption) == (factor == "thrust")
