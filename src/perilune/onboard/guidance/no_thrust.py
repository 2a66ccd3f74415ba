"""No thrust: the engine rests, and what guidance would point is the vertical."""

from perilune.onboard.guidance.situation import GuidanceCommand, Situation


def command(now: Situation) -> GuidanceCommand:
    """Nothing is asked for; an attitude along the thrust would be upright."""
    return GuidanceCommand(now.view.up_site, now.remaining_s)
