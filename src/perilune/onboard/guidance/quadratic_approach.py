"""The approach by quadratic guidance: to targets of the phase, by the height over the ground."""

from perilune.onboard.guidance.quadratic import steered
from perilune.onboard.guidance.situation import GuidanceCommand, Situation

LEAD_FACTOR = 0.0
"""The track runs straight to the aim point (Klumpp's K = 0 in P64)."""


def command(now: Situation) -> GuidanceCommand:
    """Meets the targets near the aim point, the height counted from the ground below."""
    here_m = now.view.position_site_m.at[2].set(now.view.height_m)
    return steered(now, here_m, LEAD_FACTOR)
