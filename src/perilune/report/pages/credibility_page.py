"""The credibility sheet as HTML: each factor's level, why, and the files that carry it."""

from collections.abc import Mapping
from html import escape

from perilune.mission.show import PROVEN, kind_counts, sourcing_sentence
from perilune.report.flight_tables import kind_of, table
from perilune.report.pages.credibility import FACTORS, HIGHEST, MISSING, STANDARD, Factor, claimed

_HEADS = ("Factor", "Level", "Why this and no more", "Evidence", "What would raise it")
_PARTS = {
    "development": "The models' development",
    "use": "This use of them",
    "support": "Around both",
    "revision B": "Asked besides by revision B",
}


def credibility_html(document: Mapping, sources: Mapping[str, Mapping] | None = None) -> str:
    """The sheet of one campaign; evidence is named by its path in Perilune's source tree.

    `sources` are the mission's values with the tags of their sources, path to {value, tag}.
    """
    if sources:
        tags = (str(each.get("tag") or "") for each in sources.values())
        document = {**document, "value_sources": kind_counts(tags)}
    rows = [_row(factor, document) for factor in FACTORS]
    return f"<p>{escape(_words())}</p>{table(_HEADS, rows, 'credibility cards')}"


def _words() -> str:
    return (
        f"After {STANDARD}. Levels run from 0, insufficient evidence, to {HIGHEST}. They are the "
        "authors' own reading, in their own words, not a certificate; what nobody can point at "
        "is missing. The factors are not to be added up: for a given use, the weakest one that "
        "matters to it decides. Evidence is named by its path in the source of Perilune, at the "
        "commit given under Provenance."
    )


def _row(factor: Factor, document: Mapping) -> tuple[str, ...]:
    own, factor = factor, claimed(factor, document)
    level, lost = factor.level, factor.level == MISSING < own.level
    why = _facts(factor, document) + factor.why
    if lost:
        why = f"This campaign holds nothing it could rest on ({', '.join(factor.needs)})."
    return (
        f"<strong>{escape(factor.name)}</strong><br><small>{escape(_PARTS[factor.part])}</small>",
        _level(level),
        f"{escape(why)}<br><small>Level {max(level, 1)} asks: {escape(factor.asks)}</small>"
        if not lost
        else escape(why),
        "<br>".join(_evidence(path, what) for path, what in factor.evidence)
        or '<span class="not">missing</span>',
        escape(factor.raised_by),
    )


def _level(level: int) -> str:
    if level == MISSING:
        return '<span class="not">0 · missing</span>'
    return f"<strong>{level}</strong> of {HIGHEST}"


def _evidence(path: str, what: str) -> str:
    return f"<code>{escape(path)}</code> <small>{escape(what)}</small>"


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
