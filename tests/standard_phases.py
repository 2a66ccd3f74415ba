"""The phases of the catalog's missions by name, as tests speak of them; the last is `landed`."""

import enum

from perilune.interfaces.descent_phase import LANDED
from perilune.mission.standard_phases import STANDARD_PHASES

StandardPhase = enum.IntEnum(
    "StandardPhase",
    {each.name.upper(): at for at, each in enumerate((*STANDARD_PHASES, LANDED))},
)
