"""A lander seen from one side, to scale: its shapes on a grid of metres, heights at the margin."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float
from markupsafe import Markup

from perilune.report.drawing import svg_marks
from perilune.report.drawing.body_shapes import Arrow, Callout, Shape, Solid, Spot, Stroke
from perilune.report.drawing.body_views import VIEWS, Paper, View, facing, outline, paper_of, seen_m
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
    high_px = float(corner[1]) + MARGIN_PX
    marks = [_grid(paper), _axes(view, paper), *_marks(view, paper, shapes)]
    if not view.is_level:
        marks.append(_margin(paper, notes))
    return Drawn(view, Markup("").join(marks), float(corner[0]) + NOTES_PX, high_px)


def _grid(paper: Paper) -> Markup:
    """A line a metre, with its number; the axes of the body stand out by their arrows."""
    marks = []
    for x in range(math.ceil(paper.left_m), math.floor(paper.right_m) + 1):
        ends = paper.place_px(np.array([[x, paper.low_m], [x, paper.high_m]]))
        marks += [svg_marks.line(ends), svg_marks.words_at(_moved(ends[0], 0.0, TAG_PX), f"{x}")]
    for y in range(math.ceil(paper.low_m), math.floor(paper.high_m) + 1):
        ends = paper.place_px(np.array([[paper.left_m, y], [paper.right_m, y]]))
        marks += [svg_marks.line(ends), svg_marks.words_at(_moved(ends[0], -TAG_PX, 0.0), f"{y}")]
    return svg_marks.group("grid", "a grid of metres in the body frame", marks)


def _axes(view: View, paper: Paper) -> Markup:
    """The body's axes, in a corner that the lander leaves free."""
    corner = paper.place_px(np.array([paper.left_m, paper.high_m]))
    corner = _moved(corner, 14.0, AXIS_PX + 12.0)
    toward = view.toward_body[3 - view.right - view.up]
    marks = [
        *_arrow(np.stack([corner, _moved(corner, AXIS_PX, 0.0)]), view.axes[0]),
        *_arrow(np.stack([corner, _moved(corner, 0.0, -AXIS_PX)]), view.axes[1]),
        svg_marks.head_on(corner, toward > 0.0),
        svg_marks.words_at(_moved(corner, -TAG_PX, TAG_PX), "xyz"[3 - view.right - view.up]),
    ]
    return svg_marks.group("axis", "directions of the body's axes", marks)


def _marks(view: View, paper: Paper, shapes: Sequence[Shape]) -> list[Markup]:
    """Shapes that fall on one another are drawn once, with the tags and words of all."""
    together: dict[tuple, list[Shape]] = {}
    for shape in shapes:
        places = paper.place_px(seen_m(view, shape.points_body_m))
        at = () if isinstance(shape, Solid) else tuple(np.round(places.ravel(), 0))
        turn = facing(view, shape) if isinstance(shape, Arrow) else 0.0
        alone = (len(together),) if isinstance(shape, Solid) else ()
        together.setdefault((shape.look, at, turn, *alone), []).append(shape)
    beside: dict[tuple, int] = {}
    return [_mark(view, paper, each, beside) for each in together.values()]


def _mark(view: View, paper: Paper, alike: Sequence[Shape], beside: dict[tuple, int]) -> Markup:
    first = alike[0]
    places = paper.place_px(seen_m(view, first.points_body_m))
    words = "; ".join(each.words for each in alike)
    tags = ", ".join(each.tag for each in alike if isinstance(each, Arrow | Spot) and each.tag)
    match first:
        case Solid():
            marks = [svg_marks.area(outline(places))]
        case Stroke():
            marks = [svg_marks.line(places)]
        case Spot():
            marks = _spot(first, places[0], tags, view)
        case Arrow():
            turn = facing(view, first)
            marks = _head_on(places[0], turn, tags, beside) if turn else _arrow(places, tags)
    return svg_marks.group(first.look, words, marks)


def _arrow(ends_px: Float[np.ndarray, "2 2"], tags: str) -> list[Markup]:
    along = ends_px[1] - ends_px[0]
    along /= max(float(np.linalg.norm(along)), 1e-9)
    room = TAG_PX + 2.6 * max(len(tags) - 1, 0) * abs(along[0])
    tag = svg_marks.words_at(ends_px[1] + room * along, tags)
    return [svg_marks.arrow_line(ends_px), tag] if tags else [svg_marks.arrow_line(ends_px)]


def _head_on(
    at_px: Float[np.ndarray, "2"], turn: float, tags: str, beside: dict[tuple, int]
) -> list[Markup]:
    """Beside one another where several are at one place."""
    place = tuple(np.round(at_px, 0))
    beside[place] = beside.get(place, -1) + 1
    at_px = _moved(at_px, 0.0, APART_PX * beside[place])
    tag = svg_marks.words_at(_moved(at_px, TAG_PX - 2.0, 0.0), tags, "start")
    return [svg_marks.head_on(at_px, turn > 0.0), tag]


def _spot(spot: Spot, at_px: Float[np.ndarray, "2"], tags: str, view: View) -> list[Markup]:
    if spot.look.startswith("center"):
        return [svg_marks.balance(at_px, 6.0)]
    marks = [svg_marks.circle(at_px, 2.5)]
    if tags and view.is_level:
        marks.append(svg_marks.words_at(_moved(at_px, 0.0, 11.0), tags))
    return marks


def _margin(paper: Paper, notes: Sequence[Callout]) -> Markup:
    """Heights in a column, as near to their own height as the column allows."""
    right_px = paper.place_px(np.array([paper.right_m, 0.0]))[0]
    wanted = [float(paper.place_px(np.array([0.0, each.height_m]))[1]) for each in notes]
    marks = []
    for note, own_px, row_px in zip(notes, wanted, _spread(wanted), strict=True):
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
