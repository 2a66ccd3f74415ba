"""The page's tables: criteria, events, terrain, values and their sources, provenance."""

import re
from collections.abc import Iterable, Mapping
from html import escape

from perilune.mission.show import PROVEN, UNTAGGED, kind_counts, kind_of_tag, sourcing_sentence
from perilune.report.unit_labels import (
    NOTHING,
    criterion_cells,
    said,
    shown,
    to_four_figures,
    unit_of,
)

_ALIKE = 3
"""So many entries of a list with the same source share a row."""

_TIMES = 10.0
"""From so many times a limit on, its share is said in times rather than in per cent."""


def table(heads: Iterable[str], rows: Iterable[Iterable[str]], kind: str = "") -> str:
    """An HTML table of cells that are HTML already; it scrolls by itself where it must."""
    head = "".join(f"<th scope=col>{each}</th>" for each in heads)
    body = "".join("<tr>" + "".join(f"<td>{cell}</td>" for cell in row) + "</tr>" for row in rows)
    return (
        f'<div class="scroll"><table class="{kind}"><thead><tr>{head}</tr></thead>'
        f"<tbody>{body}</tbody></table></div>"
    )


def criteria_table(result: Mapping) -> str:
    """Each criterion with its value, limit and margin, and how much of the limit was used."""
    heads = ("Criterion", "Value", "Limit", "Margin", "Of the limit", "Met")
    return table(heads, (_criterion(each) for each in result["criteria"]), "criteria")


def events_table(result: Mapping, pdi_s: float | None, contact_s: float | None) -> str:
    """Each event, numbered as on the figures, in UTC, T+, PDI+ and TD+."""
    rows = [
        (
            str(number),
            escape(said(event["name"])),
            _clock(event["utc"]),
            _after(event["time_s"], 0.0),
            _after(event["time_s"], pdi_s),
            _after(event["time_s"], contact_s),
        )
        for number, event in enumerate(result["events"], start=1)
    ]
    return table(("No.", "Event", "UTC", "T+", "PDI+", "TD+"), rows, "events")


def terrain_table(terrain: Iterable[Mapping]) -> str:
    """What is measured and what is made up, one row a piece of ground, columns as they come."""
    pieces = list(terrain)
    names = list(dict.fromkeys(name for piece in pieces for name in piece))
    rows = ([_cell(piece.get(name), name) for name in names] for piece in pieces)
    return table((escape(_head(name)) for name in names), rows, "terrain")


def sources_tables(sources: Mapping[str, Mapping]) -> str:
    """How many values have a source; those without it, each with its tag; the others folded away.

    Only what is sourced or computed counts as having a source.
    """
    proven = {path: each for path, each in sources.items() if kind_of(each) in PROVEN}
    unproven = {path: each for path, each in sources.items() if path not in proven}
    before = " Values that are drawn stand as they are before the draw."
    before = before if any(each.get("drawn") for each in sources.values()) else ""
    parts = [f"<p>{escape(sourcing_words(sources))}{before}</p>"]
    if unproven:
        parts.append(f"<h3>Values without a source ({len(unproven)})</h3>{_sources(unproven)}")
    if proven:
        parts.append(
            f"<details><summary>Values with a source ({len(proven)})</summary>"
            f"{_sources(proven)}</details>"
        )
    return "".join(parts)


def sourcing_words(sources: Mapping[str, Mapping]) -> str:
    """How many of the values have a source and how many have none, kind by kind."""
    return sourcing_sentence(kind_counts(str(each.get("tag", "")) for each in sources.values()))


def kind_of(source: Mapping) -> str:
    """The kind of a tag: `[assumed: from published sizes]` is assumed, none is untagged."""
    return kind_of_tag(str(source.get("tag") or ""))


def provenance_table(provenance: Mapping) -> str:
    """Everything the result was made from, nested names joined by dots."""
    rows = ((escape(path), escape(shown(value))) for path, value in _flat(provenance))
    return table(("What", "Which"), rows, "provenance")


