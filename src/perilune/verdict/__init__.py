"""Judges a flight: how it ended, its touchdown figures, and each criterion with its margin."""

from perilune.verdict.judge import Criterion, Touchdown, Verdict, judge
from perilune.verdict.limits import Limits, clean_mask, limits_of

__all__ = ["Criterion", "Limits", "Touchdown", "Verdict", "clean_mask", "judge", "limits_of"]
