"""A gamma-ray altimeter is three files and one row: added to a copy of the package, all follows."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import perilune

PACKAGE, HERE = Path(perilune.__file__).parent, Path(__file__).parent / "gamma_altimeter"
FILES = {
    "declaration.py": "interfaces/gamma_altimeter.py",
    "truth_model.py": "truth/sensors/gamma_altimeter.py",
    "onboard_model.py": "onboard/navigation/gamma_altimeter.py",
}
ROW = (
    (
        "from perilune.interfaces.sensor",
        "from perilune.interfaces.gamma_altimeter import "
        "GAMMA_ALTIMETER\nfrom perilune.interfaces.sensor",
    ),
    ("    VELOCIMETER,", "    GAMMA_ALTIMETER,\n    VELOCIMETER,"),
)
FITTED = """
[gamma_altimeter]
mount = ["0 m", "0 m", "0.5 m"]
noise = "0.4 m"
bias = "2 m"
max_height = "40 m"
half_angle = "30 deg"
dropout_fraction = 0.02
"""
DRAWN = (
    "dispersions = [",
    'dispersions = [\n    { path = "errors.gamma_altimeter.bias", distribution = "normal", '
    'sigma = "lander.gamma_altimeter.bias" },',
)
FAULT = """
schema = 1
name = "gamma-high"
title = "The gamma-ray altimeter reads high"
summary = "Its heights are 5 m too great from 10 s on."

[gamma_altimeter]
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
def gamma(tmp_path_factory):
    """What became of it in a copy of the package: see `gamma_altimeter/fly.py`."""
    folder = tmp_path_factory.mktemp("with-gamma")
    package = folder / "perilune"
    shutil.copytree(PACKAGE, package, ignore=shutil.ignore_patterns("__pycache__"))
    for name, place in FILES.items():
        shutil.copy(HERE / name, package / place)
    replaced(package / "interfaces" / "sensor_kinds.py", *ROW)
    lander = package / "catalog" / "landers" / "nova-c.toml"
    replaced(lander, DRAWN)
    lander.write_text(lander.read_text(encoding="utf-8") + FITTED, encoding="utf-8")
    (package / "catalog" / "faults" / "gamma-high.toml").write_text(FAULT, encoding="utf-8")
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


def test_its_data_sheet_its_errors_and_its_fault_have_paths(gamma):
    assert set(gamma["paths"]) >= {
        "lander.gamma_altimeter.noise",
        "lander.gamma_altimeter.mount.2",
        "errors.gamma_altimeter.bias",
        "errors.gamma_altimeter.scale_fraction",
        "faults.gamma-high.gamma_altimeter.bias",
        "faults.gamma-high.gamma_altimeter.after",
    }
    assert gamma["drawn"] == ["input_errors_gamma_altimeter_bias_m"]


def test_its_noise_can_be_set_apart_in_truth_and_belief(gamma):
    assert gamma["noise_m"] == [0.4, 0.6]
    assert gamma["sigma_m"] == pytest.approx(0.6)


def test_truth_reads_it_with_its_noise_its_limits_and_a_fault_that_is_a_file_alone(gamma):
    quiet_m, noisy_m, struck_m = gamma["read_m"]
    assert gamma["valid"]
    assert struck_m - quiet_m == pytest.approx(5.0, abs=1e-6)
    assert noisy_m - quiet_m == pytest.approx(0.4 * gamma["normal"], abs=1e-6)
    assert gamma["normal"] != 0.0
    assert (gamma["too_high"], gamma["leaning"], gamma["dropped"]) == (False, False, False)


def test_the_filter_expects_it_and_is_moved_by_it(gamma):
    assert gamma["innovation_m"] == pytest.approx(1.0, abs=1e-6)
    assert gamma["slope"] == pytest.approx(gamma["told_slope"], rel=1e-3)
    assert gamma["used"]
    assert 0.1 < gamma["raised_m"] < 1.0
    assert gamma["bias_sigma_m"] == pytest.approx(2.0)


def test_the_whole_flight_is_traced_with_it_and_its_columns_follow(gamma):
    assert {"height_m", "valid"} <= set(gamma["sampled"])
    assert gamma["columns"] == [
        "gamma_altimeter_height_gate_m",
        "gamma_altimeter_height_innovation_m",
        "gamma_altimeter_height_m",
        "gamma_altimeter_height_used",
        "gamma_altimeter_height_valid",
    ]