def _criterion(each: Mapping) -> tuple[str, ...]:
    value, limit, margin = map(escape, criterion_cells(each))
    met = '<span class="met">✓ met</span>' if each["met"] else '<span class="not">✗ not met</span>'
    return escape(said(each["name"])), value, limit, margin, _meter(each), met


def _meter(each: Mapping) -> str:
    """A bar as long as the share of the limit that was used, full when it is passed."""
    if each["value"] is None or not each["limit"] or not unit_of(each["name"]):
        return ""
    share = abs(each["value"] / each["limit"])
    kind = "met" if each["met"] else "not"
    width = min(100.0 * share, 100.0)
    words = f"{100.0 * share:.0f} %" if share < _TIMES else f"{share:.3g} times"
    return f'<span class="meter"><i class="{kind}" style="width:{width:.0f}%"></i></span> {words}'


def _sources(values: Mapping[str, Mapping]) -> str:
    groups: dict[tuple[str, str], list[tuple[str, Mapping]]] = {}
    for path, each in values.items():
        entry = _ENTRY.match(path)
        groups.setdefault((entry[1] if entry else path, _tag(each)), []).append((path, each))
    rows = (row for (name, tag), group in groups.items() for row in _source_rows(name, tag, group))
    return table(("Value of", "Value", "Where it is from"), rows, "sources")


def _source_rows(name: str, tag: str, group: list) -> Iterable[tuple[str, str, str]]:
    """A row for each value, or one for all entries of a list that share a source."""
    count = len({path.removeprefix(name).split(".")[1] for path, _ in group if path != name})
    rows = [(escape(path), escape(_value(each)), escape(tag.strip("[]"))) for path, each in group]
    if count < _ALIKE:
        return rows
    fields = dict.fromkeys(path.rpartition(".")[2] for path, _ in group)
    every = "<br>".join(
        f"{path.removeprefix(escape(name) + '.')}: {value}" for path, value, _ in rows
    )
    folded = (
        f"<details><summary>{escape(' and '.join(fields))} of each of {count}</summary>"
        f"{every}</details>"
    )
    return [(escape(name), folded, escape(tag.strip("[]")))]


def _value(source: Mapping) -> str:
    """A value, and from which distribution it is drawn where each flight draws it anew."""
    drawn = source.get("drawn")
    value = shown(source.get("value"))
    return f"{value}; drawn in each flight: {to_four_figures(drawn)}" if drawn else value


def _tag(source: Mapping) -> str:
    return str(source.get("tag") or UNTAGGED)


_ENTRY = re.compile(r"(.+?)\.\d+\.")


def _clock(utc: str) -> str:
    """`2025-03-06T17:32:00.123Z` as `result.json` and the terminal have it, the day in small."""
    day, clock = utc.rstrip("Z").split("T")
    return f"<small>{day}</small> {clock}"


def _after(time_s: float, zero_s: float | None) -> str:
    if zero_s is None:
        return NOTHING
    after_s = time_s - zero_s
    sign, tenths = ("\N{MINUS SIGN}" if after_s <= -0.05 else "+"), round(abs(after_s) * 10)
    hours, tenths = divmod(tenths, 36_000)
    minutes, tenths = divmod(tenths, 600)
    whole = f"{hours}:{minutes:02d}" if hours else f"{minutes}"
    return f"{sign}{whole}:{tenths // 10:02d}.{tenths % 10}"


def _flat(values: Mapping, path: str = "") -> Iterable[tuple[str, object]]:
    for name, value in values.items():
        if isinstance(value, Mapping):
            yield from _flat(value, f"{path}{name}.")
        else:
            yield f"{path}{name}", value


def _head(name: str) -> str:
    unit = unit_of(name)
    return said(name) + (f", {unit}" if unit else "")


def _cell(value: object, name: str) -> str:
    text = escape(shown(value))
    if name in {"kind", "measured", "origin"}:
        return f"<strong>{text}</strong>"
    return text
