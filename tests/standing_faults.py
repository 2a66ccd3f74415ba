"""Which faults of the catalog change numbers alone: every flight has room for all that they do."""

from pathlib import Path

from perilune import load_mission
from perilune.interfaces.sensor_kinds import KINDS
from perilune.interfaces.units import kind_of
from perilune.mission.fault import COMMAND, FAULT_TABLES, effects_of
from perilune.mission.mission_files import catalog_names, find, read


def kinds_of(fault):
    """The kinds of signal that a fault's file names."""
    return set(FAULT_TABLES) & set(read(find("fault", fault, Path.cwd(), None)).values)


def fitting(mission):
    """The faults of the catalog of what the lander of a mission has."""
    fitted = {COMMAND, *map(kind_of, load_mission(mission).lander.sensors)}
    return [name for name in catalog_names("fault", None) if kinds_of(name) <= fitted]


def stands(name):
    """Whether every effect of a fault is one that its sensors are declared with."""
    return all(
        set(effects_of(table)) <= set(_standing(kind_of(label)))
        for label, table in _signals(name).items()
    )


def _signals(name):
    return load_mission("athena", faults=[name]).faults[name].signals


def _struck(name):
    """The signals that a fault does anything to."""
    return [label for label, table in _signals(name).items() if effects_of(table)]


def _standing(kind):
    return KINDS[kind].standing_faults if kind in KINDS else ()


FITTING = fitting("athena")
STANDING = [name for name in FITTING if stands(name)]
_OTHERS = [name for name in FITTING if name not in STANDING]
OF_COMMANDS = [name for name in _OTHERS if _struck(name) == [COMMAND]]
"""Faults of the others that strike commands alone: one program has room for them all."""
OTHERS = [OF_COMMANDS, [name for name in _OTHERS if name not in OF_COMMANDS]]
"""The others, of commands and of instruments: one program flies each."""
OF_VIKRAM = [name for name in fitting("chandrayaan-3") if name not in FITTING]
"""Of what Athena's lander has not, and Vikram has."""
