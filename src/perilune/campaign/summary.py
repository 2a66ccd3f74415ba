"""What the rows of a campaign prove, count and point to: the document of `campaign.json`."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pyarrow as pa
from jaxtyping import Float

from perilune.campaign.analysis.failure_modes import groups, violated
from perilune.campaign.analysis.interactions import pairs
from perilune.campaign.analysis.landing_footprint import FIXED, PLACED, STOPPED, scatter
from perilune.campaign.analysis.sensitivity_ks import drivers
from perilune.campaign.analysis.sobol_indices import first_order
from perilune.campaign.analysis.tornado import tornado
from perilune.campaign.campaign_document import SCHEMA, CampaignDocument
from perilune.campaign.figure_names import FIGURES
from perilune.campaign.probability_estimate import estimate
from perilune.campaign.request import Sampling
from perilune.campaign.run import row_store
from perilune.campaign.run.campaign import Campaign
from perilune.campaign.run.row_columns import INPUT_WORDS
from perilune.campaign.run.rows_hash import rows_sha256
from perilune.campaign.run.throughput import Stopwatch
from perilune.campaign.statistics import order_statistics, sequential_test
from perilune.campaign.statistics.columns import flags, numbers
from perilune.campaign.statistics.filter_consistency import consistency
from perilune.campaign.statistics.innovation_consistency import innovations
from perilune.campaign.statistics.minimum_counts import percentile
from perilune.campaign.statistics.tally import Tally
from perilune.design.provenance import now
from perilune.mechanics.si_units import unit_of
from perilune.verdict.document import checked
from perilune.verdict.judge import ORDER
from perilune.verdict.plain import plain

BOUNDED = {
    "vertical_speed_m_s": "upper",
    "horizontal_speed_m_s": "upper",
    "body_rate_deg_s": "upper",
    "tilt_at_contact_deg": "upper",
    "tilt_deg": "upper",
    "miss_m": "upper",
    "leg_stroke_m": "upper",
    "propellant_kg": "lower",
}
"""Figures that an order statistic is given of: what is stayed below, or above."""
FRACTIONS = (0.9, 0.99, 0.9987)
PERCENTILES = {"p01": 0.01, "p50": 0.5, "p99": 0.99}


def campaign_document(
    campaign: Campaign, tally: Tally, stopwatch: Stopwatch, band: dict[str, Any] | None = None
) -> dict[str, Any]:
    """`campaign.json`: of JSON's own types, null for what did not happen; `band` as it was flown.

    Its schema is `campaign_json_schema()` of `campaign_document`.
    """
    table, order = row_store.read_rows(campaign.folder), campaign.order
    inputs = campaign.judging.inputs
    estimated = estimate(order, flags(table, "clean"), _ends(tally), campaign.record["runs_asked"])
    assumes = assumed(order.sampling, estimated["method"])
    document = {
        "schema": SCHEMA,
        "mission": campaign.mission.name,
        "title": campaign.mission.title,
        "seed": order.seed,
        "faults": campaign.record["identity"]["faults"],
        "settings": campaign.record["settings"],
        "sampling": order.sampling,
        **estimated,
        "band": band,
        "outcomes": _counted(table["outcome"].to_pylist()),
        "violations": {name: int(np.sum(violated(table, name))) for name in ORDER},
        "figures": {name: _figure(numbers(table, name)) for name in FIGURES},
        "order_statistics": bounds(table, order.confidence, assumes),
        "scatter": scatter(
            numbers(table, "miss_east_m"),
            numbers(table, "miss_north_m"),
            confidence=order.confidence,
            assumes=assumes,
        ),
        "consistency": consistency(table, order.confidence),
        "innovations": innovations(table, order.confidence),
        "drivers": drivers(table, inputs, order.confidence),
        "tornado": tornado(table, inputs),
        "indices": first_order(table, inputs, confidence=order.confidence),
        "pairs": pairs(table, inputs, confidence=order.confidence),
        "failure_groups": groups(table),
        "rows_sha256": rows_sha256(table),
        "plan_sha256": campaign.record["identity"]["plan"],
        "dispersions": [{name: getattr(one, name) for name in INPUT_WORDS} for one in inputs],
        "timing": stopwatch.timing(),
        "provenance": _provenance(campaign),
    }
    return checked(CampaignDocument, plain(document))


def is_same(kept: Mapping[str, Any], document: Mapping[str, Any]) -> bool:
    """Whether two documents hold the same conclusions; timing and provenance may differ."""
    unlike = {"timing", "provenance"}
    return set(kept) == set(document) and all(
        kept[name] == document[name] for name in set(document) - unlike
    )


def _ends(tally: Tally) -> list[int]:
    """Runs after each batch."""
    return [runs for runs, _ in tally.prefix]


def _counted(names: list[str]) -> dict[str, int]:
    """{name: how often}, the most frequent first."""
    counts = {name: names.count(name) for name in sorted(set(names))}
    return dict(sorted(counts.items(), key=lambda each: -each[1]))


def _figure(values: Float[np.ndarray, " n"]) -> dict[str, Any]:
    """Moments and percentiles over the flights that came to a figure, where they are enough."""
    values = values[np.isfinite(values)]
    row = dict.fromkeys(("mean", "sigma", "min", "p01", "p50", "p99", "max"))
    row["count"] = len(values)
    if len(values) == 0:
        return row
    row |= {"mean": values.mean(), "min": values.min(), "max": values.max()}
    row["sigma"] = values.std(ddof=1) if len(values) > 1 else None
    return row | {name: percentile(values, share) for name, share in PERCENTILES.items()}


def assumed(sampling: Sampling, method: Mapping[str, Any]) -> str:
    """What bounds by rank take for granted: `FIXED`, or `STOPPED` or `PLACED` where it is not so.

    `method` is that of the interval on P(clean): a time-uniform one where the flights that were
    seen may have decided how many there are.
    """
    if sampling != "random":
        return PLACED
    return STOPPED if method["name"] == sequential_test.METHOD.name else FIXED


def bounds(table: pa.Table, confidence: float, assumes: str) -> list[dict[str, Any]]:
    """What a fraction of all landings stays below or above; none of `PLACED` points."""
    if assumes == PLACED:
        return []
    return [
        _bound(table, column, fraction, confidence) | {"assumes": assumes}
        for column in BOUNDED
        for fraction in FRACTIONS
    ]


def _bound(table: pa.Table, column: str, fraction: float, confidence: float) -> dict[str, Any]:
    """The bound of a figure on the side that `BOUNDED` has it."""
    sense = BOUNDED[column]
    side = order_statistics.upper_bound if sense == "upper" else order_statistics.lower_bound
    bound = side(numbers(table, column), fraction, confidence)
    return {
        "column": column,
        "unit": unit_of(column),
        "fraction": fraction,
        "confidence": confidence,
        "sense": sense,
        "bound": bound.value,
        "rank": bound.rank,
        "count": bound.count,
        "reached": bound.reached,
        "least_count": order_statistics.least_count(fraction, confidence),
    }


def _provenance(campaign: Campaign) -> dict[str, Any]:
    record, design = campaign.record, campaign.design
    return {
        "order_digest": record["digest"],
        "begun": record["begun"],
        "concluded": now(),
        "software": record["software"],
        "code_sha256": record["identity"]["code"],
        "files": record["files"],
        "mission_text_sha256": record["mission_text_sha256"],
        "engine": record["identity"]["engine"],
        "batch_size": record["identity"]["batch_size"],
        "host": record["host"],
        "device": _device(),
        "data_folder": design.data_folder,
        "gravity": design.gravity_name,
        "terrain": design.terrain.statement,
    }


def _device() -> str:
    """What flew: the processor, or the GPU by its name."""
    import jax

    return jax.devices()[0].device_kind
