"""Every example runs as a user runs it, in the program that the other tests have compiled."""

import re
import runpy
from pathlib import Path

import pytest

EXAMPLES = Path(__file__).resolve().parents[1] / "examples"


@pytest.mark.usefixtures("data_folder")
def test_the_first_landing_lands_and_misses_its_altimeter(capsys):
    runpy.run_path(str(EXAMPLES / "01_first_landing.py"), run_name="__main__")
    told = capsys.readouterr().out
    assert "all well: LANDED, clean: True" in told
    assert "altimeter-dead: " in told
    healthy, dead = (
        abs(float(error)) for error in re.findall(r"height error at 100 m: ([+-][\d.]+) m", told)
    )
    assert dead > 5.0 * healthy


def test_every_example_is_run_here():
    run = re.findall(r"\"(\w+\.py)\"", Path(__file__).read_text())
    assert sorted(path.name for path in EXAMPLES.glob("*.py")) == sorted(run)
