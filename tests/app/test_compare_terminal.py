"""What a terminal says of two campaigns: a table of what changed, from the document alone."""

import io

import numpy as np
import pyarrow as pa
from rich.console import Console

from perilune.app.compare_terminal import MOST_FIGURES, compare_lines
from perilune.campaign.analysis.paired_figures import compare_figures
from perilune.campaign.statistics.paired_tests import compare
from perilune.report.pages.moved_figures import sentences
from tests.report.synthetic_campaign import rows
from tests.report.synthetic_pages import rescaled

NAMES = ["before", "after"]


def compared(first, second):
    """The document of two tables, as far as a terminal reads it."""
    clean = (np.array(table["clean"]) for table in (first, second))
    found = compare(*clean, 0.95) | compare_figures((first, second), 0.95)
    return found | {"names": NAMES, "sentences": sentences(NAMES, found), "notes": ["A note."]}


def printed(document):
    out = io.StringIO()
    compare_lines(document)(Console(file=out, width=120))
    return out.getvalue()


def test_a_figure_that_changed_is_a_row_with_its_change_interval_and_directions():
    table = rows(192)
    document = compared(table, rescaled(table, {"propellant_kg": 0.9}))
    said = printed(document)
    (row,) = [line for line in said.splitlines() if line.startswith("Propellant left ")]
    (figure,) = [each for each in document["figures"] if each["column"] == "propellant_kg"]
    low, high = figure["level"]["interval"]
    assert low < figure["level"]["change"] < high < 0.0
    assert row.split()[2:] == [
        *(f"{figure['level']['change']:.4g}", "kg", f"{low:.4g}", "kg", "to", f"{high:.4g}", "kg"),
        *("0", "/", "192"),
    ]
    head = next(line for line in said.splitlines() if line.startswith("Changed"))
    assert "after minus before" in head
    assert said.count("tests") == 0  # one total, that of figures and counts
    assert said.endswith("A note.\n")


def test_the_table_is_compact_and_says_how_many_more_there_are():
    table = rows(192)
    numeric = [
        name
        for name in table.column_names
        if str(table.schema.field(name).type) == "double" and not name.startswith("nees_")
    ]
    document = compared(table, rescaled(table, dict.fromkeys(numeric, 1.5)))
    moved = document["together"]["moved"]
    assert moved > MOST_FIGURES
    said = printed(document)
    assert f"{moved} of " in said
    assert f"{moved - MOST_FIGURES} more are in the report." in said


def test_campaigns_without_a_difference_have_no_table():
    table = rows(64)
    said = printed(compared(table, table))
    assert "are the same in every run." in said
    assert "Changed" not in said


def test_a_miss_that_is_not_met_is_said_to_make_no_touchdown_unclean():
    table = rows(192)
    places = table.column_names.index("margin_miss_m")
    far = table.set_column(places, "margin_miss_m", pa.array(np.full(192, -1.0)))
    printed_far = printed(compared(table, far))
    assert any(line.startswith("Miss not met ") for line in printed_far.splitlines())
    assert "Miss not met: does not make a touchdown unclean." in printed_far
    assert "touchdown unclean" not in printed(compared(table, rescaled(table, {"tilt_deg": 2.0})))
