"""From a mission to a flight plan: truth's constants, the course, and the upload."""

from perilune.design.dispersion_table import nominal
from perilune.design.plan import Design, design, plan

__all__ = ["Design", "design", "nominal", "plan"]
