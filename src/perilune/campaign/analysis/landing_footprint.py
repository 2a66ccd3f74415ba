"""Where landings come to rest about the aim point: ellipses, and a region of any shape."""

from typing import Any

import numpy as np
from jaxtyping import Float
from scipy import stats

from perilune.campaign.analysis import kernel_density
from perilune.campaign.statistics.minimum_counts import LEAST_FOR_A_SPREAD, too_few
from perilune.campaign.statistics.scope import OF_WHAT

SIGMAS = (1.0, 2.0, 3.0)
FRACTION = 0.9987
CORNERS = 72
LEAST_COUNT = LEAST_FOR_A_SPREAD
"""With fewer landings neither a covariance nor half of them a density is worth an outline."""
FIXED = "independent flights, their number fixed beforehand; no shape of distribution"
STOPPED = (
    "a description, not a promise: worked out as for a number of flights fixed beforehand, but how "
    "many there are depends on how many of them failed"
)
PLACED = "independent flights, which points placed to be even are not"
"""What a region and bounds by order statistics take for granted, and whether it is so."""


def scatter(
    east_m: Float[np.ndarray, " n"],
    north_m: Float[np.ndarray, " n"],
    fraction: float = FRACTION,
    confidence: float = 0.95,
    assumes: str = FIXED,
) -> dict[str, Any]:
    """`{count, ellipses, region}`: both descriptions of the same landings, for one probability.

    `assumes` is `FIXED`, `STOPPED` or `PLACED` and is repeated in the region; of `PLACED` points,
    whose ranks promise nothing, no region is drawn.
    """
    drawn = region if assumes != PLACED else _withheld
    return {
        "count": len(_landings(east_m, north_m)),
        "ellipses": ellipses(east_m, north_m, fraction),
        "region": drawn(east_m, north_m, fraction, confidence) | {"assumes": assumes},
    }


def ellipses(
    east_m: Float[np.ndarray, " n"], north_m: Float[np.ndarray, " n"], fraction: float = FRACTION
) -> dict[str, Any] | None:
    """Covariance ellipses at 1, 2, 3 sigma and at `fraction`: a dict, or None of fewer landings
    than `LEAST_COUNT`.

    `east_m`, `north_m` (n,) from the true aim point, `miss_east_m` and `miss_north_m` of the rows;
    not-a-number is left out. `mean_m` (2,), `covariance_m2` (2, 2), `ellipses`: each `name`,
    `radius_sigma`, `probability` (what a Gaussian has inside: 1 - exp(-r²/2), chi-square of two
    degrees of freedom, so 39.3, 86.5 and 98.9 % for 1, 2, 3 sigma), `inside` (the share of these
    landings that is), semi-axes in m, `azimuth_deg` of the longer one (from north, clockwise),
    `polygon` (73, 2) in m, closed.
    """
    places_m = _landings(east_m, north_m)
    if len(places_m) < LEAST_COUNT:
        return None
    mean_m, covariance_m2 = np.mean(places_m, axis=0), np.cov(places_m.T)
    radii = [(f"{sigma:.0f} sigma", sigma) for sigma in SIGMAS]
    radii.append((f"{100.0 * fraction:g} %", float(np.sqrt(stats.chi2.ppf(fraction, 2)))))
    return {
        "mean_m": mean_m.tolist(),
        "covariance_m2": covariance_m2.tolist(),
        "ellipses": [_ellipse(name, r, mean_m, covariance_m2, places_m) for name, r in radii],
    }


def _ellipse(
    name: str,
    radius: float,
    mean_m: Float[np.ndarray, "2"],
    covariance_m2: Float[np.ndarray, "2 2"],
    places_m: Float[np.ndarray, "n 2"],
) -> dict[str, Any]:
    sizes, axes = np.linalg.eigh(covariance_m2)
    semi_m = radius * np.sqrt(np.maximum(sizes, 0.0))
    angle = np.linspace(0.0, 2.0 * np.pi, CORNERS + 1)
    circle = np.stack([np.cos(angle), np.sin(angle)])
    away_m = places_m - mean_m
    squared = np.sum(away_m.T * (np.linalg.pinv(covariance_m2) @ away_m.T), axis=0)
    return {
        "name": name,
        "radius_sigma": float(radius),
        "probability": float(stats.chi2.cdf(radius**2, 2)),
        "inside": float(np.mean(squared <= radius**2)),
        "semi_major_m": float(semi_m[1]),
        "semi_minor_m": float(semi_m[0]),
        "azimuth_deg": float(np.degrees(np.arctan2(*axes[:, 1])) % 180.0),
        "polygon": (mean_m + ((axes * semi_m) @ circle).T).tolist(),
    }


