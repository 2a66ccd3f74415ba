"""A plan file, from a mission's name to the file."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from perilune.app.stages import Stages
from perilune.environment_variables import named_folders

if TYPE_CHECKING:
    from perilune.design.prepared import Prepared


class Asked(NamedTuple):
    """A mission to be planned: its name or path, settings and faults as options take them."""

    mission: str
    settings: Sequence[str] = ()
    faults: Sequence[str] = ()


def plan_and_write(
    asked: Asked, out: str | None, notify: Callable[[str], None]
) -> tuple["Prepared", str]:
    """Design a mission and keep its plan: (what was designed, the path of the file).

    Without `out` the file is `<mission>[-<faults>].plan` here. Raises InputError for what a user
    can correct, before anything is designed where that is possible.
    """
    from perilune.app.run_flight import prepared_from
    from perilune.design.plan_file import check_plan_file, write_or_refuse
    from perilune.flight.compile_cache import use_cache
    from perilune.mission import sound_mission

    stage = Stages(notify)
    with stage("read", "reading the mission"):
        mission = sound_mission(asked.mission, asked.settings, asked.faults, named_folders())
        path = out or f"{'-'.join([mission.name, *mission.faults])}.plan"
        check_plan_file(path)
    use_cache(notify)
    prepared = prepared_from(mission, stage)
    for note in prepared.notes:
        notify(f"note: {note}")
    write_or_refuse(prepared, path)
    return prepared, str(Path(path))
