"""Braking by quadratic guidance: to targets of the phase, beyond the gate at which it is left."""

from perilune.onboard.guidance.quadratic import steered
from perilune.onboard.guidance.situation import GuidanceCommand, Situation

LEAD_FACTOR = 0.25
"""Of the time to go: the jerk across the track ends at zero (Klumpp's K = 1 in P63)."""


def command(now: Situation) -> GuidanceCommand:
    """Meets the targets at the believed place of the aim point; before ignition a preview."""
    return steered(now, now.view.position_site_m, LEAD_FACTOR)
