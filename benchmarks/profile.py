"""Where the time of a flight goes, on one core: phases, parts, operations."""

import os

from benchmarks.own_process import cores, keep_programs_in, pin
from perilune.compiler_flags import user_flags

EACH_OPERATION_BY_ITSELF = "--xla_backend_extra_options=xla_cpu_small_while_loop_byte_threshold=0"
"""Inner loops left as they are: a trace shows one that is a function as one event."""


def leave_loops_as_they_are():
    """Let XLA call each operation of a loop in this process, which has compiled nothing yet."""
    os.environ["XLA_FLAGS"] = " ".join([*user_flags(), EACH_OPERATION_BY_ITSELF])


def profile(mission, lanes, folder):
    """Phases and parts of a batch of `lanes` flights; pins the process it is called in."""
    pin(cores()[-1])
    leave_loops_as_they_are()
    keep_programs_in(folder)
    from benchmarks.phases import phases
    from benchmarks.program import plan_of

    table, parts = phases(plan_of(mission), lanes)
    return {"phases": table, "parts": parts}
