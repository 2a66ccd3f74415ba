"""Long series made short for a screen without losing a peak, and packed for the page."""

import base64
from collections.abc import Sequence
from typing import TypeAlias

import numpy as np
from jaxtyping import Float, Int, Integer, Shaped

POINTS = 1200

Floats: TypeAlias = Float[np.ndarray, "..."] | Integer[np.ndarray, "..."] | Sequence[float]


def thinned(
    x: Float[np.ndarray, " n"], y: Float[np.ndarray, " n"], points: int = POINTS
) -> tuple[Float[np.ndarray, " kept"], Float[np.ndarray, " kept"]]:
    """At most about `points` of the points: first, last, and each bucket's lowest and highest.

    Gaps (not-a-number in `y`) longer than a bucket stay gaps.
    """
    if len(x) <= points:
        return x, y
    width = -(-2 * len(x) // points)
    low = _in_buckets(np.where(np.isnan(y), np.inf, y), width, np.inf).argmin(axis=1)
    high = _in_buckets(np.where(np.isnan(y), -np.inf, y), width, -np.inf).argmax(axis=1)
    starts = width * np.arange(len(low))
    kept = np.unique(np.concatenate([[0], starts + low, starts + high, [len(x) - 1]]))
    return x[kept], y[kept]


def every(values: Shaped[np.ndarray, " n"], points: int = POINTS) -> Int[np.ndarray, " kept"]:
    """Indices of at most `points` of the values, evenly spread."""
    return np.unique(np.linspace(0, len(values) - 1, min(points, len(values))).astype(int))


def packed(values: Floats, kind: str = "f4") -> dict:
    """Numbers as plotly.js reads them from base64: a quarter of their size as text."""
    array = np.ascontiguousarray(values, dtype="<" + kind)
    body = {"dtype": kind, "bdata": base64.b64encode(array.tobytes()).decode("ascii")}
    return body if array.ndim == 1 else {**body, "shape": ",".join(map(str, array.shape))}


def _in_buckets(
    values: Float[np.ndarray, " n"], width: int, filling: float
) -> Float[np.ndarray, "bucket width"]:
    """The values in rows of `width`, the last one filled up with what never wins."""
    short = -len(values) % width
    return np.concatenate([values, np.full(short, filling)]).reshape(-1, width)
