"""Reading missions: TOML files in, one validated `Mission` in SI units out."""

from perilune.mission.load import list_missions, load_mission, try_to_load
from perilune.mission.mission import Mission
from perilune.mission.preflight_checks import check, notes, read_and_check, sound_mission
from perilune.mission.schema import mission_json_schema
from perilune.mission.show import resolved_text

__all__ = [
    "Mission",
    "check",
    "list_missions",
    "load_mission",
    "mission_json_schema",
    "notes",
    "read_and_check",
    "resolved_text",
    "sound_mission",
    "try_to_load",
]
