"""What a program costs to get: traced, compiled with an empty cache, loaded from a full one."""

from benchmarks.own_process import in_own_process, keep_programs_in, peak_memory_gb
from benchmarks.stopwatch import cpu_seconds, seconds_of

HITS = "/jax/compilation_cache/cache_hits"


def compiling(mission, lanes, folder):
    """Both programs, each in a new process with the cache empty, then in another with it full.

    Returns a list of dicts: program, trace and lower, cold compile, cached load, s; memory, GB.
    """
    return [_twice(mission, lanes, folder), _twice(mission, None, folder)]


def _twice(mission, lanes, folder):
    cold = in_own_process(compile_once, mission, lanes, folder)
    warm = in_own_process(compile_once, mission, lanes, folder)
    return {
        "program": f"{lanes} flights" if lanes else "one flight with samples",
        "trace_and_lower_s": cold["lower_s"],
        "cold_compile_s": cold["compile_s"],
        "cold_compile_cpu_s": cold["compile_cpu_s"],
        "cached_compile_s": warm["compile_s"],
        "came_from_cache": warm["hits"] > 0 and cold["hits"] == 0,
        "peak_memory_gb": cold["memory_gb"],
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
    (_, compile_s), compile_cpu_s = seconds_of(lambda: seconds_of(lowered.compile), cpu_seconds)
    return {
        "lower_s": lower_s,
        "compile_s": compile_s,
        "compile_cpu_s": compile_cpu_s,
        "hits": len(hits),
        "memory_gb": peak_memory_gb(),
    }
