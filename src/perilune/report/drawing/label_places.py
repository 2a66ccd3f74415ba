"""Where words stand on a drawing: each near to its mark, on the paper, and not on others."""

import math
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
from jaxtyping import Float

LETTER_PX, HIGH_PX, SPOT_PX, EVERY_PX = 6.0, 11.0, 5.0, 6.0
"""Of the small type of a drawing, a letter's width and a line's height; half of what a mark takes;
between the places that a line takes."""
TURNS = (0.0, 0.6, -0.6, 1.2, -1.2, 1.8, -1.8, 2.5, -2.5)
FURTHER_PX = (0.0, 9.0, 18.0, 30.0)


class Box(NamedTuple):
    """A part of the paper, in pixels; `bottom` is below `top`."""

    left: float
    top: float
    right: float
    bottom: float


class Label(NamedTuple):
    """Words by their mark: the point they belong to, and which way they should stand from it."""

    words: str
    mark_px: Float[np.ndarray, "2"]
    away: Float[np.ndarray, "2"]
    apart_px: float


def place_of(label: Label, taken: list[Box], paper: Box) -> Float[np.ndarray, "2"]:
    """The middle of the words; their box is taken from now on.

    The first place that is free, of those around the mark from the nearest on; else the freest.
    """
    places = list(_around(label))
    covers = [_covered(box_of(label.words, place), taken, paper) for place in places]
    best = covers.index(min(covers))
    taken.append(box_of(label.words, places[best]))
    return places[best]


def box_of(words: str, middle_px: Float[np.ndarray, "2"]) -> Box:
    """What words take of the paper about their middle."""
    x, y = (float(each) for each in middle_px)
    half_px = 0.5 * LETTER_PX * len(words)
    return Box(x - half_px, y - 0.5 * HIGH_PX, x + half_px, y + 0.5 * HIGH_PX)


def spot_box(middle_px: Float[np.ndarray, "2"]) -> Box:
    """What a small mark takes."""
    x, y = (float(each) for each in middle_px)
    return Box(x - SPOT_PX, y - SPOT_PX, x + SPOT_PX, y + SPOT_PX)


def line_boxes(ends_px: Float[np.ndarray, "2 2"]) -> Iterator[Box]:
    """What a line takes: small boxes along it."""
    count = 1 + int(np.linalg.norm(ends_px[1] - ends_px[0]) / EVERY_PX)
    for share in np.linspace(0.0, 1.0, count + 1):
        x, y = (float(each) for each in ends_px[0] + share * (ends_px[1] - ends_px[0]))
        yield Box(x - 1.5, y - 1.5, x + 1.5, y + 1.5)


def _around(label: Label) -> Iterator[Float[np.ndarray, "2"]]:
    """Places for the middle of the words, the wanted one first."""
    angle = math.atan2(label.away[1], label.away[0])
    half_px = 0.5 * (LETTER_PX * len(label.words) - HIGH_PX)
    for further_px in FURTHER_PX:
        for turn in TURNS:
            along = np.array([math.cos(angle + turn), math.sin(angle + turn)])
            room_px = label.apart_px + further_px + max(half_px, 0.0) * abs(float(along[0]))
            yield label.mark_px + room_px * along


def _covered(box: Box, taken: Sequence[Box], paper: Box) -> float:
    """Area of others that a box would cover, and of itself that would be off the paper."""
    own = (box.right - box.left) * (box.bottom - box.top)
    return own - _common(box, paper) + sum(_common(box, each) for each in taken)


def _common(one: Box, other: Box) -> float:
    wide = min(one.right, other.right) - max(one.left, other.left)
    high = min(one.bottom, other.bottom) - max(one.top, other.top)
    return max(wide, 0.0) * max(high, 0.0)
