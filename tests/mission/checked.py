"""What `perilune check` finds before any design, with the folders that the environment names."""

from perilune.environment_variables import named_folders
from perilune.mission import Mission, preflight_checks


def check(mission_or_name, settings=(), faults=()):
    """The problems of a mission, or of one by its name."""
    if isinstance(mission_or_name, Mission):
        return preflight_checks.check(mission_or_name)
    name = str(mission_or_name)
    return preflight_checks.read_and_check(name, settings, faults, named_folders())[1]
