"""What a person waits for: the command line from shell to shell."""

import os
import subprocess
import sys
from pathlib import Path

from benchmarks.stopwatch import median_seconds, seconds_of

REPEATS = 5


def shell(mission, folder):
    """Seconds of `perilune --help` and `perilune fly`, medians of five; or why there are none.

    The first flight meets an empty cache of programs and is told apart.
    """
    fly = ("fly", mission, "--out", str(Path(folder) / "flown"))
    home = {"PERILUNE_CACHE": str(Path(folder) / "programs-of-the-shell")}
    try:
        help_s = median_seconds(lambda: perilune("--help"), REPEATS)
        _, first_s = seconds_of(lambda: perilune(*fly, **home))
        warm_s = median_seconds(lambda: perilune(*fly, **home), REPEATS)
    except subprocess.CalledProcessError as error:
        words = error.stderr.strip().splitlines() or [str(error)]
        return {"reason": f"the command line failed: {words[-1]}"}
    return {"reason": None, "help_s": help_s, "fly_first_s": first_s, "fly_warm_s": warm_s}


def perilune(*words, **variables):
    """Run the command installed beside this Python."""
    command = [str(Path(sys.executable).with_name("perilune")), *words]
    environment = {**os.environ, **variables}
    subprocess.run(command, check=True, capture_output=True, text=True, env=environment)
