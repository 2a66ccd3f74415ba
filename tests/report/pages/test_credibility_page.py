import re
from pathlib import Path

import numpy as np
import pytest

from perilune.campaign.analysis.landing_footprint import PLACED, STOPPED, scatter
from perilune.report.pages.campaign_page import campaign_html
from perilune.report.pages.credibility_factors import FACTORS, HIGHEST, MISSING, Factor, claimed
from perilune.report.pages.credibility_page import credibility_table
from tests.report.rendered import html_of
from tests.report.synthetic_campaign import EXTRAS, document, rows
from tests.report.synthetic_pages import ours

ROOT = Path(__file__).resolve().parents[3]


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
    assert claimed(pedigree, {"value_sources": silent}).level == MISSING
    assert claimed(pedigree, {"value_sources": {"assumed": 176, "sourced": 20}}).level == 1
    untagged = {str(n): {"value": "1 m", "tag": None} for n in range(3)}
    sheet = html_of(credibility_table({}, untagged))
    assert "a tag of its source" in sheet


def test_a_campaign_that_dispersed_nothing_claims_nothing_of_its_inputs(flown):
    made, table = flown
    bare = made | {"dispersions": [], "drivers": [], "indices": [], "pairs": []}
    levels = {factor.name: claimed(factor, bare).level for factor in FACTORS}
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
    assert claimed(robustness, made).level == level
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
    unfounded = Factor(
        name="Validation",
        part="development",
        level=4,
        asks="asks",
        why="why",
        evidence=(),
        raised_by="more",
    )
    with pytest.raises(ValueError, match="without any evidence"):
        claimed(unfounded, {})
