"""Which pairs of drawn inputs matter together, beyond what each does alone."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa
from jaxtyping import Float

from perilune.campaign.analysis import interaction_score
from perilune.campaign.analysis.tornado import FIGURES
from perilune.campaign.statistics.columns import DrawnInput, numbers
from perilune.campaign.statistics.multiple_testing import holm

LEAST_COUNT = 100
LEAST_FAILURES = 20
"""Fewer failures, or clean flights, cannot single out one pair among thousands."""


def pairs(
    table: pa.Table,
    inputs: Sequence[DrawnInput],
    figures: Sequence[str] = ("clean", *FIGURES),
    confidence: float = 0.95,
    most: int = 20,
) -> list[dict[str, Any]]:
    """One dict a figure: `figure, count, looked_at, found, pairs, words`; the surest pair first.

    A pair acts together on a figure when its effect is not the sum of the two alone; for `clean`,
    0 or 1, that is: when risks do not add (Rothman's synergy, American Journal of Epidemiology
    104, 1976, 587-592). Each of up to `most` pairs has `column_a, path_a, part_a, column_b,
    path_b, part_b, statistic, p, p_adjusted, significant, corners, excess`. `statistic` is the
    score of the product of the inputs' ranks after all main effects, over its robust error; `p`
    counts the four products of parts, `p_adjusted` (Holm) all pairs, so that in at most
    1 - confidence of campaigns without such a pair is any called significant, per figure.
    `corners`: the figure's mean with both parts, one or none above their median; `excess`: what
    both add to it beyond the sum. `words` gives the reason where no pair was tested, else None.
    """
    columns = [numbers(table, one.column) for one in inputs]
    found = []
    for figure in figures:
        values = numbers(table, figure)
        came = np.isfinite(values)
        varied = [
            (one, drawn[came])
            for one, drawn in zip(inputs, columns, strict=True)
            if np.any(came) and np.ptp(drawn[came]) > 0.0
        ]
        found.append(_figure(figure, values[came], varied, 1.0 - confidence, most))
    return found


def _figure(
    figure: str,
    values: Float[np.ndarray, " n"],
    varied: Sequence[tuple[DrawnInput, Float[np.ndarray, " n"]]],
    allowed: float,
    most: int,
) -> dict[str, Any]:
    row = {"figure": figure, "count": len(values), "looked_at": 0, "found": 0, "pairs": []}
    row["words"] = _why_not(figure, values, len(varied))
    if row["words"] is not None:
        return row
    rest = interaction_score.after_main_effects(
        values, np.stack([drawn for _, drawn in varied], axis=1)
    )
    look = interaction_score.look_again(rest, interaction_score.look(rest), allowed)
    adjusted = holm(look.p)
    surest = np.argsort(look.p, kind="stable")[:most]
    listed = [
        _named(look, i, varied)
        | {"p_adjusted": float(adjusted[i]), "significant": bool(adjusted[i] <= allowed)}
        | interaction_score.corners(values, rest, look.place[i], look.part[i])
        for i in surest
    ]
    found = int(np.sum(adjusted <= allowed))
    return row | {"looked_at": len(look.p), "found": found, "pairs": listed}


def _why_not(figure: str, values: Float[np.ndarray, " n"], input_count: int) -> str | None:
    """Why no pair can be tested, or None."""
    if input_count < 2:
        return "fewer than two inputs varied"
    if len(values) < LEAST_COUNT:
        return f"too few flights to decide: {len(values)}, at least {LEAST_COUNT} are needed"
    failures = len(values) - int(np.sum(values))
    if figure == "clean" and not LEAST_FAILURES <= failures <= len(values) - LEAST_FAILURES:
        side = "failures" if failures < LEAST_FAILURES else "clean flights"
        return f"too few {side} to decide: at least {LEAST_FAILURES} are needed"
    least = interaction_score.least_count(input_count)
    if len(values) < least:
        return f"too few flights for {input_count} inputs: at least {least} are needed"
    return "it did not vary" if np.ptp(values) == 0.0 else None


def _named(
    look: interaction_score.Look,
    i: int,
    varied: Sequence[tuple[DrawnInput, Float[np.ndarray, " n"]]],
) -> dict[str, Any]:
    """One pair by its inputs' names, with what was seen of it."""
    (a, b), (part_a, part_b) = look.place[i], look.part[i]
    return {
        "column_a": varied[a][0].column,
        "path_a": varied[a][0].path,
        "part_a": interaction_score.PARTS[part_a],
        "column_b": varied[b][0].column,
        "path_b": varied[b][0].path,
        "part_b": interaction_score.PARTS[part_b],
        "statistic": float(look.score[i]),
        "p": float(look.p[i]),
    }
