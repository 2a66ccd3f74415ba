"""A lander seen from one side, to scale: its shapes on a grid of metres, heights at the margin."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from jaxtyping import Float
from markupsafe import Markup

from perilune.report.drawing import svg_marks
from perilune.report.drawing.body_shapes import Arrow, Callout, Shape, Solid, Spot, Stroke
from perilune.report.drawing.body_views import VIEWS, Paper, View, facing, outline, paper_of, seen_m
from perilune.report.drawing.label_places import (
    Box,
    Label,
    box_of,
    line_boxes,
    place_of,
    spot_box,
)
from perilune.report.drawing.lander_parts import Subject, callouts_of, shapes_of

WIDE_PX, HIGH_PX = 262.0, 330.0
"""Most that a lander takes of the paper."""
MARGIN_PX, NOTES_PX, LINE_PX, TAG_PX, APART_PX, AXIS_PX = 26.0, 152.0, 13.5, 9.0, 12.0, 26.0


@dataclass(frozen=True)
class Drawn:
    """A view as SVG, without the element around it, and its size."""

    view: View
    marks: Markup
    wide_px: float
    high_px: float


def views_of(subject: Subject) -> tuple[Drawn, ...]:
    """All three, to one scale."""
    shapes, notes = shapes_of(subject), callouts_of(subject)
    px_per_m = min(_fitting_px_per_m(view, shapes) for view in VIEWS)
    return tuple(_drawn(view, shapes, notes, px_per_m) for view in VIEWS)


def _fitting_px_per_m(view: View, shapes: Sequence[Shape]) -> float:
    paper = paper_of(view, shapes, 1.0, 0.0)
    wide_m, high_m = paper.right_m - paper.left_m, paper.high_m - paper.low_m
    return min(WIDE_PX / wide_m, HIGH_PX / high_m)


def _drawn(view: View, shapes: Sequence[Shape], notes: Sequence[Callout], px_per_m: float) -> Drawn:
    paper = paper_of(view, shapes, px_per_m, MARGIN_PX)
    corner = paper.place_px(np.array([paper.right_m, paper.low_m]))
    rows_px = [] if view.is_level else _rows_px(paper, notes)
    high_px = max(float(corner[1]) + MARGIN_PX, max(rows_px, default=0.0) + LINE_PX)
    wide_px = float(corner[0]) + NOTES_PX
    drawing = Box(2.0, 2.0, wide_px if view.is_level else float(corner[0]) + 4.0, high_px - 2.0)
    grid, taken = _grid(paper)
    marks = [grid, *_marks(view, paper, shapes, (taken, drawing)), _axes(view, paper)]
    if not view.is_level:
        marks.append(_margin(paper, notes, rows_px))
    return Drawn(view, Markup("").join(marks), wide_px, high_px)


def _grid(paper: Paper) -> tuple[Markup, list[Box]]:
    """A line a metre, with its number; and what the numbers take of the paper, and the axes."""
    marks: list[Markup] = []
    taken = [_axes_box(paper)]
    for x in range(math.ceil(paper.left_m), math.floor(paper.right_m) + 1):
        ends = paper.place_px(np.array([[x, paper.low_m], [x, paper.high_m]]))
        place = _moved(ends[0], 0.0, TAG_PX)
        marks += [svg_marks.line(ends), svg_marks.words_at(place, f"{x}")]
        taken.append(box_of(f"{x}", place))
    for y in range(math.ceil(paper.low_m), math.floor(paper.high_m) + 1):
        ends = paper.place_px(np.array([[paper.left_m, y], [paper.right_m, y]]))
        place = _moved(ends[0], -TAG_PX, 0.0)
        marks += [svg_marks.line(ends), svg_marks.words_at(place, f"{y}")]
        taken.append(box_of(f"{y}", place))
    return svg_marks.group("grid", "a grid of metres in the body frame", marks), taken


def _axes_corner_px(paper: Paper) -> Float[np.ndarray, "2"]:
    return _moved(paper.place_px(np.array([paper.left_m, paper.high_m])), 14.0, AXIS_PX + 12.0)


def _axes_box(paper: Paper) -> Box:
    x, y = (float(each) for each in _axes_corner_px(paper))
    return Box(x - 14.0, y - AXIS_PX - 14.0, x + AXIS_PX + 14.0, y + 14.0)


def _axes(view: View, paper: Paper) -> Markup:
    """The body's axes, in a corner that the lander leaves free."""
    corner = _axes_corner_px(paper)
    toward = view.toward_body[3 - view.right - view.up]
    marks = [
        svg_marks.arrow_line(np.stack([corner, _moved(corner, AXIS_PX, 0.0)])),
        svg_marks.words_at(_moved(corner, AXIS_PX + TAG_PX, 0.0), view.axes[0]),
        svg_marks.arrow_line(np.stack([corner, _moved(corner, 0.0, -AXIS_PX)])),
        svg_marks.words_at(_moved(corner, 0.0, -AXIS_PX - TAG_PX), view.axes[1]),
        svg_marks.head_on(corner, toward > 0.0),
        svg_marks.words_at(_moved(corner, -TAG_PX, TAG_PX), "xyz"[3 - view.right - view.up]),
    ]
    return svg_marks.group("axis", "directions of the body's axes", marks)


