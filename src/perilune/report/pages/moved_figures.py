"""What a comparison of two campaigns says: which figures moved, by how much, how surely."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from perilune.campaign.statistics.scope import OF_WHAT
from perilune.report.campaign_words import (
    criterion_note,
    criterion_words,
    level,
    outcome_words,
    p_words,
)
from perilune.report.unit_labels import shown, spelled_out
from perilune.report.unit_labels import unit_of as written_unit


class Most(NamedTuple):
    """How many counts and figures that moved are named."""

    counts: int
    figures: int


MOST_NAMED, ON_PAGE = Most(counts=2, figures=4), Most(counts=1, figures=1)
"""In the terminal, and over the page's tables."""
_NAMES = {
    "contact_s": "Time of contact",
    "height_error_100_m": "Height error at 100 m",
    "propellant_kg": "Propellant left",
    "cold_gas_kg": "Cold gas left",
}


def headline(comparison: Mapping) -> str:
    """Whether the two differ, in a few words."""
    together = comparison.get("together") or {}
    if comparison["differ"]:
        return "They differ"
    if together.get("moved"):
        return "Figures differ, P(clean) not shown to"
    return "Too few runs to decide" if _is_too_few(comparison) else "No difference shown"


def sentences(names: Sequence[str], comparison: Mapping, most: Most = MOST_NAMED) -> list[str]:
    """What a comparison says: of clean touchdowns first, then of all figures that were kept."""
    one, other = names
    return [
        _verdict(names, comparison),
        _figures(names, comparison, most),
        _between(one, other, comparison),
    ]


def _verdict(names: Sequence[str], comparison: Mapping) -> str:
    one, other = names
    if comparison["differ"]:
        better, worse = (one, other) if comparison["better"] == "a" else (other, one)
        return f"{better} lands cleanly more often than {worse}."
    if _is_too_few(comparison):
        return (
            f"{comparison['runs']:,} runs are too few to distinguish {one} and {other}: at least "
            f"{_least(comparison)} must all change in the same direction."
        )
    if (comparison.get("together") or {}).get("moved"):
        return f"Clean touchdowns alone show no difference between {one} and {other}."
    return f"The flights show no difference between {one} and {other}."


def _is_too_few(comparison: Mapping) -> bool:
    together = comparison.get("together") or {}
    decided = together.get("same") or together.get("moved") or not together
    return not decided and comparison["runs"] < _least(comparison)


def _least(comparison: Mapping) -> int:
    return comparison["together"]["least_pairs"]


def _figures(names: Sequence[str], comparison: Mapping, most: Most) -> str:
    """How many figures moved, and the most important ones by how much."""
    together = comparison.get("together") or {}
    named = _most_important(names, comparison, most) if together.get("moved") else ""
    return change_sentence(together, "together at {level} confidence, {tests:,} tests", named)


def change_sentence(together: Mapping, sure: str, named: str = "") -> str:
    """How many figures and counts changed, and which where they are `named`.

    `sure` has room for the `level` of confidence and the number of `tests`.
    """
    if not together:
        return "No figure was compared."
    every = f"{together['looked_at']:,} figures and counts"
    if together["same"]:
        return f"All {every} are the same in every run."
    how_many = f"{together['moved']:,}" if together["moved"] else "None"
    how_sure = sure.format(level=level(together["confidence"]), tests=together["tests"])
    changed = f"{how_many} of {every} changed significantly ({how_sure})"
    return f"{changed}: {named}." if named else f"{changed}."


def _most_important(names: Sequence[str], comparison: Mapping, most: Most) -> str:
    """The first counts and figures that moved, by how much, and how many more there are."""
    counts, figures = (
        [row for row in comparison[which] if row["moved"]][:count]
        for which, count in zip(("counts", "figures"), most, strict=True)
    )
    named = [count_words(names, row) for row in counts] + [figure_words(row) for row in figures]
    rest = comparison["together"]["moved"] - len(named)
    return "; ".join([*named, f"and {rest} more"] if rest else named)


def figure_words(row: Mapping) -> str:
    """`Propellant left: median change +1.2 kg (+1.1 kg to +1.3 kg), up in all 128 runs`."""
    parts = []
    if row["level"]["moved"]:
        parts.append(_change(row, row["level"], "median change "))
    if row["spread"]["moved"]:
        parts.append(_change(row, row["spread"], "distance from the median of its campaign "))
    return f"{name_of(row['column'])}: {', and its '.join(parts)}"


def _change(row: Mapping, test: Mapping, what: str) -> str:
    unit = written_unit(row["column"])
    way = _ways(test, row["pairs"])
    low, high = test["interval"] or (-1.0, 1.0)
    if low <= 0.0 <= high:
        return f"{what.removeprefix('median change ')}{way}, no significant change of its median"
    return (
        f"{what}{signed(test['change'], unit)} ({signed(low, unit)} to {signed(high, unit)}), {way}"
    )


def _ways(test: Mapping, pairs: int) -> str:
    """In how many runs it went up and down."""
    up, down = test["up"], test["down"]
    for name, count in (("up", up), ("down", down)):
        if count == pairs:
            return f"{name} in all {pairs:,} runs"
    return f"up in {up:,} and down in {down:,} of {pairs:,} runs"


def count_words(names: Sequence[str], row: Mapping) -> str:
    """`Tilt not met: in 3 of 128 flights of A, in 19 of B`."""
    one, other = names
    of_one = f"in {row['a']:,} of {row['runs']:,} flights of {one}"
    return f"{count_name(row)}: {of_one}, in {row['b']:,} of {other}"


def count_name(row: Mapping) -> str:
    """What is counted: `Tilt not met`, `Ended: tipped over`."""
    kind, name = row["kind"], row["name"]
    if kind == "violated":
        return f"{criterion_words(name)} not met"
    if kind == "came to":
        return f"Came to: {name_of(name)}"
    if kind == "outcome":
        return f"Ended: {outcome_words(name)}"
    return f"First cause: {name.replace('_', ' ')}"


def count_note(row: Mapping) -> str:
    """What is to be known of a count beside its name; nothing of most."""
    return criterion_note(row["name"]) if row["kind"] == "violated" else ""


def name_of(column: str) -> str:
    """A column as a person says it: `NEES at gate, position`, `time of contact`."""
    if column in _NAMES:
        return _NAMES[column]
    if column.startswith("event_"):
        return f"Time of {spelled_out(column.removeprefix('event_')).lower()}"
    if column.startswith("margin_"):
        return f"Margin of {criterion_words(column.removeprefix('margin_')).lower()}"
    if column.startswith("nees_"):
        return f"NEES, {column.removeprefix('nees_').replace('_', ' ')}"
    if column.startswith("nis_"):
        return f"NIS, {column.removeprefix('nis_').replace('_', ' ')}"
    return spelled_out(column)


def signed(value: float, unit: str) -> str:
    """A change with its sign and unit."""
    return ("+" if value > 0.0 else "") + shown(float(value), unit)


def _between(one: str, other: str, comparison: Mapping) -> str:
    low, high = (points_words(end, 2) for end in comparison["interval"])
    return (
        f"P(clean) of {other} minus that of {one}, {OF_WHAT}, lies between {low} and {high} "
        f"percentage points at {level(comparison['confidence'])} confidence (McNemar's exact "
        f"test: p {_p(comparison['p'])})."
    )


def points_words(share: float, decimals: int) -> str:
    """A difference of shares in percentage points."""
    return f"{100.0 * share:+.{decimals}f}".replace("-", "\N{MINUS SIGN}")


def _p(value: float | None) -> str:
    words = p_words(value)
    return words if words.startswith("<") else f"= {words}"
