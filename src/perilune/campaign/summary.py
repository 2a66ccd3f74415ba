"""What the rows of a campaign prove, count and point to: the document of `campaign.json`."""

import math

import pyarrow.compute as pc

from perilune.campaign import store
from perilune.campaign.interval import clopper_pearson
from perilune.campaign.order import most_runs

SCHEMA = 1


def campaign_document(campaign, tally, stopwatch):
    """`campaign.json`: of plain types only, null for what did not happen."""
    table = store.read_rows(campaign.folder)
    order, runs = campaign.order, len(table)
    clean = sum(table["clean"].to_pylist())
    return {
        "schema": SCHEMA,
        "mission": campaign.mission.name,
        "title": campaign.mission.title,
        "seed": order.seed,
        "faults": list(campaign.mission.faults),
        "settings": list(order.settings),
        "sampling": order.sampling,
        "runs": runs,
        "clean": clean,
        "probability": clean / runs,
        "confidence": order.confidence,
        "interval": list(clopper_pearson(clean, runs, order.confidence)),
        "timing": stopwatch.timing(),
    }
