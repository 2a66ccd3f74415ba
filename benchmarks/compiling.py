"""What a program costs to get: traced, compiled with an empty cache, loaded from a full one."""

from pathlib import Path

from benchmarks.own_process import cores, in_own_process, keep_programs_in, peak_memory_gb
from benchmarks.stopwatch import cpu_seconds_of_all, seconds_of

HITS = "/jax/compilation_cache/cache_hits"


def compiling(mission, lanes, folder):
    """Three programs, each in a new process with the cache empty, then in another with it full.

    They are XLA's batch of `lanes` flights, its one flight with samples, and the native engine's
    lanes. Returns a list of dicts: program, trace and lower, cold compile, cached load, s; memory
    of that process, GB.
    """
    native = str(Path(folder, "native"))
    return [
        _twice(f"{lanes} flights, XLA", compile_once, mission, lanes, folder),
        _twice("one flight with samples, XLA", compile_once, mission, None, folder),
        _twice("lanes of a processor, native", compile_native, mission, native),
    ]


def _twice(program, compile_it, *arguments):
    cold = in_own_process(compile_it, *arguments)
    warm = in_own_process(compile_it, *arguments)
    return {
        "program": program,
        "trace_and_lower_s": cold["lower_s"],
        "cold_compile_s": cold["compile_s"],
        "cold_compile_cpu_s": cold["compile_cpu_s"],
        "cached_compile_s": warm["compile_s"],
        "came_from_cache": warm["hits"] > 0 and cold["hits"] == 0,
        "peak_memory_gb": cold["memory_gb"],
    }


def compile_native(mission, folder):
    """Trace and compile the native engine's program, in a process for each core, as a campaign.

    Compiling is all from the traced program to machine code: passes, LLVM's text, LLVM.
    """
    from benchmarks import program
    from perilune.campaign.run.native_campaign import campaign_flight
    from perilune.native.lane_program import compiled
    from perilune.native.object_cache import ENDING

    plan = program.plan_of(mission)
    flight, lower_s = seconds_of(lambda: campaign_flight(plan))
    kept = len(list(Path(folder).glob(f"*{ENDING}")))
    (_, compile_s), compile_cpu_s = seconds_of(
        lambda: seconds_of(lambda: compiled(flight.traced, Path(folder), parts=len(cores()))),
        cpu_seconds_of_all,
    )
    made = len(list(Path(folder).glob(f"*{ENDING}"))) - kept
    return {
        "lower_s": lower_s,
        "compile_s": compile_s,
        "compile_cpu_s": compile_cpu_s,
        "hits": 1 - made,
        "memory_gb": peak_memory_gb(),
    }


def compile_once(mission, lanes, folder):
    """Trace, lower and compile in this process; `lanes` None is the flight with samples."""
    jax = keep_programs_in(folder)
    from benchmarks import program
    from perilune.mechanics.randomness import run_key

    plan = program.plan_of(mission)
    if lanes:
        made, arguments = program.batch_program(), program.batch_arguments(plan, 0, lanes)
    else:
        made, arguments = program.telemetry_program(), (plan, run_key(program.SEED, 0))
    hits = []
    jax.monitoring.register_event_listener(lambda event, **_: event == HITS and hits.append(event))
    lowered, lower_s = seconds_of(lambda: made.lower(*arguments))
    (_, compile_s), compile_cpu_s = seconds_of(
        lambda: seconds_of(lowered.compile), cpu_seconds_of_all
    )
    return {
        "lower_s": lower_s,
        "compile_s": compile_s,
        "compile_cpu_s": compile_cpu_s,
        "hits": len(hits),
        "memory_gb": peak_memory_gb(),
    }
