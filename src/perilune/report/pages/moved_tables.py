"""The tables of a comparison: every figure and count, those that moved first."""

from collections.abc import Mapping, Sequence

from perilune.report.campaign_words import level, p_words
from perilune.report.pages.content import (
    Folded,
    Heading,
    Inline,
    Paragraph,
    Part,
    Table,
    lines,
    small,
    strong,
)
from perilune.report.pages.moved_figures import (
    count_name,
    count_note,
    name_of,
    points_words,
    signed,
)
from perilune.report.unit_labels import NOTHING, shown, unit_of

OPEN_ROWS = 12
_HEADS = ("Figure", "Pairs", "Median of each", "Change", "Interval", "Up / down", "p adjusted")
_COUNT_HEADS = ("Flights that", "In each", "Only in one", "Difference", "p adjusted")


def moved_tables(names: Sequence[str], comparison: Mapping) -> list[Part]:
    """Every figure and count that moved, and, folded away, every one that was not shown to."""
    together = comparison.get("together")
    if not together:
        return []
    figures, counts = comparison["figures"], comparison["counts"]
    moved = [_figure_row(row) for row in figures if row["moved"]]
    still = [_figure_row(row) for row in figures if not row["moved"]]
    parts: list[Part] = [Paragraph(_read(names, together))]
    if moved:
        parts += [Heading("Figures that changed"), Table(_HEADS, moved[:OPEN_ROWS], "moved")]
    parts += _folded("Other figures that changed", moved[OPEN_ROWS:])
    parts += _folded("Figures without a significant change", still)
    if counts:
        rows = [_count_row(row) for row in counts]
        parts += [Heading("Counts of flights"), Table(_COUNT_HEADS, rows, "moved")]
    return parts


def _folded(words: str, rows: list) -> list[Part]:
    return [Folded(f"{words}: {len(rows)}", [Table(_HEADS, rows, "moved")])] if rows else []


def _read(names: Sequence[str], together: Mapping) -> str:
    return (
        f"Change is {names[1]} minus {names[0]}, run by run: the median over the runs that "
        "reached the figure in both. Order: touchdown and reserves, navigation, times and "
        "places; in each the largest change relative to the spread between flights first. "
        f"Intervals are simultaneous at {level(together['confidence'])} confidence over "
        f"{together['tests']:,} tests, and p is corrected for all of them. A figure can change "
        "significantly while its median does not, where it changed in some runs only. Methods: "
        f"{together['source']}."
    )


def _figure_row(row: Mapping) -> tuple[Inline, ...]:
    unit, name = unit_of(row["column"]), name_of(row["column"])
    first: Inline = strong(name) if row["moved"] else name
    cells = [_cells(row["level"], unit)]
    if row["spread"]["moved"]:
        cells.append(_cells(row["spread"], unit))
        first = lines([first, small("and its distance from the median of its campaign")])
    joined = [lines(each) for each in zip(*cells, strict=True)]
    medians = f"{shown(row['a_median'], unit)}, {shown(row['b_median'], unit)}"
    return (first, f"{row['pairs']:,}", medians, *joined)


def _cells(test: Mapping, unit: str) -> tuple[str, ...]:
    """Change, interval, ways, p."""
    interval = test["interval"]
    between = (
        NOTHING if interval is None else " to ".join(signed(float(end), unit) for end in interval)
    )
    change = NOTHING if test["change"] is None else signed(test["change"], unit)
    return (change, between, f"{test['up']:,} / {test['down']:,}", p_words(test["p_adjusted"]))


def _count_row(row: Mapping) -> tuple[Inline, ...]:
    words, note = count_name(row), count_note(row)
    name: Inline = strong(words) if row["moved"] else words
    low, high = (points_words(end, 1) for end in row["interval"])
    between = f"{points_words(row['difference'], 1)} ({low} to {high}) points"
    return (
        lines([name, small(note)]) if note else name,
        f"{row['a']:,}, {row['b']:,}",
        f"{row['only_a']:,}, {row['only_b']:,}",
        between,
        p_words(row["p_adjusted"]),
    )
