"""A campaign, from its order to its page."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from perilune.app.campaign_screen import BarWatch, LineWatch
from perilune.campaign.band.campaign_and_band import run_campaign_and_band
from perilune.campaign.request import Order
from perilune.campaign.run import row_store
from perilune.campaign.run.worker_pool import WorkerPool
from perilune.campaign.runner import CampaignResult
from perilune.errors import BrokenOffError

if TYPE_CHECKING:
    from perilune.campaign.run.campaign import Campaign


def fly_and_show(
    order: Order, watch: LineWatch | BarWatch, pool: WorkerPool | None = None
) -> CampaignResult:
    """Fly a campaign, conclude, draw its page: (`campaign.json`'s document, the folder).

    Workers of a `pool` (see `worker_pool`) outlive the campaign. Raises InputError for whatever
    the user can correct, and BrokenOffError where Ctrl-C came after the folder was begun.
    """
    try:
        return run_campaign_and_band(order, watch, lambda *what: _draw(watch, *what), pool)
    except KeyboardInterrupt as stop:
        if watch.parting:
            raise BrokenOffError(watch.parting) from stop
        raise


def _draw(watch: BarWatch | LineWatch, campaign: "Campaign", document: Mapping[str, Any]) -> None:
    """`report.html` from everything that is known of a campaign."""
    from perilune.report.pages.campaign_extras import campaign_extras
    from perilune.report.pages.campaign_page import campaign_html

    watch.say("drawing the page")
    folder, table = campaign.folder, row_store.read_rows(campaign.folder)
    extras = campaign_extras(campaign.mission, campaign.design, document, table, folder)
    row_store.write_text(folder, row_store.PAGE_FILE, campaign_html(document, table, extras))
