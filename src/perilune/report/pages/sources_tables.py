"""The tables of a mission's values and where each is from, those without a source first."""

import re
from collections.abc import Iterable, Mapping

from perilune.mission.show import PROVEN, UNTAGGED, kind_counts, kind_of_tag, sourcing_sentence
from perilune.report.pages.content import Folded, Heading, Inline, Paragraph, Part, Table, lines
from perilune.report.unit_labels import shown, to_four_figures

_ALIKE = 3
"""So many entries of a list with the same source share a row."""
_ENTRY = re.compile(r"(.+?)\.\d+\.")


def sources_tables(sources: Mapping[str, Mapping]) -> list[Part]:
    """How many values have a source; those without it, each with its tag; the others folded away.

    Only what is sourced or computed counts as having a source.
    """
    proven = {path: each for path, each in sources.items() if kind_of(each) in PROVEN}
    unproven = {path: each for path, each in sources.items() if path not in proven}
    before = " Drawn values are shown before the draw."
    before = before if any(each.get("drawn") for each in sources.values()) else ""
    parts: list[Part] = [Paragraph(f"{sourcing_words(sources)}{before}")]
    if unproven:
        parts += [Heading(f"Values without a source ({len(unproven)})"), _sources(unproven)]
    if proven:
        parts.append(Folded(f"Values with a source ({len(proven)})", [_sources(proven)]))
    return parts


def values_table(sources: Mapping[str, Mapping]) -> list[Part]:
    """Every value of the mission and where it is from, folded away, the doubtful ones counted."""
    return [Paragraph(sourcing_words(sources)), Folded("All values", sources_tables(sources))]


def sourcing_words(sources: Mapping[str, Mapping]) -> str:
    """How many of the values have a source and how many have none, kind by kind."""
    return sourcing_sentence(kind_counts(str(each.get("tag", "")) for each in sources.values()))


def kind_of(source: Mapping) -> str:
    """The kind of a tag: `[assumed: from published sizes]` is assumed, none is untagged."""
    return kind_of_tag(str(source.get("tag") or ""))


def _sources(values: Mapping[str, Mapping]) -> Table:
    groups: dict[tuple[str, str], list[tuple[str, Mapping]]] = {}
    for path, each in values.items():
        entry = _ENTRY.match(path)
        groups.setdefault((entry[1] if entry else path, _tag(each)), []).append((path, each))
    rows = [row for (name, tag), group in groups.items() for row in _rows(name, tag, group)]
    return Table(("Parameter", "Value", "Source"), rows, "sources")


def _rows(
    name: str, tag: str, group: list[tuple[str, Mapping]]
) -> Iterable[tuple[str, Inline, str]]:
    """A row for each value, or one for all entries of a list that share a source."""
    source = tag.strip("[]")
    count = len({path.removeprefix(name).split(".")[1] for path, _ in group if path != name})
    if count < _ALIKE:
        return [(path, _value(each), source) for path, each in group]
    fields = dict.fromkeys(path.rpartition(".")[2] for path, _ in group)
    every = [f"{path.removeprefix(name + '.')}: {_value(each)}" for path, each in group]
    return [(name, Folded(f"{' and '.join(fields)} of each of {count}", lines(every)), source)]


def _value(source: Mapping) -> str:
    """A value, and from which distribution it is drawn where each flight draws it."""
    drawn = source.get("drawn")
    value = shown(source.get("value"))
    return f"{value}; drawn in each flight: {to_four_figures(drawn)}" if drawn else value


def _tag(source: Mapping) -> str:
    return str(source.get("tag") or UNTAGGED)
