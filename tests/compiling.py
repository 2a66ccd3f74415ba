"""How tests compile what is flown a few times only."""

from perilune.flight.compile_cache import COMPILER_OPTIONS

BRIEFLY = COMPILER_OPTIONS | {"xla_backend_optimization_level": 0}
"""A flight is compiled in 60 % of the time, and takes 1.2 s in place of 0.4 s."""
