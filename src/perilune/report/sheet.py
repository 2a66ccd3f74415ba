"""How a page that needs nothing but itself is put together: head, sections, plotly.js."""

import importlib.util
import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from functools import cache
from html import escape
from itertools import groupby
from pathlib import Path
from string import Template

from perilune.errors import InputError
from perilune.report.figure import Figure

_HERE = Path(__file__).parent

Group = tuple[str, str, list]
"""A section: its key, its name, and what is in it, figures or HTML."""


@dataclass(frozen=True)
class Head:
    """What a page says first, as plain text; `tone` is clean, unclean or open."""

    kind: str
    title: str
    tone: str
    headline: str
    sentence: str
    summary: str = ""
    run: str = ""
    tiles: tuple[tuple[str, str], ...] = ()


def page_html(head: Head, groups: Sequence[Group]) -> str:
    """One page that needs nothing but itself to be read."""
    words = {name: escape(str(text)) for name, text in asdict(head).items() if name != "tiles"}
    parts = words | {
        "tiles": "".join(_tile(*tile) for tile in head.tiles),
        "contents": "".join(f'<a href="#{key}">{escape(name)}</a>' for key, name, _ in groups),
        "sections": "".join(_section(*group) for group in groups),
        "style": (_HERE / "page.css").read_text(encoding="utf-8"),
        "script": (_HERE / "page.js").read_text(encoding="utf-8"),
        "plotly": plotly_js(),
        "figures": _figures_json(group[2] for group in groups),
    }
    return Template((_HERE / "page.html").read_text(encoding="utf-8")).substitute(parts)


@cache
def plotly_js() -> str:
    """plotly.js as its Python package carries it, found without importing the package."""
    found = importlib.util.find_spec("plotly")
    if found is None or found.origin is None:
        raise InputError("plotly must be installed for the report, but is not; run `make fly`.")
    folder = Path(found.origin).parent
    return (folder / "package_data" / "plotly.min.js").read_text(encoding="utf-8")


def _tile(value: str, words: str) -> str:
    return f"<li><b>{escape(value)}</b><span>{escape(words)}</span></li>"


def _section(key: str, name: str, contents: Iterable) -> str:
    """A section; figures stand in columns, whatever else across the page."""
    runs = [(kind, list(run)) for kind, run in groupby(contents, _kind)]
    parts = [f'<div class="{kind}">{"".join(map(_html, run))}</div>' for kind, run in runs]
    return f'<section id="{key}"><h2>{escape(name)}</h2>{"".join(parts)}</section>'


def _kind(part: Figure | str) -> str:
    return "figures" if isinstance(part, Figure) else "words"


def _html(part: Figure | str) -> str:
    return _slot(part) if isinstance(part, Figure) else part


def _slot(figure: Figure) -> str:
    keys = "".join(
        f'<li><i class="{escape(look)}" style="--c:var({colour})"></i>{escape(name)}</li>'
        for name, colour, look in figure.legend
    )
    height = figure.body["layout"]["height"]
    return (
        f"<figure{' class=wide' if figure.wide else ''}><h3>{escape(figure.title)}</h3>"
        f'<ul class="legend{" map" if "--on-map" in keys else ""}">{keys}</ul>'
        f'<div class=plot id="{figure.key}" style="height:{height}px"></div>'
        f"<figcaption>{escape(figure.says)}</figcaption></figure>"
    )


def _figures_json(groups: Iterable[Iterable]) -> str:
    """The figures' bodies by key, safe inside a script element."""
    figures = {
        each.key: each.body for group in groups for each in group if isinstance(each, Figure)
    }
    return json.dumps(figures, allow_nan=False, separators=(",", ":")).replace("<", "\\u003c")
