"""Which arrays of a plan another make of processor would round otherwise, and by how much.

    python tools/plan_repeatability.py athena

designs the mission in processes that are made to round as other processors do, and prints a line
for each array that differs from this machine's own.
"""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np

from perilune.design.plan_file import read_plan
from perilune.design.plan_tree import Leaf, Leaves, described

SETTINGS = {
    "itself again": {},
    "XLA for AVX2": {"XLA_FLAGS": "--xla_cpu_max_isa=AVX2"},
    "NumPy without AVX-512": {"NPY_DISABLE_CPU_FEATURES": "X86_V4 AVX512_ICL AVX512_SPR"},
    "OpenBLAS for Haswell": {"OPENBLAS_CORETYPE": "Haswell"},
}
COMMAND = "import sys; from perilune.app.cli import run; sys.exit(run(sys.argv[1:]))"


def leaves_with(mission: str, settings: dict[str, str], folder: Path) -> Leaves:
    """The arrays of a mission's plan, designed with these variables of the environment."""
    path = folder / f"{len(list(folder.iterdir()))}.plan"
    words = [sys.executable, "-W", "ignore", "-c", COMMAND, "plan", mission, "--out", str(path)]
    subprocess.run(words, env=os.environ | settings, check=True, stdout=subprocess.DEVNULL)
    return described(read_plan(path).plan).leaves


def change(one: Leaf, other: Leaf) -> float:
    """The largest change of a number, to the largest number of the array."""
    apart = np.abs(one.astype(float) - other.astype(float))
    return float(np.nanmax(apart) / max(float(np.nanmax(np.abs(one.astype(float)))), 1e-300))


def main(mission: str) -> None:
    """Print what differs, setting by setting."""
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        own = leaves_with(mission, {}, folder)
        for name, settings in SETTINGS.items():
            other = leaves_with(mission, settings, folder)
            unlike = [path for path in own if own[path].tobytes() != other[path].tobytes()]
            print(f"{name}: {len(unlike)} of {len(own)} arrays differ")
            for path in unlike:
                count = int(np.sum(own[path] != other[path]))
                print(
                    f"  {path}: {count} of {own[path].size}, {change(own[path], other[path]):.1e}"
                )


if __name__ == "__main__":
    main(sys.argv[1])
