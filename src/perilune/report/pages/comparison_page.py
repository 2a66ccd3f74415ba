"""One page that sets two campaigns side by side on the same runs, and says whether they differ."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
import pyarrow as pa
from jaxtyping import Bool, Float

from perilune.campaign.analysis.paired_figures import compare_figures
from perilune.campaign.statistics.columns import numbers_if_any
from perilune.campaign.statistics.scope import OF_WHAT
from perilune.mechanics.si_units import printed
from perilune.report.campaign_data import clean_of
from perilune.report.campaign_words import (
    decision_of,
    estimate_sentence,
    interval_words,
    outcome_words,
    percent,
    run_words,
    share_of,
)
from perilune.report.figures.charts import CLEAN, histogram
from perilune.report.figures.figure import Figure, Words
from perilune.report.figures.points import interval_figure
from perilune.report.pages.content import Heading, Paragraph, Part, Section, Table, Text
from perilune.report.pages.flight_tables import provenance_table
from perilune.report.pages.moved_figures import (
    ON_PAGE,
    headline,
    name_of,
    sentences,
    signed,
)
from perilune.report.pages.moved_tables import moved_tables
from perilune.report.pages.page_shell import Head, page_html
from perilune.report.unit_labels import NOTHING, shown, unit_of

_FIGURES = (
    "vertical_speed_m_s",
    "horizontal_speed_m_s",
    "tilt_deg",
    "miss_m",
    "propellant_kg",
    "leg_stroke_m",
)


def compare_html(
    documents: Sequence[Mapping],
    tables: Sequence[pa.Table],
    comparison: Mapping,
    extras: Mapping,
) -> str:
    """The page of two campaigns.

    `documents` and `tables` are the two `campaign.json` and their rows, of the same run numbers
    in the same order; `comparison` is what `paired_tests.compare` gives for their `clean`, with
    what `paired_figures.compare_figures` has of their rows, which is worked out here where it is
    not given. `extras` may have `names`, what to call the two, and `title`.
    """
    names = tuple(extras.get("names") or ("A", "B"))
    if "together" not in comparison:
        comparison = {**comparison, **compare_figures(tables, comparison["confidence"])}
    head = Head(
        kind="comparison",
        title=extras.get("title") or f"{names[0]} beside {names[1]}",
        tone="open",
        headline=headline(comparison),
        sentence=" ".join(sentences(names, comparison, ON_PAGE)),
        run=f"{comparison['runs']:,} runs flown by both, paired by run number",
        tiles=_tiles(names, documents, comparison),
    )
    return page_html(head, _sections(names, documents, tables, comparison))


def _tiles(
    names: Sequence[str], documents: Sequence[Mapping], comparison: Mapping
) -> tuple[tuple[str, str], ...]:
    each = [
        (
            percent(document["probability"]),
            f"clean in {name}; P(clean) {OF_WHAT}: {interval_words(document['interval'])}",
        )
        for name, document in zip(names, documents, strict=True)
    ]
    only = (
        (f"{comparison[f'only_{x}_clean']:,}", f"clean in {name} only") for x, name in _ab(names)
    )
    return (*each, *only)


def _ab(names: Sequence[str]) -> tuple[tuple[str, str], ...]:
    return tuple(zip("ab", names, strict=True))


def _sections(
    names: Sequence[str],
    documents: Sequence[Mapping],
    tables: Sequence[pa.Table],
    comparison: Mapping,
) -> list[Section]:
    estimates = [_estimates(names, documents), *_pairs_table(names, comparison)]
    return [
        Section("estimates", "Estimates", estimates),
        Section("moved", "What changed", moved_tables(names, comparison)),
        Section("outcomes", "Outcomes", [_outcomes(names, documents)]),
        Section("changes", "Run by run", _differences(names, tables, comparison)),
        Section("settings", "What differs", [_settings(names, documents)]),
        Section("provenance", "Provenance", _provenance(names, documents)),
    ]


def _estimates(names: Sequence[str], documents: Sequence[Mapping]) -> Figure:
    rows = [(name, document) for name, document in zip(names, documents, strict=True)]
    caption = (
        f"Each {OF_WHAT}, with its own interval. Whether the intervals overlap proves nothing: "
        "both campaigns flew the same runs, so read the paired test below."
    )
    return interval_figure(Words("interval-each", "P(clean) of the two", caption), "campaign", rows)


def _pairs_table(names: Sequence[str], comparison: Mapping) -> list[Part]:
    one, other = names
    rows = [
        (f"{one} clean", f"{comparison['both_clean']:,}", f"{comparison['only_a_clean']:,}"),
        (f"{one} not clean", f"{comparison['only_b_clean']:,}", f"{comparison['neither_clean']:,}"),
    ]
    note = (
        "Only runs that are clean in one campaign and not in the other count; without a "
        f"difference each is equally likely to go either way. {comparison['source']}."
    )
    return [
        Heading("The same runs in both campaigns"),
        Paragraph(note),
        Table(("", f"{other} clean", f"{other} not clean"), rows, "paired"),
    ]


def _outcomes(names: Sequence[str], documents: Sequence[Mapping]) -> Table:
    every = dict.fromkeys(name for document in documents for name in document["outcomes"])
    rows = [
        (
            outcome_words(outcome),
            *(share_of(each["outcomes"].get(outcome, 0), each["runs"]) for each in documents),
        )
        for outcome in every
    ]
    verdicts = [decision_of(each)["verdict"] for each in documents]
    decided = (Text("decision", "em"), *verdicts)
    return Table(("How it ended", *names), [*rows, decided], "outcomes")


def _differences(
    names: Sequence[str], tables: Sequence[pa.Table], comparison: Mapping
) -> list[Figure]:
    """By how much each run's figure differs, where both came to it."""
    clean = [clean_of(each) for each in tables]
    moved_at_all = {row["column"] for row in comparison["figures"] if row["level"]["moved"]}
    figures = []
    for name in _FIGURES:
        one, other = (numbers_if_any(each, name) for each in tables)
        moved = other - one
        if np.isfinite(moved).sum() > 1 and np.nanmax(np.abs(moved)) > 0.0:
            sure = "" if name in moved_at_all else ", not significant"
            figures.append(_difference(names, name, sure, moved, clean[0] & clean[1]))
    return figures


