"""A campaign from order to conclusions: design once, fly batch by batch, keep rows, conclude."""

import contextlib
import os
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

from perilune import signals
from perilune.campaign.request import (
    Engine,
    Order,
    check_order,
    folder_of,
    mission_of,
    most_runs,
    plan_of,
)
from perilune.campaign.run import row_store
from perilune.campaign.run.campaign import Campaign
from perilune.campaign.run.disk_refusals import disk_refusals, try_to_write
from perilune.campaign.run.executors import flown_batches
from perilune.campaign.run.manifest import check_same, order_document, resumed
from perilune.campaign.run.throughput import Session, Standing, Stopwatch, Watch
from perilune.campaign.run.withdrawn_batches import taken_back_if_blank
from perilune.campaign.run.worker_pool import WorkerPool
from perilune.campaign.statistics.tally import Tally
from perilune.errors import InputError

if TYPE_CHECKING:
    from perilune.design.prepared import Prepared
    from perilune.mission import Mission

Band: TypeAlias = Callable[[Campaign, Watch], dict[str, Any] | None]
"""Flies what a band on P(clean) takes, in the campaign's folder, and says what it comes to."""


class Silent:
    """A watch that shows nothing."""

    def say(self, words: str) -> None:
        """Ignore it."""

    def progress(self, standing: Standing) -> None:
        """Ignore it."""


class Flight(NamedTuple):
    """A campaign whose runs are all flown, and nothing concluded yet."""

    campaign: Campaign
    tally: Tally
    session: Session
    kept: dict[str, Any] | None
    """Conclusions drawn before, of these very runs."""


class CampaignResult(NamedTuple):
    """The document of `campaign.json`, and the folder of the campaign, for `read_rows`."""

    document: dict[str, Any]
    folder: str


def run_campaign(
    order: Order,
    watch: Watch | None = None,
    show: Callable[[Campaign, dict[str, Any]], None] | None = None,
    pool: WorkerPool | None = None,
    prepared: "Prepared | None" = None,
    band: Band | None = None,
) -> CampaignResult:
    """As `perilune.run_campaign`, of an order that names its folders; without a band of its own.

    Workers of a `pool` (see `worker_pool`) outlive the campaign. What the order asks for may be
    `prepared` already. `band(campaign, watch)` gives what `campaign.json` has as its `band`.
    """
    watch = watch if watch is not None else Silent()
    with _flown(order, watch, pool, prepared) as flight:
        beside = band(flight.campaign, watch) if band is not None else None
        watch.say("drawing conclusions")
        document = _concluded(flight, beside)
        if show is not None:
            show(flight.campaign, document)
    return CampaignResult(document, str(flight.campaign.folder))


def fly_rows(order: Order, watch: Watch, pool: WorkerPool, prepared: "Prepared") -> Path:
    """The folder of a campaign of which nothing but rows are wanted: no conclusions, no page."""
    with _flown(order, watch, pool, prepared) as flight:
        return flight.campaign.folder


@contextlib.contextmanager
def _flown(
    order: Order, watch: Watch, pool: WorkerPool | None, prepared: "Prepared | None"
) -> Iterator[Flight]:
    """Inside, what the order asks for is flown, and its folder is nobody else's to write to."""
    check_order(order)
    watch.say("reading the mission")
    planned = prepared or plan_of(order)
    mission = mission_of(order) if planned is None else planned.mission
    folder = folder_of(order, mission)
    row_store.check_no_writer(folder)
    row_store.check_folder(folder, order.resume)
    with disk_refusals(folder):
        try_to_write(folder)
    campaign = _prepared(order, planned or mission, folder, watch.say)
    with taken_back_if_blank(folder), row_store.only_writer(folder):
        row_store.check_folder(folder, order.resume)  # another may have begun it meanwhile
        campaign, tally = _joined(campaign)
        session, kept = Session(watch, Stopwatch()), _standing(folder, tally)
        with _interruptible(campaign, tally, watch):
            _fly(campaign, tally, session, pool)
            yield Flight(campaign, tally, session, kept)


def _prepared(
    order: Order, source: "Prepared | Mission", folder: Path, say: Callable[[str], None]
) -> Campaign:
    """The campaign designed, unless it was read from a plan file; nothing written yet."""
    from perilune.campaign.run.batch import batch_size
    from perilune.campaign.run.native_campaign import batch_size_for, native_flight_for
    from perilune.campaign.run.row_columns import judging_of
    from perilune.campaign.run.sampling import check_held
    from perilune.design.prepared import Prepared, prepare
    from perilune.flight.compile_cache import use_cache

    use_cache(say)
    if isinstance(source, Prepared):
        prepared = source
    else:
        say("designing orbit, course and upload")
        prepared = prepare(source)
    for note in prepared.notes:
        say(f"note: {note}")
    say("tracing the flight")
    flight = native_flight_for(order, prepared.plan, say)
    size = batch_size() if flight is None else batch_size_for(order)
    engine: Engine = "xla" if flight is None else "native"
    judging = judging_of(prepared.mission, prepared)
    check_held(judging.paths, dict(order.held))
    return Campaign(
        order=order,
        mission=prepared.mission,
        design=prepared,
        flight=flight,
        record=order_document(order, prepared, size, engine),
        judging=judging,
        folder=folder,
    )


