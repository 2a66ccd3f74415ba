"""Flies a plan: draw this run, loop through its phases, sum up."""

from perilune.flight.draw import draw
from perilune.flight.fly import fly

__all__ = ["draw", "fly"]
