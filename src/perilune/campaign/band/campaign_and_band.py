"""A campaign and, where one is asked for, the band on P(clean) over what is not known."""

import functools
from collections.abc import Callable
from typing import Any

from perilune.campaign.band.fly_band import fly_band, kept_band
from perilune.campaign.request import Order
from perilune.campaign.run.campaign import Campaign
from perilune.campaign.run.throughput import Watch
from perilune.campaign.run.worker_pool import WorkerPool, worker_pool
from perilune.campaign.runner import CampaignResult, run_campaign


def run_campaign_and_band(
    order: Order,
    watch: Watch | None = None,
    show: Callable[[Campaign, dict[str, Any]], None] | None = None,
    pool: WorkerPool | None = None,
) -> CampaignResult:
    """As `perilune.run_campaign`, of an order that names its folders.

    With `band_runs` its band is flown after it, by the same workers; without, a band that was flown
    in its folder before stays in the document.
    """
    if order.band_runs is None:
        return run_campaign(order, watch, show, pool, band=kept_band)
    if pool is not None:
        return run_campaign(order, watch, show, pool, band=functools.partial(fly_band, pool))
    with worker_pool() as own:
        return run_campaign_and_band(order, watch, show, own)
