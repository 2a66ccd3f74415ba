"""How flights are compiled, where that is kept between runs, and whether it is there already.

One of the modules below the front door that read environment variables (decision 104): XLA
and JAX read their own in every process that compiles, those of workers and of other machines too,
and `PERILUNE_CACHE` names a folder of the machine that compiles.
"""

import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from types import ModuleType

from perilune.compiler_flags import user_flags
from perilune.errors import InputError
from perilune.folders import expanded

CACHE = "PERILUNE_CACHE"

LEAST_COMPILE_S = 0.0
"""Every program is kept: design asks for dozens of small ones, and each takes 25 ms to compile."""


COMPILER_OPTIONS = {
    "xla_cpu_experimental_ynn_fusion_type": "",
    "xla_cpu_copy_insertion_use_region_analysis": True,
}
"""XLA's own small loops, not YNNPACK's: its calls cost more than a sum over 21 states of 64 lanes.

And the closer analysis of which buffers are still in use, which leaves out a third of the copies
where branches and loops pass the flight's state on. Neither changes a result; accelerators ignore
both.
"""


def cache_folder() -> Path | None:
    """Where compiled programs are kept, there or not; None where this user has no home."""
    named = os.environ.get(CACHE)
    if named:
        return expanded(named, CACHE)
    home = os.environ.get("XDG_CACHE_HOME")
    try:
        return Path(home or Path.home() / ".cache", "perilune")
    except RuntimeError:
        return None


def machine_code_folder() -> Path | None:
    """Where the native compiler's machine code is kept, beside XLA's programs; None without one."""
    home = cache_folder()
    return None if home is None else home / "native"


def kept_folder() -> Path | None:
    """Where what need not be traced or analysed again is kept, beside them; None without one."""
    home = cache_folder()
    return None if home is None else home / "kept"


def use_cache(notify: Callable[[str], object]) -> None:
    """Keep compiled programs between runs: in PERILUNE_CACHE, or the user's cache folder.

    Where that cannot be written, `notify` is called with a sentence, and nothing is kept. Raises
    InputError where a variable that JAX reads cannot be met, such as JAX_PLATFORMS.

    >>> import perilune
    >>> perilune.use_cache(print)
    """
    import jax

    _check_platform(jax)
    if not os.environ.get(CACHE) and jax.config.values["jax_compilation_cache_dir"]:
        return
    home = cache_folder()
    if home is None:
        notify(
            "note: this user has no home folder, so nothing compiled is kept; set PERILUNE_CACHE."
        )
        return
    folder = home / "compiled"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        writable = os.access(folder, os.W_OK)
    except OSError:
        writable = False
    if not writable:
        notify(
            f"note: {folder} cannot be written, so nothing compiled is kept; set PERILUNE_CACHE."
        )
        return
    jax.config.update("jax_compilation_cache_dir", str(folder))
    jax.config.update("jax_persistent_cache_min_compile_time_secs", LEAST_COMPILE_S)


_TRY_FLAGS = "import jaxlib.xla_client as client; client.make_cpu_client()"


def _check_flags() -> None:
    """Raise InputError where XLA_FLAGS holds what XLA does not know.

    XLA ends the process over it, without a word that could be caught: one of its own tries first.
    """
    flags = " ".join(user_flags())
    if not flags or not sys.executable:
        return
    asked = [sys.executable, "-c", _TRY_FLAGS]
    tried = subprocess.run(asked, capture_output=True, stdin=subprocess.DEVNULL, check=False)
    if tried.returncode and b"XLA_FLAGS" in tried.stderr:
        said = tried.stderr.decode(errors="replace").strip().splitlines() or ["nothing"]
        why = said[0].rpartition("] ")[2]
        raise InputError(
            f"XLA_FLAGS must hold flags that this XLA knows, but is {flags}, over which it ends "
            f"({why}); correct it, or unset it."
        )


def _check_modes(jax: ModuleType) -> None:
    """Raise InputError for a debugging mode of JAX under which no flight can run."""
    modes = {
        "JAX_DEBUG_NANS": (jax.config.jax_debug_nans, "what has not happened yet is not a number"),
        "JAX_DEBUG_INFS": (jax.config.jax_debug_infs, "what never comes is at infinity"),
        "JAX_DISABLE_JIT": (
            jax.config.jax_disable_jit,
            "each step would be traced again, for hours",
        ),
    }
    for name, (is_on, why) in modes.items():
        if is_on:
            raise InputError(f"{name} must be off, but is on: in a flight {why}; unset it.")


def _check_platform(jax: ModuleType) -> None:
    """Raise InputError where JAX is asked for a device that this machine has not."""
    _check_flags()
    _check_modes(jax)
    try:
        jax.devices()
    except (RuntimeError, AssertionError) as error:  # the latter where none is left to choose
        asked = os.environ.get("JAX_PLATFORMS") or jax.config.jax_platforms or "its own choice"
        raise InputError(
            "JAX_PLATFORMS must name a kind of device that JAX finds on this machine, but is "
            f"{asked}, of which there is none; set it to cpu, or unset it."
        ) from error


_BITS_UNCHANGED = (
    "JAX_COMPILATION_CACHE",
    "JAX_ENABLE_COMPILATION_CACHE",
    "JAX_PERSISTENT_CACHE",
    "JAX_LOGGING",
    "JAX_LOG_",
    "JAX_DEBUG_LOG",
    "JAX_TRACEBACK",
)
"""Beginnings of JAX's variables that leave every bit of a row as it is."""


def compiler_settings(environment: Mapping[str, str] = os.environ) -> dict[str, str]:
    """The environment variables set that can change how flights are compiled, and so their bits.

    XLA_FLAGS (its words sorted, those that only dump or log left out) and every JAX_ variable but
    those that say where compiled programs are kept and what is logged.
    """
    found = {
        name: value
        for name, value in sorted(environment.items())
        if name.startswith("JAX_") and not name.startswith(_BITS_UNCHANGED)
    }
    flags = [word for word in user_flags(environment) if not word.startswith("--xla_dump")]
    return {**found, "XLA_FLAGS": " ".join(sorted(flags))} if flags else found


def compile_for_one_core() -> None:
    """Let the compiler of this process see one core, as in a process pinned to one."""
    os.environ.setdefault("NPROC", "1")


def is_known(program: str) -> bool:
    """Whether some build of a program, by its function's name, is in the cache."""
    import jax

    folder = jax.config.values["jax_compilation_cache_dir"]
    return bool(folder) and any(Path(folder).glob(f"jit_{program}-*"))
