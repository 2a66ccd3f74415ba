"""What the pairs of a sweep's points say: which differ in clean flights, which figures moved."""

from collections.abc import Mapping, Sequence

from perilune.campaign.statistics.scope import OF_WHAT
from perilune.report.campaign_words import level, p_words
from perilune.report.pages.content import Inline, Paragraph, Part, Table, strong
from perilune.report.pages.moved_figures import figure_words, points_words
from perilune.report.unit_labels import NOTHING

MOST_FIGURES = 3
_HEADS = (
    "From",
    "To",
    "Clean in first only, second only",
    "P(clean), change",
    "p adjusted",
    "Largest changes",
)


def pairs_sentence(pairwise: Mapping, names: Sequence[str]) -> str:
    """How many pairs differ in clean flights, and how many have a figure that moved."""
    pairs, together = pairwise["pairs"], pairwise["together"]
    if not pairs:
        return ""
    differ = [row for row in pairs if row["differ"]]
    moved = sum(any(each["moved"] for each in row["figures"]) for row in pairs)
    named = "; ".join(_named(row, names) for row in differ[:MOST_FIGURES])
    more = f"; and {len(differ) - MOST_FIGURES} more" if len(differ) > MOST_FIGURES else ""
    clean = f"{len(differ)} differ in clean flights ({named}{more})" if differ else ""
    return (
        f"Of {len(pairs)} pair{'s'[: len(pairs) > 1]} of points, compared run by run and "
        f"corrected for all pairs at {level(together['confidence'])} confidence, "
        f"{clean or 'none differs significantly in clean flights'}, and {moved or 'none'} changed "
        "in a figure of touchdown or reserves."
    )


def pair_lines(pairwise: Mapping, names: Sequence[str]) -> list[str]:
    """A line for each pair that differs in anything."""
    return [
        f"{_named(row, names)}: {'; '.join(_said(row))}" for row in pairwise["pairs"] if _said(row)
    ]


def pairs_table(pairwise: Mapping, names: Sequence[str]) -> list[Part]:
    """Every pair: clean flights, P(clean) with an interval, and the figures that moved most."""
    pairs, together = pairwise["pairs"], pairwise["together"]
    if not pairs:
        return []
    note = (
        f"P(clean) is {OF_WHAT}. Both points of a pair flew the same run numbers: clean flights "
        "are compared by McNemar's exact test, figures by the sign test. Intervals and p of "
        f"clean flights are simultaneous for all {len(pairs)} pairs, those of figures for all "
        f"{together['tests']:,} tests of figures, at {level(together['confidence'])} "
        "confidence."
    )
    rows = [_row(row, names) for row in pairs]
    return [Paragraph(note), Table(_HEADS, rows, "pairwise")]


def _named(row: Mapping, names: Sequence[str]) -> str:
    return f"{names[row['a']]} to {names[row['b']]}"


def _said(row: Mapping) -> list[str]:
    """What differs between two points, in words."""
    clean = (
        [
            f"clean in the first only {row['only_a_clean']:,}, in the second only "
            f"{row['only_b_clean']:,}"
        ]
        if row["differ"]
        else []
    )
    return clean + _figures(row)


def _figures(row: Mapping) -> list[str]:
    moved = sorted(
        (each for each in row["figures"] if each["moved"]), key=lambda each: -(each["size"] or 1e9)
    )
    named = [figure_words(each) for each in moved[:MOST_FIGURES]]
    rest = len(moved) - len(named)
    return named + ([f"{rest} more"] if rest else [])


def _row(row: Mapping, names: Sequence[str]) -> tuple[Inline, ...]:
    low, high = (points_words(end, 1) for end in row["interval"])
    change = f"{points_words(row['difference'], 1)} ({low} to {high}) points"
    return (
        names[row["a"]],
        names[row["b"]],
        f"{row['only_a_clean']:,}, {row['only_b_clean']:,}",
        strong(change) if row["differ"] else change,
        p_words(row["p_adjusted"]),
        "; ".join(_figures(row)) or NOTHING,
    )
