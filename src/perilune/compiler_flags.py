"""How XLA compiles loops on a processor: each inner loop as one function of machine code.

A flight is thousands of operations on small arrays, and XLA by default calls each of them by
itself, for longer than most of them take. XLA takes the option from the environment alone, when
it starts, so that this module both sets the variable and tells its own words from the user's.
"""

import os
from collections.abc import Mapping

LOOPS_AS_FUNCTIONS = "--xla_backend_extra_options=xla_cpu_small_while_loop_byte_threshold=10000000"
"""A loop whose round touches at most 10 MB becomes one function (XLA's own limit is 1 kB).

With a batch of 64 flights these are the loops inside a tick: gravity's degrees, a ray's search,
the steps of a strut. Of a single flight it is every loop. Larger limits fly a batch twice as
quickly, but compile it for 2.5 times as long (decision 132).
"""


def set_compiler_flags() -> None:
    """Add the option to XLA_FLAGS, unless the user set options of its kind or XLA has started."""
    from jax._src.xla_bridge import backends_are_initialized

    flags = os.environ.get("XLA_FLAGS", "")
    if "xla_backend_extra_options" not in flags and not backends_are_initialized():
        os.environ["XLA_FLAGS"] = f"{flags} {LOOPS_AS_FUNCTIONS}".strip()


def user_flags(environment: Mapping[str, str] = os.environ) -> list[str]:
    """The words of XLA_FLAGS that the user has set."""
    flags = environment.get("XLA_FLAGS", "").split()
    return [word for word in flags if word != LOOPS_AS_FUNCTIONS]
