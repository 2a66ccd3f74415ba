"""The name of a flight by what decides it."""

import hashlib
from typing import TYPE_CHECKING

from perilune.design.provenance import version
from perilune.mission.show import resolved_text

if TYPE_CHECKING:
    from perilune.mission import Mission


def run_id(mission: "Mission", seed: int, run: int, nominal: bool) -> str:
    """Sixteen hexadecimal digits that name a flight by what decides it, and the version."""
    what = f"{version()} {seed} {run} {nominal}\n{resolved_text(mission)}"
    return hashlib.sha256(what.encode()).hexdigest()[:16]
