"""What a drawing is made of: shapes in the body frame, in metres, seen from no side yet."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from jaxtyping import Float

CIRCLE_POINT_COUNT = 48

Place: TypeAlias = Sequence[float] | Float[np.ndarray, "3"]


@dataclass(frozen=True)
class Solid:
    """A convex body: its outline is the hull of its points; `words` are what it is."""

    look: str
    points_body_m: Float[np.ndarray, "n 3"]
    words: str


@dataclass(frozen=True)
class Stroke:
    """A straight line between two places."""

    look: str
    points_body_m: Float[np.ndarray, "2 3"]
    words: str


@dataclass(frozen=True)
class Arrow:
    """A direction at a place; `tag` is written at its end."""

    look: str
    points_body_m: Float[np.ndarray, "2 3"]
    words: str
    tag: str = ""


@dataclass(frozen=True)
class Spot:
    """A place with a symbol: pad, mass, mount or pivot; `tag` is written beside it."""

    look: str
    points_body_m: Float[np.ndarray, "1 3"]
    words: str
    tag: str = ""


Shape: TypeAlias = Solid | Stroke | Arrow | Spot


@dataclass(frozen=True)
class Callout:
    """Words at the side of a view, with a line at their height from a distance of the axis on."""

    height_m: float
    from_axis_m: float
    words: str


def spot(look: str, at_body_m: Place, words: str, tag: str = "") -> Spot:
    """A symbol at a place."""
    return Spot(look, np.asarray(at_body_m, float)[None], words, tag)


def arrow(look: str, start_body_m: Place, along: Place, words: str, tag: str = "") -> Arrow:
    """From a place, as far as `along` is long."""
    start = np.asarray(start_body_m, float)
    return Arrow(look, np.stack([start, start + np.asarray(along, float)]), words, tag)


def cylinder(
    look: str, off_axis_m: Sequence[float], radius_m: float, ends_m: tuple[float, float], words: str
) -> Solid:
    """An upright one, between two heights."""
    rings = [ring(off_axis_m, radius_m, height_m) for height_m in ends_m]
    return Solid(look, np.concatenate(rings), words)


def cone(look: str, apex_body_m: Place, along: Place, half_angle_rad: float, words: str) -> Solid:
    """From its apex, as long as `along`."""
    apex, axis = np.asarray(apex_body_m, float), np.asarray(along, float)
    aside = np.cross(axis, np.eye(3)[np.argmin(np.abs(axis))])
    aside *= np.linalg.norm(axis) / np.linalg.norm(aside)
    across = np.cross(axis, aside) / np.linalg.norm(axis)
    angle = np.linspace(0.0, 2.0 * np.pi, CIRCLE_POINT_COUNT, endpoint=False)[:, None]
    round_ = np.cos(angle) * aside + np.sin(angle) * across
    rim = apex + math.cos(half_angle_rad) * axis + math.sin(half_angle_rad) * round_
    return Solid(look, np.concatenate([apex[None], rim]), words)


def ring(off_axis_m: Sequence[float], radius_m: float, height_m: float) -> Float[np.ndarray, "n 3"]:
    """A level circle."""
    angle = np.linspace(0.0, 2.0 * np.pi, CIRCLE_POINT_COUNT, endpoint=False)
    x, y = radius_m * np.cos(angle) + off_axis_m[0], radius_m * np.sin(angle) + off_axis_m[1]
    return np.stack([x, y, np.full_like(x, height_m)], axis=-1)
