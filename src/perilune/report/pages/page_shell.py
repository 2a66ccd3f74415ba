"""How a page that needs nothing but itself is put together: head, sections, plotly.js."""

import importlib.util
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cache
from itertools import groupby
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from perilune.errors import InputError
from perilune.report.drawing.vector_drawing import Drawing
from perilune.report.figures.figure import Figure
from perilune.report.pages.content import Part, Section

_TEMPLATES = Path(__file__).parents[1] / "templates"
_MOST_STRETCH = 1.7


@dataclass(frozen=True, kw_only=True)
class Head:
    """What a page says first, as plain text; `tone` is clean, unclean or open."""

    kind: str
    title: str
    tone: str
    headline: str
    sentence: str
    beside: str = ""
    summary: str = ""
    run: str = ""
    tiles: tuple[tuple[str, str], ...] = ()


def page_html(head: Head, sections: Sequence[Section]) -> str:
    """One page that needs nothing but itself to be read; a section without parts is left out."""
    laid_out = [replace(each, parts=_laid_out(each.parts)) for each in sections if each.parts]
    figures = [part for each in laid_out for part in each.parts if isinstance(part, Figure)]
    drawn = any(isinstance(part, Drawing) for each in laid_out for part in each.parts)
    return (
        environment()
        .get_template("page.html")
        .render(
            head=head,
            sections=laid_out,
            figures={each.key: each.body for each in figures},
            style=_ours("page.css") + (_ours("drawing.css") if drawn else ""),
            script=_ours("page.js"),
            plotly=Markup("" if drawn and not figures else plotly_js()),
        )
    )


@cache
def plotly_js() -> str:
    """plotly.js as its Python package carries it, found without importing the package."""
    found = importlib.util.find_spec("plotly")
    if found is None or found.origin is None:
        raise InputError("plotly must be installed for the report, but is not; run `make fly`.")
    folder = Path(found.origin).parent
    return (folder / "package_data" / "plotly.min.js").read_text(encoding="utf-8")


@cache
def environment() -> Environment:
    """The templates; every value is escaped but what is marked as ours."""
    environment = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["runs"] = _runs
    environment.policies["json.dumps_kwargs"] = {"allow_nan": False, "separators": (",", ":")}
    return environment


def _ours(name: str) -> Markup:
    """A style sheet or script of ours, which goes into the page as it is."""
    return Markup((_TEMPLATES / name).read_text(encoding="utf-8"))


def _runs(parts: Iterable[Part]) -> list[tuple[str, list[Part]]]:
    """Neighbours of one kind together: figures stand in pairs, all else across the page."""
    return [(kind, list(run)) for kind, run in groupby(parts, _kind)]


def _laid_out(parts: Iterable[Part]) -> list[Part]:
    """What is in a section, its runs of figures in pairs."""
    laid_out: list[Part] = []
    for _kind_of_run, run in _runs(parts):
        laid_out += paired([each for each in run if isinstance(each, Figure)]) or run
    return laid_out


def _kind(part: Part) -> str:
    return "figures" if isinstance(part, Figure | Drawing) else "words"


def paired(figures: Sequence[Figure]) -> list[Figure]:
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