def _difference(
    names: Sequence[str],
    name: str,
    sure: str,
    moved: Float[np.ndarray, " run"],
    clean: Bool[np.ndarray, " run"],
) -> Figure:
    middle = float(np.nanmedian(moved))
    unit = unit_of(name)
    title = f"{name_of(name)}: median change {signed(middle, unit)}{sure}"
    caption = (
        f"{names[1]} minus {names[0]}, run by run. Left of zero: smaller in {names[1]}. Blue: "
        "runs clean in both."
    )
    words = Words(f"change-{name.replace('_', '-')}", title, caption)
    figure = histogram(words, f"change, {unit}", moved, clean, ((0.0, "no change"),))
    legend = tuple(
        ("clean in both" if colour == CLEAN else "not clean in one or both", colour, look)
        for _, colour, look in figure.legend
    )
    return replace(figure, legend=legend)


def _settings(names: Sequence[str], documents: Sequence[Mapping]) -> Table:
    rows = [
        (name, *(_plain(each.get(name)) for each in documents))
        for name in ("mission", "seed", "faults", "settings", "sampling", "runs")
    ]
    drawn = [
        {each["path"]: each for each in document.get("dispersions") or ()} for document in documents
    ]
    rows += [
        (path, *(_drawn(each.get(path)) for each in drawn))
        for path in dict.fromkeys([*drawn[0], *drawn[1]])
        if _drawn(drawn[0].get(path)) != _drawn(drawn[1].get(path))
    ]
    return Table(("", *names), rows, "settings")


def _plain(value: object) -> str:
    if isinstance(value, (list, tuple)):
        return ", ".join(map(str, value)) or "none"
    return NOTHING if value is None else str(value)


def _drawn(each: Mapping | None) -> str:
    if each is None:
        return "not drawn"
    return printed(
        f"{shown(each.get('nominal'), each.get('unit') or '')}, {each.get('distribution')}"
    )


def _provenance(names: Sequence[str], documents: Sequence[Mapping]) -> list[Part]:
    return [
        part
        for name, document in zip(names, documents, strict=True)
        for part in (
            Heading(name),
            Paragraph(f"{estimate_sentence(document)} {run_words(document)}"),
            provenance_table(document.get("provenance") or {}),
        )
    ]
