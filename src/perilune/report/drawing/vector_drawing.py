"""A drawing as a page or a file of its own takes it: SVG, with words for who does not see it."""

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import ClassVar

import numpy as np
from markupsafe import Markup

from perilune.report.drawing import svg_marks
from perilune.report.drawing.lander_views import Drawn
from perilune.report.figures.figure import LegendEntry, Words

_TEMPLATES = Path(__file__).parents[1] / "templates"
APART_PX, HEAD_PX = 24.0, 30.0

LEGEND: tuple[LegendEntry, ...] = (
    ("engine: force on the lander", "--orange", "solid"),
    ("gimbal's cone", "--orange", "dash"),
    ("nozzle: force on the lander, by its number", "--blue", "solid"),
    ("altimeter beam", "--red", "dash"),
    ("velocimeter beam", "--green", "dot"),
    ("star tracker", "--pink", "dashdot"),
    ("tank, and its liquid", "--sky", "solid"),
    ("centre of mass, empty", "--ink", "circle-open"),
    ("centre of mass, full", "--brown", "circle-open"),
)


@dataclass(frozen=True)
class Drawing:
    """A drawing in a page: its words, its SVG, and a legend for the page to set."""

    kind: ClassVar[str] = "drawing"
    words: Words
    svg: Markup
    legend: tuple[LegendEntry, ...] = ()


def drawing_of(drawn: Drawn, caption: str) -> Drawing:
    """A view for a page."""
    key = drawn.view.key
    svg = svg_marks.element(
        "svg",
        drawn.marks,
        class_="view",
        viewBox=f"0 0 {drawn.wide_px:.0f} {drawn.high_px:.0f}",
        role="img",
        aria_label=drawn.view.title,
        aria_describedby=f"{key}-caption",
    )
    return Drawing(Words(key, drawn.view.title, caption), svg)


def sheet_svg(views: tuple[Drawn, ...], title: str, description: str) -> str:
    """The views side by side, as a file that needs nothing but itself."""
    at_px, inside = 0.0, []
    for drawn in views:
        head = svg_marks.words_at(
            np.array([at_px + 26.0, HEAD_PX / 2.0]), drawn.view.title, "start"
        )
        inside += [head, _moved(drawn.marks, at_px)]
        at_px += drawn.wide_px + APART_PX
    high_px = max(drawn.high_px for drawn in views) + HEAD_PX
    paper = svg_marks.element("rect", x=0, y=0, width=at_px, height=high_px, class_="paper")
    words = svg_marks.element("title", title) + svg_marks.element("desc", description)
    style = Markup("<style>{}</style>").format(Markup(drawing_style()))
    return str(
        svg_marks.element(
            "svg",
            words + style + paper + Markup("").join(inside),
            xmlns="http://www.w3.org/2000/svg",
            class_="view sheet",
            viewBox=f"0 0 {at_px:.0f} {high_px:.0f}",
            role="img",
        )
    )


def _moved(marks: Markup, right_px: float) -> Markup:
    return svg_marks.element("g", marks, transform=f"translate({right_px:.1f} {HEAD_PX:.1f})")


@cache
def drawing_style() -> str:
    """The style of a drawing by itself: the page's colours, and what they are for."""
    page = (_TEMPLATES / "page.css").read_text(encoding="utf-8")
    colours = re.match(r"(?s).*?(?=^\* \{)", page, re.MULTILINE)
    ours = (_TEMPLATES / "drawing.css").read_text(encoding="utf-8")
    return (colours[0] if colours else "") + ours
