"""Points of an envelope: each read, designed and flown, all by the same workers and run numbers."""

import dataclasses
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from perilune.app.campaign_screen import BarWatch, LineWatch
from perilune.app.point_folders import POINTS_FOLDER, kept_words
from perilune.campaign.envelope.crossings import Tried
from perilune.campaign.request import Order, mission_of
from perilune.campaign.run import row_store
from perilune.campaign.run.throughput import Standing
from perilune.campaign.run.worker_pool import WorkerPool
from perilune.campaign.runner import run_campaign
from perilune.design.prepared import Prepared, prepare
from perilune.design.replaced_truth import with_truth
from perilune.errors import BrokenOffError, InputError
from perilune.folders import Folders
from perilune.mission.load import try_to_load


@dataclasses.dataclass(frozen=True)
class Flown:
    """A point: its campaign and where that is, or why it could not be flown."""

    value: float
    settings: tuple[str, ...] = ()
    document: dict[str, Any] | None = None
    folder: Path | None = None
    problem: str | None = None

    @property
    def tried(self) -> Tried:
        """The value and what was clean there."""
        of = self.document
        return Tried(self.value, of["clean"], of["runs"]) if of else Tried(self.value, 0, 0)


class NotesOnly:
    """The watch of one point of many: notes are passed on once, its stages are not."""

    def __init__(self, watch: LineWatch | BarWatch) -> None:
        """Nothing has been said yet."""
        self._watch, self._said = watch, set[str]()

    def say(self, words: str) -> None:
        """Pass a note on."""
        if words.startswith("note: ") and words not in self._said:
            self._said.add(words)
            self._watch.say(words)

    def progress(self, standing: Standing) -> None:
        """Ignore it."""


@dataclasses.dataclass(frozen=True)
class Flight:
    """What all points of an envelope share."""

    order: Order
    place: Path
    pool: WorkerPool
    watch: NotesOnly
    designed: Prepared
    """The mission as it is; a point that differs in truth alone is not designed again."""

    def fly(self, at: Flown, name: str, faults: Sequence[str] = (), told: bool = True) -> Flown:
        """A point, which has its value and settings, flown into the folder of a name."""
        order = dataclasses.replace(
            self.order,
            settings=(*self.order.settings, *at.settings),
            faults=(*self.order.faults, *faults),
            out=str(self.place / POINTS_FOLDER / name),
        )
        try:
            prepared = prepare(mission_of(order)) if told else self._with_truth(order)
        except InputError as error:
            return dataclasses.replace(at, problem=str(error))
        return self._flown(at, order, prepared)

    def _with_truth(self, order: Order) -> Prepared:
        """The mission as it is designed, with another truth, which no check of a design refuses."""
        named = (order.mission, order.settings, order.faults, order.folders or Folders())
        mission, mistakes = try_to_load(*named)
        if mission is None:
            raise InputError(mistakes[0])
        return with_truth(self.designed, mission)

    def _flown(self, at: Flown, order: Order, prepared: Prepared) -> Flown:
        order = dataclasses.replace(order, resume=row_store.is_begun(str(order.out)))
        try:
            document, folder = run_campaign(order, self.watch, None, self.pool, prepared)
        except (BrokenOffError, KeyboardInterrupt) as stop:
            raise BrokenOffError(f"interrupted: {kept_words(self.place)}") from stop
        return dataclasses.replace(at, document=document, folder=Path(folder))
