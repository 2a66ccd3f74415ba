"""Where the time of a flight goes, on one core: phases, parts, operations."""

from benchmarks.own_process import cores, keep_programs_in, pin


def profile(mission, lanes, folder):
    """Phases, parts and floating-point operations a flight; pins the process it is called in."""
    pin(cores()[-1])
    keep_programs_in(folder)
    from benchmarks.parts import parts
    from benchmarks.phases import phases
    from benchmarks.program import plan_of

    plan = plan_of(mission)
    table, keys, carries = phases(plan, lanes)
    coast, powered, contact = (row["steps"] for row in table)
    counts = {"frame": coast + powered, "contact": contact}
    return {
        "phases": table,
        "parts": parts(plan, keys, carries, counts),
        "operations": operations_a_flight(plan, keys[0], carries, counts),
    }


def operations_a_flight(plan, key, carries, counts):
    """Floating-point operations of all frames and contact ticks that a chunk flies, one lane."""
    import jax

    from benchmarks.operations import operations
    from perilune.flight.loop import frame
    from perilune.flight.settle import settle_tick

    total = 0.0
    for step, count, carry in zip((frame, settle_tick), counts.values(), carries, strict=True):
        lane = jax.tree.map(lambda leaf: leaf[0], carry)

        def one(drawn, here, now, step=step):
            return step(drawn, here, now, False)[0]

        total += count * operations(one, plan, key, lane)
    return total
