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


@pytest.mark.usefixtures("data_folder")
def test_the_campaign_counts_what_went_wrong_first(capsys, monkeypatch, tmp_path):
    script = str(EXAMPLES / "02_campaign.py")
    monkeypatch.setattr("sys.argv", [script, str(tmp_path / "campaign")])
    runpy.run_path(script, run_name="__main__")
    told = capsys.readouterr().out
    clean = int(re.search(r"clean: (\d+) of 64", told)[1])
    causes = dict(re.findall(r"^  (\w+): (\d+)$", told, re.MULTILINE))
    assert sum(map(int, causes.values())) == 64
    assert int(causes.get("clean", 0)) == clean
    assert int(causes["blind_descent"]) > 32


def test_every_example_is_run_here():
    run = re.findall(r"\"(\w+\.py)\"", Path(__file__).read_text())
    assert sorted(path.name for path in EXAMPLES.glob("*.py")) == sorted(run)
