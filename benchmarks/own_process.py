"""A fresh Python for each measurement: its own compiler, its own memory, its own cores."""

import multiprocessing
import os
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

SPAWN = multiprocessing.get_context("spawn")


def in_own_process(measure, *arguments):
    """What `measure(*arguments)` returns when a new process runs it; both must pickle."""
    with ProcessPoolExecutor(max_workers=1, mp_context=SPAWN) as alone:
        return alone.submit(measure, *arguments).result()


def cores():
    """Numbers of the cores this process may use."""
    return sorted(os.sched_getaffinity(0))


def pin(core):
    """Keep this process on one core; call before jax is imported, so that it sees one core."""
    os.sched_setaffinity(0, {core})


def peak_memory_gb():
    """Largest resident memory of this process so far, 1e9 bytes (VmHWM of proc(5))."""
    status = Path("/proc/self/status").read_text()
    line = next(line for line in status.splitlines() if line.startswith("VmHWM:"))
    return int(line.split()[1]) * 1024 / 1e9


def keep_programs_in(folder):
    """Import jax in float64 with its persistent compilation cache in `folder`."""
    import jax

    import perilune.mechanics  # noqa: F401, float64 first

    jax.config.update("jax_compilation_cache_dir", str(folder))
    jax.config.update("jax_persistent_cache_min_compile_time_secs", 0.0)
    jax.config.update("jax_persistent_cache_min_entry_size_bytes", -1)
    return jax
