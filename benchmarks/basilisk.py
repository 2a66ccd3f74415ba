"""Basilisk beside us: an environment of its own, made once, and one flight there timed."""

import json
import os
import subprocess
import sys
import venv
from pathlib import Path

PACKAGE = "bsk"
SCRIPT = Path(__file__).with_name("basilisk_flight.py")
DID = (
    "700 s at 50 Hz round a point-mass Moon: six degrees of freedom, RK4, an ideal IMU at every"
    " step; no engine, guidance, filter, terrain or contact"
)


def basilisk(folder):
    """Processor seconds of one flight and what it did, or `reason` where it cannot be had.

    `folder` keeps the environment between runs; Basilisk pins numpy, so it never enters ours.
    """
    try:
        return {"did": DID, "reason": None, **_fly(_python(folder))}
    except (OSError, subprocess.SubprocessError, ValueError) as error:
        words = getattr(error, "stderr", None) or str(error)
        return {"did": DID, "reason": f"Basilisk did not run: {words.strip().splitlines()[-1]}"}


def _python(folder):
    """Python of the environment in `folder`, made where there is none."""
    python = Path(folder).resolve() / "bin" / "python"
    if not (Path(folder) / "ready").exists():
        venv.create(folder, with_pip=True, clear=True)
        _run([python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", PACKAGE])
        (Path(folder) / "ready").touch()
    return python


def _fly(python):
    core = min(os.sched_getaffinity(0))
    pinned = f"import os, runpy; os.sched_setaffinity(0, {{{core}}}); "
    pinned += f"runpy.run_path({str(SCRIPT)!r}, run_name='__main__')"
    told = _run([python, "-c", pinned]).strip().splitlines()
    return json.loads(told[-1])


def _run(command):
    done = subprocess.run(
        [str(word) for word in command],
        check=True,
        capture_output=True,
        text=True,
        env={name: value for name, value in os.environ.items() if not name.startswith("PYTHON")},
        cwd=Path(sys.prefix),
    )
    return done.stdout
