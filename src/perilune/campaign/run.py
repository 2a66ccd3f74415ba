"""A campaign from order to conclusions: design once, fly batch by batch, keep rows, conclude."""

import contextlib
from dataclasses import dataclass
from pathlib import Path

from perilune.campaign import store
from perilune.campaign.fleet import fleet_of
from perilune.campaign.identity import check_same, order_document
from perilune.campaign.order import Order, check_order, folder_of, mission_of, most_runs
from perilune.campaign.stopwatch import Stopwatch
from perilune.campaign.tally import Tally


@dataclass(frozen=True)
class Campaign:
    """What is flown: the order, its mission and design, how rows are judged, where they go."""

    order: Order
    mission: object
    design: object
    record: dict
    judging: object
    folder: Path


def run_campaign(order, watch, show=None):
    """Fly what was ordered, or the rest of it: (`campaign.json`'s document, its folder).

    `watch.say(words)` hears each stage, `watch.progress(Standing)` each batch; `show(campaign,
    document)`, where given, is called at the end. Raises InputError for whatever the user can
    mend; a KeyboardInterrupt passes through once the folder is whole and the way to go on has been
    said.
    """
    check_order(order)
    watch.say("reading the mission")
    mission = mission_of(order)
    folder = folder_of(order, mission)
    store.check_folder(folder, order.resume)
    campaign = _prepared(order, mission, folder, watch.say)
    _open(campaign)
    with store.only_writer(folder):
        store.clear_leftovers(folder)
        tally, stopwatch = _counted(campaign), Stopwatch()
        with _interruptible(campaign, tally, watch):
            _fly(campaign, tally, (watch, stopwatch))
            watch.say("drawing conclusions")
            document = _concluded(campaign, tally, stopwatch)
            if show is not None:
                show(campaign, document)
    return document, str(folder)


def _prepared(order, mission, folder, say):
    """The campaign designed, nothing written yet."""
    from perilune.campaign.batch import batch_size
    from perilune.campaign.rows import judging_of
    from perilune.design import design
    from perilune.flight.programs import use_cache

    use_cache(say)
    say("designing orbit, course and upload")
    designed = design(mission)
    record = order_document(order, mission, batch_size())
    return Campaign(order, mission, designed, record, judging_of(mission, designed), folder)


def _open(campaign):
    """Begin the folder, or see that the campaign begun in it is this one."""
    folder, order = campaign.folder, campaign.order
    if not (order.resume and store.is_begun(folder)):
        store.begin(folder, campaign.record)
        return
    kept = store.read_order(folder)
    check_same(folder, kept, campaign.record)
    if kept["runs"] != campaign.record["runs"]:
        store.write_document(folder, store.ORDER_FILE, {**kept, "runs": campaign.record["runs"]})


def _counted(campaign):
    """The tally of the batches that are finished; one cut short by an end now moved is dropped."""
    tally = Tally(most_runs(campaign.order), _decider(campaign.order))
    size = campaign.record["identity"]["batch_size"]
    digest = campaign.record["digest"]
    for first, path in store.batches_in(campaign.folder).items():
        table = store.read_batch(path, first, digest)
        if len(table) == min(size, tally.most - first):
            tally.add(first, sum(table["clean"].to_pylist()), len(table))
        elif len(table) > tally.most - first:
            store.refuse_fewer(campaign.folder, tally.most)
    return tally


def _decider(order):
    """(clean, runs) → the verdict on what is required; None where nothing is."""
    from perilune.campaign.estimate import requirement_of
    from perilune.campaign.sequential import check, decide

    requirement = requirement_of(order)
    if requirement is None:
        return None
    check(requirement)
    return lambda clean, runs: decide(requirement, clean, runs)


def _fly(campaign, tally, listeners):
    """Fly what is missing, batch by batch, until all is flown or decided."""
    from perilune.campaign.rows import table_of

    watch, stopwatch = listeners
    stopwatch.begin(tally.flown)
    missing = _missing(campaign, tally)
    if missing and not tally.is_complete:
        store.remove_campaign(campaign.folder)
        with contextlib.closing(fleet_of(campaign, missing, (watch, stopwatch))) as flights:
            for first, flown in flights:
                count = min(len(flown[0]), tally.most - first)
                table = table_of(campaign.judging, first, flown, count)
                store.write_batch(campaign.folder, first, table, campaign.record["digest"])
                tally.add(first, sum(table["clean"].to_pylist()), count)
                watch.progress(stopwatch.standing(tally, campaign.order.confidence))
                if tally.is_complete:
                    break
    stopwatch.end(tally.flown)
    for first in tally.beyond:
        store.remove_batch(campaign.folder, first)


def _missing(campaign, tally):
    """First runs of the batches that are still to be flown, in order."""
    size = campaign.record["identity"]["batch_size"]
    return [first for first in range(0, tally.most, size) if first not in tally.batches]


@contextlib.contextmanager
def _interruptible(campaign, tally, watch):
    try:
        yield
    except KeyboardInterrupt:
        watch.say(
            f"interrupted: {tally.flown} of {tally.most} runs are kept in {campaign.folder}; add "
            "--resume to go on"
        )
        raise


def _concluded(campaign, tally, stopwatch):
    """Read the rows back, conclude from them, and keep the conclusions."""
    from perilune.campaign.summary import campaign_document

    document = campaign_document(campaign, tally, stopwatch)
    store.write_document(campaign.folder, store.CAMPAIGN_FILE, document)
    return document
