"""Basilisk beside us: an environment of its own, made once, and our flight's truth flown there."""

import json
import math
import os
import subprocess
import sys
import tempfile
import venv
from pathlib import Path

from benchmarks.own_process import cores
from benchmarks.recorded import recorded

PACKAGE = "bsk"
SCRIPT = Path(__file__).with_name("basilisk_flight.py")
LEAST_S = 12.0
STEPS = {
    "ours": "our steps: 0.05 s powered, 1.25 s in the coast",
    "coarse": "twice longer powered steps, 0.1 s",
    "fine": "half of our steps: how its end moves",
}

# what is in a flight                                              in ours    in Basilisk's
DID = (
    ("orbit, deorbit burn, coast, braking, approach, descent", "yes", "yes, to the handover"),
    ("six degrees of freedom, Runge-Kutta 4", "yes", "yes"),
    ("the Moon's harmonics, Earth, Sun", "held a frame", "at each of four stages"),
    ("short waves of gravity on the track", "held a frame", "held 3 s, 15 s in the coast"),
    (
        "lagged engine, throttle, tanks draining",
        "yes",
        "one propellant tank, a mean thrust each 3 s",
    ),
    ("gimbal of the engine", "yes", "mean direction each 3 s"),
    ("16 cold-gas nozzles", "yes", "yes, in balanced pulses"),
    ("IMU: noise, limits, quanta", "yes", "yes"),
    ("star tracker", "yes", "yes, the same noise about each axis"),
    ("altimeter with ray march, velocimeter, camera", "yes", "no"),
    ("navigation filter, guidance, control, modes", "yes", "no: attitude set from a recording"),
    ("terrain, contact, settling", "yes", "no"),
    ("every run drawn anew", "yes", "no: each flight the same, noise apart"),
    ("events, peaks, filter consistency logged", "yes", "no"),
)


def basilisk(mission, folder):
    """Flights a second of `mission`'s truth in Basilisk, a process on each core, all at once.

    Returns a dict: `did` (rows: what, ours, theirs), `rates` (rows by length of step; empty where
    there are none), `ours_from_reference` (how far our end is from the independent one; None
    without rates), `reason` (None, or why there is none), `version`. `folder` keeps the environment
    between runs; Basilisk pins numpy, so it never enters ours.
    """
    told = {"did": [list(row) for row in DID], "rates": [], "reason": None, "version": None}
    told["ours_from_reference"] = None
    try:
        python = _python(folder)
        with tempfile.TemporaryDirectory(prefix="perilune-recorded-") as aside:
            path = recorded(mission, aside)
            flight = json.loads(Path(path).read_text())
            races = {steps: _race(python, path, steps) for steps in STEPS}
    except (OSError, subprocess.SubprocessError, ValueError) as error:
        return {**told, "reason": f"Basilisk did not run: {_last_words(error)}"}
    ours, reference = flight["end"], flight["reference"]
    return {
        **told,
        "rates": [summed_up(STEPS[steps], each, ours, reference) for steps, each in races.items()],
        "ours_from_reference": apart(ours, reference),
        "version": races["ours"][0]["version"],
    }


def _race(python, path, steps):
    """What each process told, all of them flying at the same time."""
    running = [_started(python, core, [path, steps, LEAST_S]) for core in cores()]
    return [_ended(process) for process in running]


def summed_up(words, told, ours, reference):
    """One row of processes that flew at the same time, and how far they end from two others."""
    flights = sum(each["flights"] for each in told)
    return {
        "steps": words,
        "processes": len(told),
        "flights": flights,
        "flights_per_s": sum(each["flights"] / each["wall_s"] for each in told),
        "cpu_s_a_flight": sum(each["cpu_s"] for each in told) / flights,
        "from_ours": apart(told[0]["end"], ours),
        "from_reference": apart(told[0]["end"], reference),
    }


def apart(end, other):
    """How far one end of a flight is from another: m, m/s, and kg of propellant more."""
    return {
        "position_m": math.dist(end["position_m"], other["position_m"]),
        "velocity_m_s": math.dist(end["velocity_m_s"], other["velocity_m_s"]),
        "propellant_kg": end["propellant_kg"] - other["propellant_kg"],
    }


def _last_words(error):
    """The last line of a failed process that says something, or the error itself."""
    lines = (getattr(error, "stderr", None) or str(error)).strip().splitlines()
    return next((line for line in reversed(lines) if "JAX_TRACEBACK_FILTERING" not in line), error)


def _python(folder):
    """Python of the environment in `folder`, made where there is none."""
    python = Path(folder).resolve() / "bin" / "python"
    if not (Path(folder) / "ready").exists():
        venv.create(folder, with_pip=True, clear=True)
        pip = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", PACKAGE]
        _ended(_process(pip))
        (Path(folder) / "ready").touch()
    return python


def _started(python, core, words):
    """The script under way, kept on one core."""
    arguments = [str(SCRIPT), *(str(word) for word in words)]
    pinned = f"import os, runpy, sys; os.sched_setaffinity(0, {{{core}}}); "
    pinned += f"sys.path.append({str(SCRIPT.parent)!r}); "  # last: our names hide none of Python's
    pinned += f"sys.argv = {arguments!r}; runpy.run_path({str(SCRIPT)!r}, run_name='__main__')"
    return _process([python, "-c", pinned])


def _process(command):
    return subprocess.Popen(
        [str(word) for word in command],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={name: value for name, value in os.environ.items() if not name.startswith("PYTHON")},
        cwd=Path(sys.prefix),
    )


def _ended(process):
    """The last line it told, read as JSON; None where it told nothing."""
    out, complaints = process.communicate()
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, process.args, out, complaints)
    lines = out.strip().splitlines()
    return json.loads(lines[-1]) if lines else None
