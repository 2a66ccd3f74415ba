"""Which faults of the catalog change numbers alone: every flight has room for all that they do."""

from perilune import load_mission
from perilune.interfaces.sensor_kinds import KINDS
from perilune.interfaces.units import kind_of
from perilune.mission.fault import effects_of
from tools.fault_programs import MISSION, fitting


def stands(name):
    """Whether every effect of a fault is one that its sensors are declared with."""
    return all(
        set(effects_of(table)) <= set(_standing(kind_of(label)))
        for label, table in _signals(name).items()
    )


def _signals(name):
    return load_mission(MISSION, faults=[name]).faults[name].signals


def _standing(kind):
    return KINDS[kind].standing_faults if kind in KINDS else ()


STANDING = [name for name in fitting(MISSION) if stands(name)]
