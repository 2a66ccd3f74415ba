"""The sides that a lander is seen from, and where a place of its body lies on the paper."""

from collections.abc import Iterable
from dataclasses import KW_ONLY, dataclass

import numpy as np
from jaxtyping import Float
from scipy.spatial import ConvexHull, QhullError

from perilune.report.drawing.body_shapes import Arrow, Shape

HEAD_ON_FACTOR = 0.05
"""An arrow that is seen shorter than this share of itself points at the reader or away."""


@dataclass(frozen=True)
class View:
    """Which body axes go right and up on the paper; `toward` points at the reader."""

    key: str
    title: str
    right: int
    up: int
    toward_body: tuple[float, float, float]
    _: KW_ONLY
    is_level: bool = False  # seen along the body's z axis

    @property
    def axes(self) -> tuple[str, str]:
        """The names of the axes to the right and up."""
        return "xyz"[self.right], "xyz"[self.up]


VIEWS = (
    View("side-x", "From the side: x to the right, z up; metres", 0, 2, (0.0, -1.0, 0.0)),
    View("side-y", "From ahead: y to the right, z up; metres", 1, 2, (1.0, 0.0, 0.0)),
    View("top", "From above: x to the right, y up; metres", 0, 1, (0.0, 0.0, 1.0), is_level=True),
)


@dataclass(frozen=True, kw_only=True)
class Paper:
    """The part of the body frame that a view shows, in metres, and its scale."""

    left_m: float
    right_m: float
    low_m: float
    high_m: float
    px_per_m: float
    margin_px: float

    def place_px(self, seen_m: Float[np.ndarray, "... 2"]) -> Float[np.ndarray, "... 2"]:
        """A place seen in a view, on the paper: to the right and down from its corner."""
        right = self.margin_px + self.px_per_m * (seen_m[..., 0] - self.left_m)
        down = self.margin_px + self.px_per_m * (self.high_m - seen_m[..., 1])
        return np.stack([right, down], axis=-1)


def seen_m(view: View, points_body_m: Float[np.ndarray, "n 3"]) -> Float[np.ndarray, "n 2"]:
    """Places of the body as a view shows them."""
    return np.stack([points_body_m[:, view.right], points_body_m[:, view.up]], axis=-1)


def paper_of(view: View, shapes: Iterable[Shape], px_per_m: float, margin_px: float) -> Paper:
    """As large as all shapes need."""
    every = np.concatenate([seen_m(view, each.points_body_m) for each in shapes])
    (left, low), (right, high) = every.min(axis=0), every.max(axis=0)
    return Paper(
        left_m=left,
        right_m=right,
        low_m=low,
        high_m=high,
        px_per_m=px_per_m,
        margin_px=margin_px,
    )


def outline(places: Float[np.ndarray, "n 2"]) -> Float[np.ndarray, "m 2"]:
    """The corners of the convex hull, in order; of places on one line the two ends."""
    try:
        return places[ConvexHull(places).vertices]
    except QhullError:
        order = np.lexsort((places[:, 1], places[:, 0]))
        return places[order[[0, -1]]]


def facing(view: View, arrow: Arrow) -> float:
    """1 for an arrow that points at the reader, -1 for one that points away, else 0."""
    along = arrow.points_body_m[1] - arrow.points_body_m[0]
    seen = np.linalg.norm(along[[view.right, view.up]])
    if seen > HEAD_ON_FACTOR * np.linalg.norm(along):
        return 0.0
    return float(np.sign(along @ np.asarray(view.toward_body)))
