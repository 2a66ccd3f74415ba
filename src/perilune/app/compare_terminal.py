"""A comparison of two campaigns on a terminal: what they show, and a table of what changed."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from rich.console import Console
from rich.table import Table

from perilune.app.campaign_terminal import Document, Lines, print_plain
from perilune.report.campaign_words import plain_characters
from perilune.report.pages.moved_figures import (
    change_sentence,
    count_name,
    count_note,
    name_of,
    points_words,
    signed,
)
from perilune.report.terminal_width import print_fitted
from perilune.report.unit_labels import NOTHING, unit_of

MOST_COUNTS, MOST_FIGURES = 4, 8
"""Rows of the table; `report.html` has all."""
SURE = "{level} confidence for all of them together"

Row = tuple[str, str, str, str]


def compare_lines(document: Document) -> Lines:
    """A function that prints a comparison on a console."""
    verdict, _, between = document["sentences"]

    def lines(console: Console) -> None:
        changed = change_sentence(document["together"] or {}, SURE)
        for sentence in (_runs(document), verdict, between, changed):
            print_plain(console, plain_characters(sentence))
        if rows := list(_rows(document)):
            print_fitted(console, _table(rows, document["names"]))
            for sentence in _notes(document, rows):
                print_plain(console, plain_characters(sentence))
        for note in document["notes"]:
            print_plain(console, note)

    return lines


def _runs(document: Document) -> str:
    """How many runs were clean in both, in one of the two, in neither."""
    one, other = document["names"]
    return (
        f"{document['runs']:,} runs flown by both: clean in both {document['both_clean']:,}, only "
        f"in {one} {document['only_a_clean']:,}, only in {other} {document['only_b_clean']:,}, in "
        f"neither {document['neither_clean']:,}."
    )


def _rows(document: Document) -> Iterator[tuple[Row, ...]]:
    """The rows of each count and figure that changed, the most important first."""
    figures = [row for row in document["figures"] or () if row["moved"]]
    for row in _counts_shown(document):
        yield (_count_row(row),)
    for row in figures[:MOST_FIGURES]:
        name, unit = name_of(row["column"]), unit_of(row["column"])
        tests = ((name, row["level"]), (f"{name}: spread", row["spread"]))
        yield tuple(_figure_row(words, test, unit) for words, test in tests if test["moved"])


def _counts_shown(document: Document) -> list[Mapping[str, Any]]:
    return [row for row in document["counts"] or () if row["moved"]][:MOST_COUNTS]


def _count_row(row: Mapping[str, Any]) -> Row:
    low, high = (points_words(end, 1) for end in row["interval"])
    change = f"{points_words(row['difference'], 1)} points"
    return (
        f"{count_name(row)}",
        change,
        f"{low} to {high}",
        f"{row['only_b']:,} / {row['only_a']:,}",
    )


def _figure_row(words: str, test: Mapping[str, Any], unit: str) -> Row:
    """A change of the median, or that it did not change where the figure did in some runs only."""
    ways = f"{test['up']:,} / {test['down']:,}"
    low, high = test["interval"] or (-1.0, 1.0)
    if low <= 0.0 <= high:
        return words, NOTHING, "median unchanged", ways
    between = " to ".join(signed(float(end), unit) for end in (low, high))
    return words, signed(test["change"], unit), between, ways


def _table(rows: Sequence[Sequence[Row]], names: Sequence[str]) -> Table:
    table = Table(box=None, pad_edge=False, header_style="dim")
    table.add_column("Changed")
    for head in (f"{names[1]} minus {names[0]}", "interval", "runs up / down"):
        table.add_column(head, justify="right")
    for row in (row for group in rows for row in group):
        table.add_row(*map(plain_characters, row))
    return table


def _notes(document: Document, rows: Sequence[Sequence[Row]]) -> Iterator[str]:
    """What the table leaves out, and what its words mean."""
    if any(row[0].endswith(": spread") for group in rows for row in group):
        yield "Spread: the distance of a run from the median of its campaign."
    for row in _counts_shown(document):
        if note := count_note(row):
            yield f"{count_name(row)}: {note}."
    if rest := document["together"]["moved"] - len(rows):
        yield f"{rest:,} more are in the report."
