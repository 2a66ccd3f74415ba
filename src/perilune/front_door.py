"""The public functions that look at the surroundings of the process: which folders are meant."""

from __future__ import annotations

from typing import TYPE_CHECKING

from perilune.environment_variables import named_folders

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from perilune.campaign.request import Order
    from perilune.campaign.run.throughput import Watch
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
    InputError, one sentence that says where the first mistake is and how to mend it.

    >>> load_mission("athena", ["lander.engine.max_thrust=3.6 kN"]).lander.engine.max_thrust_n
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
    takes 2 to 6 s: what a flight would refuse is refused here in the same words.

    >>> check_mission("athena")  # doctest: +SKIP
    []
    """
    from perilune.design.check import examine, examine_named
    from perilune.mission import Mission

    if isinstance(mission_or_name, Mission):
        return examine(mission_or_name).problems
    name = str(mission_or_name)
    return examine_named(name, settings, faults, folders or named_folders()).problems


def run_campaign(order: Order, watch: Watch, show: Callable | None = None) -> tuple[dict, str]:
    """Fly what was ordered, or the rest of it: (`campaign.json`'s document, its folder).

    `watch.say(words)` gets each stage, `watch.progress(Standing)` each batch; `show(campaign,
    document)`, where given, is called at the end. Raises InputError for whatever the user can
    mend; a KeyboardInterrupt passes through once the folder is whole, after `watch.say` got how to
    resume.
    """
    import dataclasses

    from perilune.campaign.runner import run_campaign as run

    if order.folders is None:
        order = dataclasses.replace(order, folders=named_folders())
    return run(order, watch, show)
