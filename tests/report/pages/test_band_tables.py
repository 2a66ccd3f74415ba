"""What the campaign's first page and the terminal say of what is not known."""

import numpy as np
import pytest
from rich.console import Console

from perilune.app.campaign_terminal import campaign_lines
from perilune.campaign.band.corners import band_of
from perilune.campaign.band.screening import Screened
from perilune.campaign.band_document import BandDocument
from perilune.report.band_words import NONE_DECLARED, band_sentence
from perilune.report.campaign_words import interval_words
from perilune.report.pages.campaign_page import campaign_html, head_of
from perilune.report.pages.credibility_factors import FACTORS, claimed
from perilune.verdict.document import checked
from tests.report.synthetic_campaign import document, rows
from tests.report.synthetic_pages import figures_of, ours

RUNS = 200
PATHS = ("lander.engine.specific_impulse", "site.slope", "masses.separation", "navigation.x")
COUNTS = ((190, 160, 130), (160, 160, 100), (150, 160, 160), (160, 160, 160))


def clean(count):
    return np.arange(RUNS) < count


def band():
    """A band of four assumptions: two that move P(clean), one that hardly does, one that does not.

    The corners have 80 and 195 clean of 200.
    """
    every = [
        Screened(path, dict(zip(("low", "median", "high"), map(clean, counts), strict=True)))
        for path, counts in zip(PATHS, COUNTS, strict=True)
    ]
    levels = {name: dict.fromkeys(PATHS, "median") for name in ("worst", "best")}
    found = band_of(every, levels, {"worst": clean(80), "best": clean(195)}, 0.95)
    about = {
        "unit": "rad",
        "distribution": "normal, sigma 0.0174533 rad",
        "source": "assumed: a guess",
        "values": {"low": 0.0872664626, "high": 0.1745329252},
    }
    found["assumptions"] = [row | about for row in found["assumptions"]]
    return checked(BandDocument, found | {"runs": RUNS, "seeds": [0, 1]})


@pytest.fixture(scope="module")
def campaign():
    """(document, rows) of a campaign without a word of what is not known."""
    table = rows(320)
    return document(table), table


def with_kind(campaign, *kinds):
    drawn = [
        one | {"kind": kind} for one, kind in zip(campaign["dispersions"], kinds, strict=False)
    ]
    return campaign | {"dispersions": drawn}


def test_the_first_page_has_the_band_beside_the_number_and_what_moves_it_most(campaign):
    banded = campaign[0] | {"band": band()}
    head = head_of(banded, {}, "campaign report")
    interval = banded["band"]["interval"]
    tile = interval_words(interval), "P(clean) over what is not known, 4 assumptions"
    assert tile in head.tiles
    assert f"lies between {interval_words(interval, ' and ')} at" in head.beside
    first, second = PATHS[:2]
    assert head.beside.index(first) < head.beside.index(second)
    assert "65.0\N{NO-BREAK SPACE}% when high, 95.0\N{NO-BREAK SPACE}% when low" in head.beside
    assert "50.0\N{NO-BREAK SPACE}% when high, 80.0\N{NO-BREAK SPACE}% at the median" in head.beside
    page = ours(campaign_html(banded, campaign[1], {}))
    assert page.index(head.beside[:60]) < page.index("<nav")


def test_the_table_has_every_assumption_and_marks_those_told_from_chance(campaign):
    page = ours(campaign_html(campaign[0] | {"band": band()}, campaign[1], {}))
    section = page[page.index('id="band"') : page.index('id="outcomes"')]
    assert all(path in section for path in PATHS)
    assert f"<strong>{PATHS[0]}</strong>" in section
    assert f"<strong>{PATHS[3]}</strong>" not in section
    assert "5° to 10°" in section or "5 deg to 10 deg" in section
    assert "worst 40.0" in section
    assert "chose neither" in section


def test_the_figure_shows_shares_at_both_ends_and_the_band_behind_them(campaign):
    every = figures_of(campaign_html(campaign[0] | {"band": band()}, campaign[1], {}))
    figure = every["assumptions"]
    low, median, high = (trace["x"] for trace in figure["data"])
    assert (low[0], median[0], high[0]) == (0.95, 0.8, 0.65)
    assert len(low) == 3, "what moves nothing is not drawn"
    shaded = [each for each in figure["layout"]["shapes"] if each["type"] == "rect"]
    assert [shaded[0]["x0"], shaded[0]["x1"]] == band()["interval"]


def test_effects_that_may_be_chance_are_called_so():
    weak = band()
    weak["assumptions"] = [row | {"moved": False} for row in weak["assumptions"]]
    words = band_sentence({"band": weak, "dispersions": []})
    assert "None of them is told from chance by itself in 200 flights" in words
    assert PATHS[0] in words
    still = [row | {"moved": False, "difference": 0.0} for row in weak["assumptions"]]
    words = band_sentence({"band": weak | {"assumptions": still}, "dispersions": []})
    assert words.endswith("None of them moves it by itself.")


@pytest.mark.parametrize(
    ("least", "words"),
    [
        (0.2, "It reaches 20"),
        (0.6, "Whether it reaches 60"),
        (0.999, "It falls short of 99.9"),
    ],
)
def test_what_is_required_is_held_against_the_whole_band(least, words):
    asked = {"band": band(), "dispersions": [], "requirement": {"probability": least}}
    assert words in band_sentence(asked)


def test_a_band_raises_the_level_of_uncertainty_and_its_absence_lowers_it(campaign):
    """The document's drawn inputs and interval alone are level 1."""
    (factor,) = [each for each in FACTORS if each.name == "Uncertainty characterization"]
    assert claimed(factor, campaign[0]).level == 1
    assert claimed(factor, campaign[0] | {"band": None}).level == 1
    assert claimed(factor, campaign[0] | {"band": band()}).level == 2


def test_a_campaign_that_declares_nothing_as_not_known_says_so(campaign):
    assert band_sentence(campaign[0]) == NONE_DECLARED
    assert NONE_DECLARED in ours(campaign_html(*campaign, {}))


def test_a_campaign_without_a_band_names_what_it_draws_as_if_by_chance(campaign):
    declared = with_kind(campaign[0], "aleatory", "epistemic", "epistemic", "aleatory")
    words = band_sentence(declared)
    assert words.startswith("2 dispersed numbers are declared epistemic")
    assert "--band N" in words
    page = ours(campaign_html(declared, campaign[1], {}))
    assert "Declared epistemic: lander.engine.specific_impulse, lander.altimeter.bias." in page
    one = with_kind(campaign[0], "epistemic")
    assert band_sentence(one).startswith("One dispersed number is declared epistemic")


def test_the_terminal_ends_with_the_band(campaign):
    console = Console(record=True, width=200)
    hashes = dict.fromkeys(("rows_sha256", "plan_sha256"), "0" * 64)
    campaign_lines(campaign[0] | hashes | {"band": band()}, "runs/x")(console)
    text = console.export_text()
    assert "4 dispersed numbers are not known" in text
    assert PATHS[0] in text.strip().splitlines()[-1]
