"""A radar altimeter is three files and one row: added to a copy of the package, all follows."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import perilune

PACKAGE, HERE = Path(perilune.__file__).parent, Path(__file__).parent / "radar_altimeter"
FILES = {
    "declaration.py": "interfaces/radar_altimeter.py",
    "truth_model.py": "truth/sensors/radar_altimeter.py",
    "onboard_model.py": "onboard/navigation/radar_altimeter.py",
}
ROW = (
    (
        "from perilune.interfaces.sensor",
        "from perilune.interfaces.radar_altimeter import "
        "RADAR_ALTIMETER\nfrom perilune.interfaces.sensor",
    ),
    ("VELOCIMETER, OPTICAL", "RADAR_ALTIMETER, VELOCIMETER, OPTICAL"),
)
FITTED = """
[radar_altimeter]
mount = ["0 m", "0 m", "0.5 m"]
noise = "0.4 m"
bias = "2 m"
max_height = "4 km"
half_angle = "30 deg"
dropout_fraction = 0.02
"""
DRAWN = (
    "dispersions = [",
    'dispersions = [\n    { path = "errors.radar_altimeter.bias", distribution = "normal", '
    'sigma = "lander.radar_altimeter.bias" },',
)
FAULT = """
schema = 1
name = "radar-off"
title = "The radar altimeter reads high"
summary = "Its heights are 5 m too great from 10 s on."

[radar_altimeter]
bias = "5 m"
after = "10 s"
"""


def replaced(path, *changes):
    text = path.read_text(encoding="utf-8")
    for old, new in changes:
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    path.write_text(text, encoding="utf-8")


@pytest.fixture(scope="module")
def radar(tmp_path_factory):
    """What became of it in a copy of the package: see `radar_altimeter/fly.py`."""
    folder = tmp_path_factory.mktemp("with-radar")
    package = folder / "perilune"
    shutil.copytree(PACKAGE, package, ignore=shutil.ignore_patterns("__pycache__"))
    for name, place in FILES.items():
        shutil.copy(HERE / name, package / place)
    replaced(package / "interfaces" / "sensor_kinds.py", *ROW)
    lander = package / "catalog" / "landers" / "nova-c.toml"
    replaced(lander, DRAWN)
    lander.write_text(lander.read_text(encoding="utf-8") + FITTED, encoding="utf-8")
    (package / "catalog" / "faults" / "radar-off.toml").write_text(FAULT, encoding="utf-8")
    paths = os.pathsep.join([str(folder), str(HERE.parents[2])])
    variables = {name: text for name, text in os.environ.items() if not name.startswith("PERILUNE")}
    done = subprocess.run(
        [sys.executable, str(HERE / "fly.py")],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        env=variables | {"PYTHONPATH": paths},
    )
    assert done.returncode == 0, done.stderr[-2_000:]
    return json.loads(done.stdout.splitlines()[-1])


def test_its_data_sheet_its_errors_and_its_fault_have_paths(radar):
    assert set(radar["paths"]) >= {
        "lander.radar_altimeter.noise",
        "lander.radar_altimeter.mount.2",
        "errors.radar_altimeter.bias",
        "errors.radar_altimeter.scale_fraction",
        "faults.radar-off.radar_altimeter.bias",
        "faults.radar-off.radar_altimeter.after",
    }
    assert radar["drawn"] == ["input_errors_radar_altimeter_bias_m"]


def test_its_noise_can_be_set_apart_in_truth_and_belief(radar):
    assert radar["noise_m"] == [0.4, 0.6]
    assert radar["sigma_m"] == pytest.approx(0.6)


def test_truth_reads_it_with_its_noise_its_limits_and_a_fault_that_is_a_file_alone(radar):
    quiet_m, noisy_m, struck_m = radar["read_m"]
    assert radar["valid"]
    assert struck_m - quiet_m == pytest.approx(5.0, abs=1e-6)
    assert noisy_m - quiet_m == pytest.approx(0.4 * radar["normal"], abs=1e-6)
    assert radar["normal"] != 0.0
    assert (radar["too_high"], radar["leaning"], radar["dropped"]) == (False, False, False)


def test_the_filter_expects_it_and_is_moved_by_it(radar):
    assert radar["innovation_m"] == pytest.approx(1.0, abs=1e-6)
    assert radar["slope"] == pytest.approx(radar["told_slope"], rel=1e-3)
    assert radar["used"]
    assert 0.1 < radar["raised_m"] < 1.0
    assert radar["bias_sigma_m"] == pytest.approx(2.0)


def test_the_whole_flight_is_traced_with_it_and_its_columns_follow(radar):
    assert {"height_m", "valid"} <= set(radar["sampled"])
    assert radar["columns"] == [
        "radar_altimeter_height_gate_m",
        "radar_altimeter_height_innovation_m",
        "radar_altimeter_height_m",
        "radar_altimeter_height_used",
        "radar_altimeter_height_valid",
    ]
