"""Marks of an SVG drawing as text: lines, outlines, arrows and words, all escaped."""

from collections.abc import Iterable

import numpy as np
from jaxtyping import Float
from markupsafe import Markup, escape

HEAD_PX, HEAD_WIDTH_PX = 7.0, 3.2


def element(name: str, inside: Markup | str = "", **attributes: str | float) -> Markup:
    """An element; `_` in the name of an attribute is a hyphen, at its end it is dropped."""
    written = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{escape(_short(value))}"'
        for key, value in attributes.items()
    )
    return Markup("<{}{}>{}</{}>").format(Markup(name), Markup(written), inside, Markup(name))


def group(look: str, words: str, marks: Iterable[Markup]) -> Markup:
    """Marks of one thing; `words` say what it is where the reader points at it."""
    inside = Markup("").join([element("title", words), *marks])
    return element("g", inside, class_=look)


def words_at(place_px: Float[np.ndarray, "2"], words: str, anchor: str = "middle") -> Markup:
    """A line of text, its middle at this height."""
    x, y = place_px
    return element("text", words, x=x, y=y, text_anchor=anchor, dominant_baseline="central")


def line(ends_px: Float[np.ndarray, "n 2"], look: str = "") -> Markup:
    """A line through places."""
    return element("polyline", points=_points(ends_px), class_=look)


def area(corners_px: Float[np.ndarray, "n 2"]) -> Markup:
    """A closed outline."""
    return element("polygon", points=_points(corners_px))


def circle(center_px: Float[np.ndarray, "2"], radius_px: float, look: str = "") -> Markup:
    """A circle."""
    return element("circle", cx=center_px[0], cy=center_px[1], r=radius_px, class_=look)


def arrow_line(ends_px: Float[np.ndarray, "2 2"]) -> Markup:
    """A line with a head at its end."""
    start, end = ends_px
    along = (end - start) / max(float(np.linalg.norm(end - start)), 1e-9)
    aside = np.array([-along[1], along[0]])
    neck = end - HEAD_PX * along
    head = np.stack([end, neck + HEAD_WIDTH_PX * aside, neck - HEAD_WIDTH_PX * aside])
    return line(np.stack([start, neck])) + element("polygon", points=_points(head), class_="head")


def head_on(center_px: Float[np.ndarray, "2"], is_toward: bool) -> Markup:
    """An arrow along the line of sight: a dot for its point, a cross for its feathers."""
    radius_px = 4.5
    if is_toward:
        return circle(center_px, radius_px) + circle(center_px, 1.5, "head")
    reach = radius_px * np.sqrt(0.5) * np.array([[-1.0, -1.0], [1.0, 1.0]])
    across = line(center_px + reach) + line(center_px + reach * np.array([1.0, -1.0]))
    return circle(center_px, radius_px) + across


def balance(center_px: Float[np.ndarray, "2"], radius_px: float) -> Markup:
    """The sign of a centre of mass: a circle, two of its quarters filled."""
    x, y = center_px
    quarters = (
        f"M{x:.1f} {y:.1f}v{-radius_px}a{radius_px} {radius_px} 0 0 1 {radius_px} {radius_px}z"
        f"M{x:.1f} {y:.1f}v{radius_px}a{radius_px} {radius_px} 0 0 1 {-radius_px} {-radius_px}z"
    )
    return circle(center_px, radius_px) + element("path", d=quarters, class_="head")


def _short(value: str | float) -> str:
    return value if isinstance(value, str) else f"{float(value):.1f}".removesuffix(".0")


def _points(places_px: Float[np.ndarray, "n 2"]) -> str:
    return " ".join(f"{x:.1f},{y:.1f}" for x, y in places_px)
