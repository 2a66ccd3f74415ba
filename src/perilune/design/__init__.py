"""From a mission to a flight plan: truth's constants, the course, and the upload."""

from perilune.design.plan import Design, design, plan
from perilune.design.spread import nominal

__all__ = ["Design", "design", "nominal", "plan"]
