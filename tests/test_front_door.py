import importlib.metadata
import subprocess
import sys

import pytest

import perilune

FRONT_DOOR = [
    "Event",
    "Folders",
    "InputError",
    "Order",
    "Outcome",
    "check_mission",
    "draw",
    "fly",
    "fly_batch",
    "judge",
    "judge_batch",
    "load_mission",
    "nominal",
    "plan",
    "query",
    "read_plan",
    "read_rows",
    "resolved_text",
    "run_campaign",
    "run_key",
    "sampled_flight",
    "save_plan",
    "use_cache",
]
IMPORT_BUDGET_S = 0.050  # the house's budget for `import perilune`, so that --help costs nothing

HEAVY = [
    "equinox",
    "jax",
    "numpy",
    "plotly",
    "pyarrow",
    "pydantic",
    "rasterio",
    "scipy",
    "spiceypy",
]

MEASURE = """
import sys, time
start = time.perf_counter()
import perilune
print(time.perf_counter() - start, *sorted({name.partition(".")[0] for name in sys.modules}))
"""


def import_in_a_new_process():
    """How long `import perilune` took, and the packages it brought."""
    done = subprocess.run(
        [sys.executable, "-c", MEASURE], capture_output=True, text=True, check=True
    )
    seconds, *packages = done.stdout.split()
    return float(seconds), packages


def test_the_front_door_offers_these_names_and_no_others():
    assert sorted(perilune.__all__) == FRONT_DOOR
    assert len(perilune.__all__) <= 25


@pytest.mark.parametrize("name", FRONT_DOOR)
def test_every_name_behind_the_front_door_exists_and_says_what_it_does(name):
    assert callable(getattr(perilune, name))
    assert len(getattr(perilune, name).__doc__) > 20


def test_the_version_is_that_of_the_installed_package():
    assert perilune.__version__ == importlib.metadata.version("perilune")
    assert "__version__" in dir(perilune)


def test_an_unknown_name_is_refused_with_the_names_there_are():
    with pytest.raises(AttributeError, match=r"no `land`; it offers .*load_mission"):
        _ = perilune.land


def test_the_names_are_shown_before_they_are_fetched():
    assert set(FRONT_DOOR) <= set(dir(perilune))


def test_importing_perilune_costs_next_to_nothing():
    seconds, packages = min(import_in_a_new_process() for _ in range(3))
    assert seconds < IMPORT_BUDGET_S
    assert not set(HEAVY) & set(packages)
