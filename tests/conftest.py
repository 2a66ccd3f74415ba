"""What every test shares: measured data where they lie, strict numbers, compiled code kept."""

import ctypes
import gc
import os
from pathlib import Path

import pytest
from hypothesis import settings

# Before jax is imported: programs compiled by one process of the tests, small ones too, are read
# back by the others and by the next run.
_CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "perilune" / "compiled"
os.environ.setdefault("JAX_COMPILATION_CACHE_DIR", str(_CACHE))
os.environ.setdefault("JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS", "0")

MOST_BYTES, GROWTH_BYTES = 6 * 2**30, 2**30
KEPT_BYTES = [0]
"""What was left of this process's memory each time compiled programs were let go of."""
MOST_MEMORY_MAPS = 25_000

# Examples are drawn alike on every machine, so that a failure there is a failure here.
settings.register_profile("perilune", derandomize=True, deadline=None, max_examples=50)
# `make fuzz`: new examples each time, 10,000 over the properties of tests/fuzz/ together.
settings.register_profile("fuzz", derandomize=False, deadline=None, max_examples=1_000)
settings.load_profile("perilune")


@pytest.fixture(scope="session", autouse=True)
def strict_numbers():
    """Refuse silent changes of number type: an int array times a float array is an error."""
    import jax

    import perilune.mechanics  # noqa: F401, float64 first

    jax.config.update("jax_numpy_dtype_promotion", "strict")
    assert jax.numpy.zeros(1).dtype == jax.numpy.float64


@pytest.fixture(scope="module", autouse=True)
def few_memory_maps():
    """Let go of compiled programs before a process of tests has as many as the system allows.

    Linux allows a process 65,530 maps of memory; XLA keeps several for each compiled kernel, and
    ends the process without a word when there are no more. What is used again is traced again, and
    read from the cache. Likewise each time a process has grown by so many bytes past the most that
    two of them may have on a machine of 24 GiB.
    """
    yield
    maps = Path("/proc/self/maps")
    if not maps.exists():
        return
    grown = resident_bytes() > max(MOST_BYTES, KEPT_BYTES[-1] + GROWTH_BYTES)
    if grown or len(maps.read_bytes().splitlines()) > MOST_MEMORY_MAPS:
        import jax

        jax.clear_caches()
        gc.collect()
        getattr(ctypes.CDLL(None), "malloc_trim", int)(0)  # of glibc alone
        KEPT_BYTES.append(resident_bytes())


def resident_bytes():
    """Of this process."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


@pytest.fixture(scope="session")
def data_folder():
    """The folder of measured maps, fields and trajectories that PERILUNE_DATA names."""
    named = os.environ.get("PERILUNE_DATA")
    if not named:
        pytest.skip("needs measured data, but PERILUNE_DATA is not set")
    folder = Path(named).resolve()
    if not (folder / "terrain").is_dir():
        pytest.fail(f"PERILUNE_DATA is {named}, but there is no folder terrain/ in it.")
    return folder


@pytest.fixture(scope="session")
def athena():
    """The mission of the issue, as the catalog has it."""
    from perilune import load_mission

    return load_mission("athena")


@pytest.fixture(scope="session")
def athena_design(athena):
    """Its design: course, orbit, upload, plan."""
    from perilune.design import design

    return design(athena)


@pytest.fixture(scope="session")
def compiled_flight():
    """(plan, key) → (summary, samples) as `perilune fly` flies, on the host, drawn inside."""
    from perilune.app.sampled_flight import sampled_flight
    from tests.compiling import with_little_effort

    return with_little_effort()(sampled_flight())


@pytest.fixture(scope="session")
def athena_nominal_flight(athena_design, compiled_flight):
    """(plan, summary, samples) of Athena with every draw switched off, on the host."""
    from perilune.design import nominal
    from perilune.mechanics.randomness import run_key

    plan = nominal(athena_design.plan)
    return plan, *compiled_flight(plan, run_key(0, 0))


@pytest.fixture(scope="session")
def athena_flight(athena_design, compiled_flight):
    """(plan, summary, samples) of Athena's run 0 of seed 0, on the host."""
    from perilune.mechanics.randomness import run_key

    plan = athena_design.plan
    return plan, *compiled_flight(plan, run_key(0, 0))


@pytest.fixture
def here(tmp_path, monkeypatch):
    """A folder of its own to stand in."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def told(capsys):
    """Run a command in this process: (exit code, standard output, standard error)."""
    from perilune.app import cli

    def run(*arguments):
        code = cli.run([str(each) for each in arguments])
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    return run


@pytest.fixture(scope="session")
def polar_site():
    """Mons Mouton as a mission's file gives it."""
    from math import radians
    from types import SimpleNamespace

    return SimpleNamespace(
        latitude_rad=radians(-84.7906),
        longitude_rad=radians(29.1957),
        height_m=5_305.0,
        slope_rad=radians(2.7),
        slope_aspect_rad=radians(30.0),
        is_stated=True,
    )


@pytest.fixture(scope="session")
def made_up_ground(polar_site):
    """Its ground without a map, with the report on it, approached from the north."""
    from perilune.design.build_terrain import build_terrain
    from tests.ground_queries import SOUTHWARDS_RAD

    return build_terrain(polar_site, SOUTHWARDS_RAD, ())


@pytest.fixture(scope="session")
def polar_maps(data_folder):
    """Three maps that hold it, finest first."""
    from perilune.data.maps import map_files
    from tests.ground_queries import POLAR_MAPS

    return [map_files.open_source(data_folder / "terrain" / name) for name in POLAR_MAPS]


@pytest.fixture(scope="session")
def measured_ground(polar_site, polar_maps):
    """Its ground from those maps, with the report on it."""
    from perilune.design.build_terrain import build_terrain
    from tests.ground_queries import SOUTHWARDS_RAD

    return build_terrain(polar_site, SOUTHWARDS_RAD, polar_maps)
