"""The public functions that look at the surroundings of the process: which folders are meant."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from perilune.environment_variables import named_folders
from perilune.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from perilune.campaign.request import Order
    from perilune.campaign.runner import Campaign, CampaignResult, Watch
    from perilune.folders import Folders
    from perilune.mission import Mission


def load_mission(
    name_or_path: str | Path,
    settings: Sequence[str] = (),
    faults: Sequence[str] = (),
    folders: Folders | None = None,
) -> Mission:
    """A mission by its name in the catalog or the path of its file, with everything filled in.

    `settings` are "PATH=VALUE" strings with paths of the resolved mission; `faults` are names in
    the catalog or paths. `folders` are where measured data and a catalog of your own are looked
    for; None is what PERILUNE_DATA and PERILUNE_CATALOG name. The mission keeps them, so that a
    plan is made from the data its mission was loaded with. All values of the result are SI. Raises
    InputError, one sentence that says where the first mistake is and how to correct it.

    >>> import perilune
    >>> mission = perilune.load_mission("athena", ["lander.engine.max_thrust=3.6 kN"])
    >>> mission.lander.engine.max_thrust_n
    3600.0
    """
    from perilune.mission.load import load_mission as load

    return load(name_or_path, settings, faults, folders=folders or named_folders())


def check_mission(
    mission_or_name: Mission | str | Path,
    settings: Sequence[str] = (),
    faults: Sequence[str] = (),
    folders: Folders | None = None,
) -> list[str]:
    """What is missing or wrong, a sentence each with its place and its cure; [] when all is well.

    Takes a Mission, or what `load_mission` takes. A mission that reads well is designed, which
    takes 2 to 6 s: what a flight would refuse is refused here in the same words. Raises nothing.

    >>> import perilune
    >>> perilune.check_mission("athena")
    []
    """
    from perilune.design.check import examine, examine_named
    from perilune.mission import Mission

    if isinstance(mission_or_name, Mission):
        return examine(mission_or_name).problems
    try:
        folders = folders or named_folders()
    except InputError as error:
        return [str(error)]
    return examine_named(str(mission_or_name), settings, faults, folders).problems


def run_campaign(
    order: Order,
    watch: Watch | None = None,
    show: Callable[[Campaign, dict[str, Any]], None] | None = None,
) -> CampaignResult:
    """Fly the campaign of an `Order`, or what is missing of it, in processes of this machine.

    `watch.say(words)` is called at each stage, `watch.progress(standing)` after each batch, where
    `standing` has `flown`, `most`, `clean`, the interval `lo` to `hi` of P(clean), `rate_per_s` and
    `left_s`; `show(campaign, document)` at the end. The rows are in the folder as Parquet, one row
    per flight: `read_rows` and `query` give them as `pyarrow.Table`. The decision on `require` is
    Gandy's sequential test (JASA 104, 2009, 1504), the interval of a fixed number of runs
    Clopper and Pearson's (Biometrika 26, 1934, 404). Raises InputError for what a user can
    correct. A KeyboardInterrupt passes through once the folder is whole; `resume` completes it.

    >>> import perilune
    >>> order = perilune.Order("athena", runs=64, out="runs/mine")
    >>> perilune.run_campaign(order).document["interval"]  # doctest: +SKIP
    [0.944, 1.0]
    """
    import dataclasses

    from perilune.campaign.band.campaign_and_band import run_campaign_and_band as run

    if order.folders is None:
        order = dataclasses.replace(order, folders=named_folders())
    return run(order, watch, show)
