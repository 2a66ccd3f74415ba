"""Where in the unit cube each run's inputs lie, when they are not left to the run's own stream."""

import functools
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
from jaxtyping import Float64

from perilune.campaign.request import SOBOL_BLOCK, Sampling
from perilune.errors import InputError

EDGE = 2.0**-33
"""Points keep this far from 0 and 1, where a normal's inverse is infinite."""


class Span(NamedTuple):
    """The runs of one batch, and how many the whole campaign has."""

    first_run: int
    run_count: int
    campaign_run_count: int


def points_of(
    sampling: Sampling, seed: int, span: Span, used: int, rows: int
) -> Float64[np.ndarray, "lanes rows"]:
    """Uniforms of the runs in `span`; not-a-number: the run's own stream draws.

    `used` inputs are drawn, of a table of so many `rows`. Random sampling asks for nothing. Sobol:
    scrambled points (Owen 1998 by scipy's `qmc.Sobol`) in blocks, each with a scramble of its own,
    so that blocks are independent. A Latin hypercube (McKay, Beckman and Conover 1979) has one
    stratum a run.
    """
    first, count, runs = span
    points = np.full((count, rows), np.nan)
    last = min(first + count, runs)
    if sampling == "random" or used == 0 or last <= first:
        return points
    laid = _latin(seed, runs, used) if sampling == "lhs" else None
    found = laid[first:last] if laid is not None else _sobol(seed, first, last, used)
    points[: last - first, :used] = np.clip(found, EDGE, 1.0 - EDGE)
    return points


def hold(
    points: Float64[np.ndarray, "lanes rows"], paths: Sequence[str], held: Mapping[str, float]
) -> Float64[np.ndarray, "lanes rows"]:
    """The points with each `held` path at its quantile; `paths` are those of the rows, in order.

    All other rows are drawn as before: a row has a stream of its own.
    """
    points = points.copy()
    for path, quantile in held.items():
        points[:, paths.index(path)] = quantile
    return points


def check_held(paths: Sequence[str], held: Mapping[str, float]) -> None:
    """Raise InputError for a path to be held that is not among those drawn."""
    for path in held:
        if path not in paths:
            raise InputError(
                f"`held` must name a number that is drawn, but {path} is not; `perilune show` "
                "lists the dispersions."
            )


@functools.lru_cache(maxsize=1)
def _latin(seed: int, runs: int, used: int) -> Float64[np.ndarray, "runs used"]:
    from scipy.stats import qmc

    return qmc.LatinHypercube(used, rng=np.random.default_rng((seed, runs))).random(runs)


def _sobol(seed: int, first: int, last: int, used: int) -> Float64[np.ndarray, "runs used"]:
    blocks = range(first // SOBOL_BLOCK, -(-last // SOBOL_BLOCK))
    points = np.concatenate([_block(seed, block, used) for block in blocks])
    start = first - blocks[0] * SOBOL_BLOCK
    return points[start : start + last - first]


@functools.lru_cache(maxsize=4)
def _block(seed: int, block: int, used: int) -> Float64[np.ndarray, "runs used"]:
    from scipy.stats import qmc

    scramble = np.random.default_rng((seed, block))
    return qmc.Sobol(used, scramble=True, rng=scramble).random(SOBOL_BLOCK)
