"""Reading missions: TOML files in, one validated `Mission` in SI units out."""

from perilune.mission.load import list_missions, load_mission
from perilune.mission.mission import Mission

__all__ = ["Mission", "list_missions", "load_mission"]
