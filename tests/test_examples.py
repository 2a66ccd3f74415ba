"""Every example runs as a user runs it, in the program that the other tests have compiled."""

import re
import runpy
from pathlib import Path

import pytest

EXAMPLES = Path(__file__).resolve().parents[1] / "examples"


@pytest.mark.usefixtures("data_folder")
def test_the_first_landing_reports_a_flight_with_its_altimeter_and_one_without(capsys):
    """One drawn flight each: how they end, and how well, is the batch tests' to assert."""
    runpy.run_path(str(EXAMPLES / "01_first_landing.py"), run_name="__main__")
    shown = capsys.readouterr().out
    titles = re.findall(r"^(all well|altimeter-dead): [A-Z_]+, clean: (?:True|False)$", shown, re.M)
    assert titles == ["all well", "altimeter-dead"]
    errors_m = re.findall(r"height error at 100 m: ([+-][\d.]+) m", shown)
    assert len(errors_m) == 2


@pytest.mark.usefixtures("data_folder")
def test_the_campaign_counts_what_went_wrong_first(capsys, monkeypatch, tmp_path):
    """About half are clean: 10 or fewer, or 54 or more, of 64 are with a chance below 1e-7."""
    script = str(EXAMPLES / "02_campaign.py")
    monkeypatch.setattr("sys.argv", [script, str(tmp_path / "campaign")])
    runpy.run_path(script, run_name="__main__")
    told = capsys.readouterr().out
    runpy.run_path(script, run_name="__main__")
    again = capsys.readouterr().out
    assert "only what is missing in it is flown" in again
    assert again.splitlines()[-3:] == told.splitlines()[-3:]
    clean = int(re.search(r"clean: (\d+) of 64", told)[1])
    causes = dict(re.findall(r"^  (\w+): (\d+)$", told, re.MULTILINE))
    assert sum(map(int, causes.values())) == 64
    assert int(causes.get("clean", 0)) == clean
    assert 10 < clean < 54
    assert len(causes) > 2


def test_every_example_is_run_here():
    run = re.findall(r"\"(\w+\.py)\"", Path(__file__).read_text())
    assert sorted(path.name for path in EXAMPLES.glob("*.py")) == sorted(run)
