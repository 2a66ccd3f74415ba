"""The credibility sheet as a table: each factor's level, why, and the files that carry it."""

from collections.abc import Mapping

from perilune.mission.show import PROVEN, kind_counts, sourcing_sentence
from perilune.report.pages.content import (
    Inline,
    Paragraph,
    Part,
    Table,
    Text,
    code,
    lines,
    small,
    strong,
)
from perilune.report.pages.credibility_factors import (
    FACTORS,
    HIGHEST,
    MISSING,
    STANDARD,
    Factor,
    claimed,
)
from perilune.report.pages.sources_tables import kind_of

_HEADS = ("Factor", "Level", "Why this level", "Evidence", "What would raise it")
_PARTS = {
    "development": "Model development",
    "use": "Model use",
    "support": "Supporting evidence",
    "revision B": "Added by revision B",
}


def credibility_table(
    document: Mapping, sources: Mapping[str, Mapping] | None = None
) -> list[Part]:
    """The sheet of one campaign; evidence is named by its path in Perilune's source tree.

    `sources` are the mission's values with the tags of their sources, path to {value, tag}.
    """
    if sources:
        tags = (str(each.get("tag") or "") for each in sources.values())
        document = {**document, "value_sources": kind_counts(tags)}
    rows = [_row(factor, document) for factor in FACTORS]
    return [Paragraph(_words()), Table(_HEADS, rows, "credibility cards")]


def _words() -> str:
    return (
        f"After {STANDARD}. Levels run from 0, insufficient evidence, to {HIGHEST}. They are the "
        "authors' own assessment, in their own words, not a certificate; a level without "
        "evidence is missing. Factors are not added up: for a given use, the weakest factor "
        "that matters to it decides. Evidence is named by its path in the source of Perilune, "
        "at the commit given under Provenance."
    )


def _row(factor: Factor, document: Mapping) -> tuple[Inline, ...]:
    own, factor = factor, claimed(factor, document)
    evidence = [_evidence(path, what) for path, what in factor.evidence]
    return (
        lines([strong(factor.name), small(_PARTS[factor.part])]),
        _level(factor.level),
        _why(own, factor, document),
        lines(evidence) or Text("missing", "not"),
        factor.raised_by,
    )


def _why(own: Factor, factor: Factor, document: Mapping) -> Inline:
    """Why the level is claimed, and what it asks; or that the campaign holds nothing for it."""
    if factor.level == MISSING < own.level:
        return f"This campaign has no evidence for it ({', '.join(factor.needs)})."
    asks = small(f"Level {max(factor.level, 1)} asks: {factor.asks}")
    return lines([_facts(factor, document) + factor.why, asks])


def _level(level: int) -> Inline:
    if level == MISSING:
        return Text("0 · missing", "not")
    return strong(str(level)), f" of {HIGHEST}"


def _evidence(path: str, what: str) -> Inline:
    return code(path), " ", small(what)


def _facts(factor: Factor, document: Mapping) -> str:
    """What this campaign itself adds to the pedigree of its inputs."""
    counts = document.get("value_sources")
    if factor.name == "Data pedigree" and counts:
        return f"{sourcing_sentence(counts)} "
    drawn = document.get("dispersions") or []
    if factor.name != "Input pedigree" or not drawn:
        return ""
    sourced = sum(kind_of({"tag": each.get("source")}) in PROVEN for each in drawn)
    return f"Of {len(drawn)} drawn inputs {sourced} have a source. "