def _joined(campaign: Campaign) -> tuple[Campaign, Tally]:
    """The campaign with the record it continues with, and the tally of its finished batches.

    The folder is begun, or what was begun in it is seen to be this campaign; nothing is written
    before its rows have been found to be whole and not too many.
    """
    folder = campaign.folder
    if not row_store.is_begun(folder):
        row_store.begin(folder, campaign.record)
        row_store.clear_leftovers(folder)
        _keep_plan(campaign)
        return campaign, _counted(campaign)
    kept = row_store.read_order(folder)
    check_same(folder, kept, campaign.record)
    campaign = replace(campaign, record=resumed(kept, campaign.record))
    tally = _counted(campaign)
    row_store.clear_leftovers(folder)
    _keep_plan(campaign)
    if campaign.record != kept:
        row_store.write_document(folder, row_store.ORDER_FILE, campaign.record)
    return campaign, tally


def _keep_plan(campaign: Campaign) -> None:
    """Keep the plan beside the rows, so that they can be replayed where it would differ.

    A campaign inside another's folder shares the file of that one.
    """
    from perilune.design.plan_file import write_plan

    path, flown = Path(campaign.folder, row_store.PLAN_FILE), campaign.design.plan_file
    if path.exists():
        return
    with disk_refusals(campaign.folder):
        if flown is not None and Path(flown).parent in path.parents:
            with contextlib.suppress(OSError):  # a file system without links
                os.link(flown, path)
                return
        write_plan(campaign.design, path)


def _standing(folder: Path, tally: Tally) -> dict[str, Any] | None:
    """The conclusions kept of these very runs, or None: any others are removed, whole or broken."""
    if tally.is_complete:
        with contextlib.suppress(InputError):
            kept = row_store.read_campaign(folder)
            if kept["runs"] == tally.reached:
                return kept
    row_store.remove_campaign(folder)
    return None


def _counted(campaign: Campaign) -> Tally:
    """The tally of the batches that are finished; one cut short by an end now moved is dropped."""
    tally = Tally(most=most_runs(campaign.order), judge_prefix=_decider(campaign.order))
    size = campaign.record["identity"]["batch_size"]
    digest = campaign.record["digest"]
    for first, path in row_store.batches_in(campaign.folder).items():
        table = row_store.read_batch(path, first, digest)
        if len(table) == min(size, tally.most - first):
            tally.add(first, sum(table["clean"].to_pylist()), len(table))
        elif len(table) > tally.most - first:
            row_store.refuse_fewer(campaign.folder, tally.most)
    return tally


def _decider(order: Order) -> Callable[[int, int], str] | None:
    """(clean, runs) → the verdict on what is required; None where nothing is."""
    from perilune.campaign.probability_estimate import requirement_of
    from perilune.campaign.statistics.sequential_test import decide

    requirement = requirement_of(order)
    if requirement is None:
        return None
    return lambda clean, runs: decide(requirement, clean, runs)


def _fly(campaign: Campaign, tally: Tally, session: Session, pool: WorkerPool | None) -> None:
    """Fly what is missing, batch by batch, until all is flown or decided."""
    from perilune.campaign.probability_estimate import interval_so_far
    from perilune.campaign.run.row_columns import table_of

    stopwatch = session.stopwatch
    stopwatch.begin(tally.flown)
    missing = _missing(campaign, tally)
    if missing and not tally.is_complete:
        with contextlib.closing(flown_batches(campaign, missing, session, pool)) as flights:
            for first, flown in flights:
                count = min(len(flown[0]), tally.most - first)
                table = table_of(campaign.judging, first, flown, count)
                row_store.write_batch(campaign.folder, first, table, campaign.record["digest"])
                tally.add(first, sum(table["clean"].to_pylist()), count)
                so_far = interval_so_far(campaign.order, tally, campaign.record["runs_asked"])
                session.watch.progress(stopwatch.standing(tally, so_far))
                if tally.is_complete:
                    break
    stopwatch.end(tally.flown)
    for first in tally.beyond:
        row_store.remove_batch(campaign.folder, first)


def _missing(campaign: Campaign, tally: Tally) -> list[int]:
    """First runs of the batches that are still to be flown, in order."""
    size = campaign.record["identity"]["batch_size"]
    return [first for first in range(0, tally.most, size) if first not in tally.batches]


@contextlib.contextmanager
def _interruptible(campaign: Campaign, tally: Tally, watch: Watch) -> Iterator[None]:
    def kept() -> str:
        return (
            f"{tally.flown} of {tally.most} runs are kept in {campaign.folder}; add --resume to "
            "continue"
        )

    try:
        with signals.standing(kept):
            yield
    except KeyboardInterrupt:
        watch.say(f"interrupted: {kept()}")
        raise


def _concluded(flight: Flight, band: dict[str, Any] | None) -> dict[str, Any]:
    """Read the rows back, conclude from them, and keep the conclusions.

    Where nothing was flown, those that were `kept` are left alone if they are the same, and their
    timing stands if they are not.
    """
    from perilune.campaign.summary import campaign_document, is_same

    campaign, tally, session, kept = flight
    document = campaign_document(campaign, tally, session.stopwatch, band)
    if kept is not None:
        if is_same(kept, document):
            return kept
        document["timing"] = kept.get("timing") or document["timing"]
    row_store.write_document(campaign.folder, row_store.CAMPAIGN_FILE, document)
    return document
