"""Where the time of a flight goes, on one core: phases, parts, operations."""

import os

from benchmarks.own_process import cores, keep_programs_in, pin

EACH_OPERATION_BY_ITSELF = "--xla_backend_extra_options=xla_cpu_small_while_loop_byte_threshold=0"
"""Inner loops left as they are: a trace shows one that is a function as one event."""


def profile(mission, lanes, folder):
    """Phases and parts of a batch of `lanes` flights; pins the process it is called in."""
    pin(cores()[-1])
    os.environ["XLA_FLAGS"] = EACH_OPERATION_BY_ITSELF
    keep_programs_in(folder)
    from benchmarks.phases import phases
    from benchmarks.program import plan_of

    table, parts = phases(plan_of(mission), lanes)
    return {"phases": table, "parts": parts}
