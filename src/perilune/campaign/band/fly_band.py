"""Flies what a band takes: each assumption at its ends, then all of them at worst and at best."""

import dataclasses
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from perilune.campaign.band.corners import band_of
from perilune.campaign.band.held_values import ENDS, Level, all_at_median, held, one_at_an_end
from perilune.campaign.band.screening import Flags, Screened, best_level, worst_level
from perilune.campaign.request import LARGEST, Order
from perilune.campaign.run import row_store
from perilune.campaign.run.campaign import Campaign
from perilune.campaign.run.throughput import Watch
from perilune.campaign.run.worker_pool import WorkerPool
from perilune.campaign.runner import Silent, fly_rows
from perilune.campaign.statistics.columns import flags, numbers
from perilune.design.inputs import Input
from perilune.design.prepared import Prepared
from perilune.errors import InputError
from perilune.verdict.plain import plain

BAND_FILE = "band.json"
NO_ASSUMPTION = (
    'note: --band has nothing to vary: the mission declares no dispersion with kind = "epistemic"'
)


@dataclasses.dataclass(frozen=True, kw_only=True)
class _Points:
    """What all points of a band share."""

    order: Order
    prepared: Prepared
    folder: Path
    watch: Watch
    pool: WorkerPool
    most: int

    def fly(self, number: int, name: str, levels: Mapping[str, Level], seed: int) -> Path:
        """The folder of a point, flown in it; only what is missing."""
        self.watch.say(f"band, point {number} of {self.most}: {name}")
        place = self.folder / name
        order = dataclasses.replace(
            self.order,
            seed=seed,
            held=held(levels),
            out=str(place),
            resume=row_store.is_begun(place),
        )
        return fly_rows(order, Silent(), self.pool, self.prepared)


def fly_band(pool: WorkerPool, campaign: Campaign, watch: Watch) -> dict[str, Any] | None:
    """`band` of `campaign.json`, flown in the campaign's folder; None where nothing is epistemic.

    Screened are `band_runs` runs of the campaign's own seed, the same run numbers at every point;
    worst and best are flown on those of the next seed, which chose nothing. What is finished is
    not flown again. InputError where more runs of each point are kept than are asked for.
    """
    unknown = [each for each in campaign.judging.inputs if each.is_epistemic]
    if not unknown:
        watch.say(NO_ASSUMPTION)
        return None
    _check_no_fewer(campaign)
    points = _points(campaign, watch, pool, 2 * len(unknown) + 3)
    band = plain(_flown(points, unknown))
    kept = {"digest": campaign.record["digest"], "band": band}
    row_store.write_document(points.folder, BAND_FILE, kept)
    return band


def kept_band(campaign: Campaign, watch: Watch) -> dict[str, Any] | None:
    """The band that was flown in the campaign's folder before; None where there is none."""
    del watch
    path = campaign.folder / row_store.BAND_FOLDER / BAND_FILE
    if not path.is_file():
        return None
    kept = json.loads(path.read_text(encoding="utf-8"))
    return kept["band"] if kept["digest"] == campaign.record["digest"] else None


def _check_no_fewer(campaign: Campaign) -> None:
    kept, asked = kept_band(campaign, Silent()), campaign.order.band_runs
    if kept is not None and asked is not None and kept["runs"] > asked:
        raise InputError(
            f"{campaign.folder} holds a band of {kept['runs']} runs at each point already; give "
            "as many, or more, with --band, or name another folder with --out."
        )


def _points(campaign: Campaign, watch: Watch, pool: WorkerPool, most: int) -> _Points:
    runs = campaign.order.band_runs
    order = dataclasses.replace(
        campaign.order, sampling="random", require=None, runs=runs, band_runs=None
    )
    plan_file = str(campaign.folder / row_store.PLAN_FILE)
    return _Points(
        order=order,
        prepared=dataclasses.replace(campaign.design, plan_file=plan_file),
        folder=campaign.folder / row_store.BAND_FOLDER,
        watch=watch,
        pool=pool,
        most=most,
    )


def _flown(points: _Points, unknown: Sequence[Input]) -> dict[str, Any]:
    """Every point flown, one assumption after the other, and then the two corners."""
    paths, seed = [each.path for each in unknown], points.order.seed
    middle = _clean(points.fly(1, "median", all_at_median(paths), seed))
    ends = {each.path: _ends(points, paths, each) for each in unknown}
    screened = [
        Screened(path, {"low": _clean(at["low"]), "median": middle, "high": _clean(at["high"])})
        for path, at in ends.items()
    ]
    corners = {
        "worst": {each.path: worst_level(each) for each in screened},
        "best": {each.path: best_level(each) for each in screened},
    }
    seeds = [seed, (seed + 1) % (LARGEST + 1)]
    flown = {
        name: _clean(points.fly(points.most - 1 + place, name, levels, seeds[1]))
        for place, (name, levels) in enumerate(corners.items())
    }
    band = band_of(screened, corners, flown, points.order.confidence)
    about = {each.path: _about(each, ends[each.path]) for each in unknown}
    rows = [row | about[row["path"]] for row in band["assumptions"]]
    return band | {"runs": points.order.runs, "seeds": seeds, "assumptions": rows}


def _ends(points: _Points, paths: Sequence[str], each: Input) -> dict[Level, Path]:
    """The folders of the two points at which one assumption is at an end."""
    first = 2 + 2 * paths.index(each.path)
    return {
        end: points.fly(
            first + place,
            f"{each.path}-{end}",
            one_at_an_end(paths, each.path, end),
            points.order.seed,
        )
        for place, end in enumerate(ENDS)
    }


def _about(each: Input, ends: Mapping[Level, Path]) -> dict[str, Any]:
    """What a number is, and its values at its ends, SI, as the rows have them."""
    words = {name: getattr(each, name) for name in ("unit", "distribution", "source")}
    values = {
        end: numbers(row_store.read_rows(folder, ["run", each.column]), each.column)[0]
        for end, folder in ends.items()
    }
    return words | {"values": values}


def _clean(folder: Path) -> Flags:
    return flags(row_store.read_rows(folder, ["run", "clean"]), "clean")
