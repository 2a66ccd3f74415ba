"""The descent-orbit burn: a thrust that is set, along the direction planned for it."""

from perilune.onboard.guidance.situation import GuidanceCommand, Situation


def command(now: Situation) -> GuidanceCommand:
    """The planned throttle; the attitude of the phase gives the direction."""
    return GuidanceCommand(now.view.up_site, now.remaining_s, now.plan.deorbit_throttle)