def region(
    east_m: Float[np.ndarray, " n"],
    north_m: Float[np.ndarray, " n"],
    fraction: float = FRACTION,
    confidence: float = 0.95,
) -> dict[str, Any]:
    """The densest region holding `fraction` of landings, whatever their shape: a dict.

    Landings of even place in the list draw a density; those of odd place decide where to cut it.
    As these had no part in the drawing, the content of the region that leaves `left_out` of m of
    them outside is Beta(m - left_out, left_out + 1): the tolerance region of Wilks (Annals of
    Mathematical Statistics 12, 1941, 91-96), free of any distribution. `left_out` is the most for
    which the content is at least `fraction` with `confidence`; where even 0 does not carry that,
    `reached` is the fraction it does carry, and `words` says so. `polygons`: closed outlines
    (k, 2) in m, inside by the even-odd rule; `inside`: the share of all landings that is.
    """
    places_m = _landings(east_m, north_m)
    row = _nothing(len(places_m), fraction, confidence)
    if len(places_m) < LEAST_COUNT:
        return row | {"words": too_few(len(places_m), LEAST_COUNT, "landings for a region")}
    if np.any(np.ptp(places_m, axis=0) == 0.0):
        return row | {"words": "no region: the landings do not scatter"}
    left_out, reached = held(len(places_m) // 2, fraction, confidence)
    relief = kernel_density.relief(places_m[0::2], places_m)
    heights = kernel_density.height(relief, places_m)
    level = np.sort(heights[1::2])[left_out]
    outlines = kernel_density.outlines(kernel_density.widened(relief, level), level)
    return row | {
        "left_out": int(left_out),
        "reached": float(reached),
        "inside": float(np.mean(heights >= level)),
        "area_m2": kernel_density.area_m2(outlines),
        "polygons": [one.tolist() for one in outlines],
        "words": _how_sure(fraction, reached, confidence),
    }


def _withheld(
    east_m: Float[np.ndarray, " n"],
    north_m: Float[np.ndarray, " n"],
    fraction: float,
    confidence: float,
) -> dict[str, Any]:
    row = _nothing(len(_landings(east_m, north_m)), fraction, confidence)
    return row | {"words": "withheld: it takes independent flights, and these points were placed"}


def _nothing(count: int, fraction: float, confidence: float) -> dict[str, Any]:
    row = {"fraction": fraction, "confidence": confidence, "count": count}
    return row | dict.fromkeys(("left_out", "reached", "inside", "area_m2")) | {"polygons": []}


def held(count: int, fraction: float, confidence: float) -> tuple[int, float]:
    """Of `count`: the most that may lie outside, and the fraction then held with confidence."""
    outside = np.arange(count)
    least = stats.beta.ppf(1.0 - confidence, count - outside, outside + 1)
    left_out = max(int(np.sum(least >= fraction)) - 1, 0)
    return left_out, float(least[left_out])


def _how_sure(fraction: float, reached: float, confidence: float) -> str:
    if reached >= fraction:
        return f"holds {fraction:.2%} of landings {OF_WHAT} with {confidence:.0%} confidence"
    return (
        f"too few landings for {fraction:.2%}: this one holds {reached:.2%} of landings {OF_WHAT}"
        f" with {confidence:.0%} confidence"
    )


def _landings(
    east_m: Float[np.ndarray, " n"], north_m: Float[np.ndarray, " n"]
) -> Float[np.ndarray, "rested 2"]:
    """(n, 2) m: those that came to rest."""
    places_m = np.stack([np.asarray(east_m, float), np.asarray(north_m, float)], axis=1)
    return places_m[np.all(np.isfinite(places_m), axis=1)]
