"""The engines and nozzles that a fault of the command names: their paths in the lander's file."""

from collections.abc import Collection, Iterator
from itertools import compress

from perilune.interfaces.signal_fault import COMMAND_PARTS, UnitsFault
from perilune.interfaces.units import kind_of
from perilune.mechanics.si_units import bare_name
from perilune.mission.fault import COMMAND, UNITS, effects_of
from perilune.mission.lander import Lander
from perilune.mission.mission import Mission
from perilune.mission.propulsion import engines_of, nozzles_of, thrusters_of
from perilune.mission.validation_messages import origin_of


def command_units(lander: Lander) -> list[str]:
    """Engines, then nozzles, as truth counts them: `engine.north`, `thrusters.nozzles.3`."""
    nozzles = [path.removeprefix("lander.") for path, _, _ in nozzles_of(lander)]
    return [*engines_of(lander), *nozzles]


def units_struck(lander: Lander, names: Collection[str]) -> tuple[bool, ...]:
    """Of each of them, whether it is named itself or as part of what is; each, if none is named."""
    return tuple(
        not names or any(_is_of(unit, name) for name in names) for unit in command_units(lander)
    )


def nozzles_named(lander: Lander, names: Collection[str]) -> tuple[bool, ...]:
    """Of each nozzle, whether it is named itself or as part of what is."""
    return units_struck(lander, names)[len(engines_of(lander)) :]


def pushes_of_nobody(mission: Mission) -> Iterator[str]:
    """A sentence for each name among the nozzles of the push after touchdown that is none."""
    push = mission.descent.contact_push
    if push is None:
        return
    nozzles = [path.removeprefix("lander.") for path, _, _ in nozzles_of(mission.lander)]
    for name in push.nozzles:
        if not any(_is_of(nozzle, name) for nozzle in nozzles):
            origin = origin_of(["descent", "contact_push", "nozzles"], mission.origins)
            yield (
                f"{origin}: `descent.contact_push.nozzles` must name nozzles of the lander "
                f"({_listed_nozzles(mission.lander)}), but has `{name}`."
            )


def phases_of_nobody(mission: Mission) -> Iterator[str]:
    """A sentence for each name among the nozzles that turn it in a phase that is none."""
    nozzles = [path.removeprefix("lander.") for path, _, _ in nozzles_of(mission.lander)]
    for phase in mission.descent.phases:
        for name in phase.nozzles:
            if not any(_is_of(nozzle, name) for nozzle in nozzles):
                origin = origin_of(["descent", "phases"], mission.origins)
                yield (
                    f"{origin}: `descent.phases` must name `nozzles` of the lander "
                    f"({_listed_nozzles(mission.lander)}), but `{phase.name}` has `{name}`."
                )


def _is_of(unit: str, name: str) -> bool:
    return f"{unit}.".startswith(f"{name}.")


def commands_to_nobody(mission: Mission) -> Iterator[str]:
    """A sentence for each unit that the lander lacks, and each effect that no unit could show."""
    for name, fault in mission.faults.items():
        table = fault.signals[COMMAND]
        if not isinstance(table, UnitsFault) or not table.units:
            continue
        origin = origin_of(["faults", name, COMMAND, UNITS], mission.origins)
        must = f"{origin}: `faults.{name}.{COMMAND}.{UNITS}` must name"
        absent = list(_absent(mission.lander, table.units, must))
        yield from absent or _idle(mission.lander, table, must)


def _absent(lander: Lander, names: Collection[str], must: str) -> Iterator[str]:
    known = command_units(lander)
    for name in names:
        if not any(_is_of(unit, name) for unit in known):
            units = _listed(lander)
            yield f"{must} engines or nozzles of the lander ({units}), but has `{name}`."


def _idle(lander: Lander, table: UnitsFault, must: str) -> Iterator[str]:
    """Of effects that no unit named could show."""
    struck = compress(command_units(lander), units_struck(lander, table.units))
    kinds = {kind_of(unit) for unit in struck}
    for effect in effects_of(table):
        holder = _holder(effect)
        if holder and holder not in kinds:
            what = "an engine" if holder == "engine" else "a nozzle"
            has = " and ".join(f"`{name}`" for name in table.units)
            yield f"{must} {what} for `{bare_name(effect)}` to change something, but has {has}."


def _holder(effect: str) -> str | None:
    """The kind of unit that has the part which an effect moves; None where every unit has."""
    if effect in ("thrust_factor", "lag_factor"):
        return "engine"
    part = effect.partition("_")[0]
    if part not in COMMAND_PARTS:
        return None
    return "thrusters" if part == "pulse" else "engine"


def _listed(lander: Lander) -> str:
    return ", ".join([*(f"`{label}`" for label in engines_of(lander)), _listed_nozzles(lander)])


def _listed_nozzles(lander: Lander) -> str:
    return ", ".join(
        f"`{label}.nozzles.0` to `{label}.nozzles.{len(group.nozzles) - 1}`"
        for label, group in thrusters_of(lander).items()
    )
