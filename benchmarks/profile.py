"""Where the time of a flight goes, on one core: phases, parts, operations."""

from benchmarks.own_process import cores, keep_programs_in, pin


def profile(mission, lanes, folder):
    """Phases and parts of a batch of `lanes` flights; pins the process it is called in."""
    pin(cores()[-1])
    keep_programs_in(folder)
    from benchmarks.phases import phases
    from benchmarks.program import plan_of

    table, parts = phases(plan_of(mission), lanes)
    return {"phases": table, "parts": parts}
