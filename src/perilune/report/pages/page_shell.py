"""How a page that needs nothing but itself is put together: head, sections, plotly.js."""

import importlib.util
import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from functools import cache
from html import escape
from itertools import groupby
from pathlib import Path
from string import Template

from perilune.errors import InputError
from perilune.report.figures.figure import Figure

_TEMPLATES = Path(__file__).parents[1] / "templates"
_MOST_STRETCH = 1.7

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
    laid = [(key, name, _laid_out(contents)) for key, name, contents in groups]
    words = {name: escape(str(text)) for name, text in asdict(head).items() if name != "tiles"}
    parts = words | {
        "tiles": "".join(_tile(*tile) for tile in head.tiles),
        "contents": "".join(f'<a href="#{key}">{escape(name)}</a>' for key, name, _ in groups),
        "sections": "".join(_section(*group) for group in laid),
        "style": (_TEMPLATES / "page.css").read_text(encoding="utf-8"),
        "script": (_TEMPLATES / "page.js").read_text(encoding="utf-8"),
        "plotly": plotly_js(),
        "figures": _figures_json(group[2] for group in laid),
    }
    return Template((_TEMPLATES / "page.html").read_text(encoding="utf-8")).substitute(parts)


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
    """A section; figures stand in pairs of one height, whatever else across the page."""
    runs = [(kind, list(run)) for kind, run in groupby(contents, _kind)]
    parts = [f'<div class="{kind}">{"".join(map(_html, run))}</div>' for kind, run in runs]
    return f'<section id="{key}"><h2>{escape(name)}</h2>{"".join(parts)}</section>'


def _laid_out(contents: Iterable) -> list:
    """What is in a section, its runs of figures in pairs."""
    runs = [(kind, list(run)) for kind, run in groupby(contents, _kind)]
    return [part for kind, run in runs for part in (paired(run) if kind == "figures" else run)]


def paired(figures: list[Figure]) -> list[Figure]:
    """The figures such that two columns leave no hole: pairs of one height, the others wide.

    Each figure that is not wide is set beside the next one nearly as tall, and the lower one of
    the two is drawn as tall as the other. One that finds no neighbour goes across both columns.
    """
    left, placed = list(figures), []
    while left:
        first = left.pop(0)
        beside = None if first.wide else next((f for f in left if _alike(first, f)), None)
        if beside is None:
            placed.append(replace(first, wide=True))
            continue
        left.remove(beside)
        tall = max(_height(first), _height(beside))
        placed += [_as_tall(first, tall), _as_tall(beside, tall)]
    return placed


def _alike(one: Figure, other: Figure) -> bool:
    low, high = sorted((_height(one), _height(other)))
    return not other.wide and high <= _MOST_STRETCH * low


def _height(figure: Figure) -> float:
    return figure.body["layout"]["height"]


def _as_tall(figure: Figure, height: float) -> Figure:
    layout = figure.body["layout"] | {"height": height}
    return replace(figure, body=figure.body | {"layout": layout})


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
        f'<div class=plot id="{figure.key}" role="img" style="height:{height}px" '
        f'aria-label="{escape(figure.title)}" aria-describedby="{figure.key}-says"></div>'
        f'<figcaption id="{figure.key}-says">{escape(figure.says)}</figcaption></figure>'
    )


def _figures_json(groups: Iterable[Iterable]) -> str:
    """The figures' bodies by key, safe inside a script element."""
    figures = {
        each.key: each.body for group in groups for each in group if isinstance(each, Figure)
    }
    return json.dumps(figures, allow_nan=False, separators=(",", ":")).replace("<", "\\u003c")