def _marks(
    view: View, paper: Paper, shapes: Sequence[Shape], room: tuple[list[Box], Box]
) -> list[Markup]:
    """Shapes that fall on one another are drawn once, with the tags and words of all.

    Tags are placed when all marks are, so that none stands on a mark or on another tag; `room` is
    what is taken of the paper, and the paper.
    """
    together: dict[tuple, list[Shape]] = {}
    for shape in shapes:
        places = paper.place_px(seen_m(view, shape.points_body_m))
        at = () if isinstance(shape, Solid) else tuple(np.round(places.ravel(), 0))
        turn = facing(view, shape) if isinstance(shape, Arrow) else 0.0
        alone = (len(together),) if isinstance(shape, Solid) else ()
        together.setdefault((shape.look, at, turn, *alone), []).append(shape)
    beside: dict[tuple, int] = {}
    made = [_mark(view, paper, each, beside) for each in together.values()]
    taken, drawing = room
    taken += [box for each in made for box in each.taken]
    return [
        svg_marks.group(each.look, each.words, [*each.marks, *_tag(each.label, taken, drawing)])
        for each in made
    ]


def _tag(label: Label | None, taken: list[Box], drawing: Box) -> list[Markup]:
    if label is None or not label.words:
        return []
    return [svg_marks.words_at(place_of(label, taken, drawing), label.words)]


class Made(NamedTuple):
    """A mark, what it takes of the paper, and its tag, still without a place."""

    look: str
    words: str
    marks: list[Markup]
    taken: list[Box]
    label: Label | None


def _mark(view: View, paper: Paper, alike: Sequence[Shape], beside: dict[tuple, int]) -> Made:
    first = alike[0]
    places = paper.place_px(seen_m(view, first.points_body_m))
    words = "; ".join(each.words for each in alike)
    tags = ", ".join(each.tag for each in alike if isinstance(each, Arrow | Spot) and each.tag)
    made = Made(first.look, words, [], [], None)
    match first:
        case Solid():
            return made._replace(marks=[svg_marks.area(outline(places))])
        case Stroke():
            return made._replace(marks=[svg_marks.line(places)])
        case Spot():
            return _spot(made, places[0], tags if view.is_level else "")
        case Arrow():
            turn = facing(view, first)
            return (
                _head_on(made, places[0], turn, tags, beside)
                if turn
                else _arrow(made, places, tags)
            )


def _arrow(made: Made, ends_px: Float[np.ndarray, "2 2"], tags: str) -> Made:
    along = ends_px[1] - ends_px[0]
    along /= max(float(np.linalg.norm(along)), 1e-9)
    return made._replace(
        marks=[svg_marks.arrow_line(ends_px)],
        taken=[*line_boxes(ends_px)],
        label=Label(tags, ends_px[1], along, TAG_PX),
    )


def _head_on(
    made: Made, at_px: Float[np.ndarray, "2"], turn: float, tags: str, beside: dict[tuple, int]
) -> Made:
    """Beside one another where several are at one place."""
    place = tuple(np.round(at_px, 0))
    beside[place] = beside.get(place, -1) + 1
    at_px = _moved(at_px, 0.0, APART_PX * beside[place])
    return made._replace(
        marks=[svg_marks.head_on(at_px, turn > 0.0)],
        taken=[spot_box(at_px)],
        label=Label(tags, at_px, np.array([1.0, 0.0]), TAG_PX + 3.0),
    )


def _spot(made: Made, at_px: Float[np.ndarray, "2"], tags: str) -> Made:
    if made.look.startswith("center"):
        return made._replace(marks=[svg_marks.balance(at_px, 6.0)], taken=[spot_box(at_px)])
    return made._replace(
        marks=[svg_marks.circle(at_px, 2.5)],
        taken=[spot_box(at_px)],
        label=Label(tags, at_px, np.array([0.0, 1.0]), TAG_PX + 2.0),
    )


def _heights_px(paper: Paper, notes: Sequence[Callout]) -> list[float]:
    return [float(paper.place_px(np.array([0.0, each.height_m]))[1]) for each in notes]


def _rows_px(paper: Paper, notes: Sequence[Callout]) -> list[float]:
    """As near to the notes' own heights as a column allows that begins on the paper."""
    rows = _spread(_heights_px(paper, notes))
    down_px = max(LINE_PX - min(rows, default=LINE_PX), 0.0)
    return [each + down_px for each in rows]


def _margin(paper: Paper, notes: Sequence[Callout], rows_px: Sequence[float]) -> Markup:
    """Heights in a column."""
    right_px = paper.place_px(np.array([paper.right_m, 0.0]))[0]
    wanted = _heights_px(paper, notes)
    marks = []
    for note, own_px, row_px in zip(notes, wanted, rows_px, strict=True):
        start_px = paper.place_px(np.array([note.from_axis_m, note.height_m]))
        bend = np.array([right_px + 4.0, own_px])
        end = np.array([right_px + 16.0, row_px])
        marks.append(svg_marks.line(np.stack([start_px, bend, end])))
        marks.append(svg_marks.words_at(_moved(end, 3.0, 0.0), note.words, "start"))
    return svg_marks.group("notes", "heights over the plane of the footpads", marks)


def _moved(
    place_px: Float[np.ndarray, "2"], right_px: float, down_px: float
) -> Float[np.ndarray, "2"]:
    return place_px + np.array([right_px, down_px])


def _spread(wanted_px: Sequence[float]) -> list[float]:
    """Rising places at least a line apart, near to those wanted: blocks that meet are merged."""
    blocks: list[list[float]] = []
    for place in wanted_px:
        blocks.append([place])
        while len(blocks) > 1 and _top(blocks[-1]) < _top(blocks[-2]) + LINE_PX * len(blocks[-2]):
            last = blocks.pop()
            blocks[-1] += last
    return [_top(block) + LINE_PX * index for block in blocks for index in range(len(block))]


def _top(block: Sequence[float]) -> float:
    """Where a block of lines begins so that the mean of their shifts is zero."""
    return sum(block) / len(block) - LINE_PX * (len(block) - 1) / 2.0
