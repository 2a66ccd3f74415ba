"""One small campaign for all commands, folders to break, and how a command is asked."""

import shutil
import subprocess
import sys

import pytest

from perilune.app import options

APART = (
    *("--set", "truth.lander.engine.max_thrust=3.96 kN"),
    *("--set", "belief.lander.velocimeter.noise=0.03 m/s"),
)
"""What is true and what is believed, set apart: a replay must be its row with these too."""
SMALL = ("campaign", "athena", "--fault", "altimeter-noisy", "--runs", "70", "--seed", "5", *APART)


def process(*arguments, **more):
    """A process of its own that runs a command, and hears Ctrl-C whatever started the tests."""
    hears = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler)"
    script = f"{hears}; from perilune.app.cli import main; main()"
    words = [sys.executable, "-c", script, *map(str, arguments)]
    return subprocess.Popen(
        words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **more
    )


def refused(told, *arguments):
    """The one sentence that a bad input is refused with; nothing else may be said."""
    code, out, err = told(*arguments)
    assert code == options.BAD_INPUT, err
    assert out == ""
    lines = [line for line in err.splitlines() if line.startswith("perilune: ")]
    assert len(lines) == 1
    assert "Traceback" not in err
    return lines[0]


@pytest.fixture(scope="session")
def flown(data_folder, tmp_path_factory):
    """(folder, exit code, standard output, standard error) of the small campaign."""
    assert data_folder
    folder = tmp_path_factory.mktemp("cli") / "small"
    with process(*SMALL, "--out", folder, "--json", "--workers", "1") as flying:
        out, err = flying.communicate()
    return folder, flying.returncode, out, err


@pytest.fixture
def small(flown, tmp_path):
    """A copy of its folder, to break."""
    return shutil.copytree(flown[0], tmp_path / "small")
