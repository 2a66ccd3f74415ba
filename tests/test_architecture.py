"""The house's rules on imports that a machine can guard: the layers, the wall, the port."""

import ast
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.source_tree import MODULES, PACKAGE, ROOT


def lint_imports(source):
    """Run the contracts of pyproject.toml on the package below a source folder."""
    return subprocess.run(
        [
            sys.executable,
            "-c",
            "import importlinter.cli as c; raise SystemExit(c.lint_imports(no_cache=True))",
        ],
        cwd=ROOT,
        env={"PYTHONPATH": str(source), "PATH": "", "COLUMNS": "200"},
        capture_output=True,
        text=True,
        check=False,
    )


def test_no_arrow_points_up_and_none_crosses_the_wall():
    done = lint_imports(ROOT / "src")
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize(
    ("room", "forbidden"),
    [
        ("onboard", "perilune.truth"),
        ("truth", "perilune.onboard"),
        ("mission", "perilune.truth"),
        ("mechanics", "perilune.interfaces"),
        ("flight", "perilune.onboard.memory"),
    ],
)
def test_a_hole_in_the_wall_is_noticed(tmp_path, room, forbidden):
    shutil.copytree(PACKAGE, tmp_path / "perilune")
    with (tmp_path / "perilune" / room / "hole.py").open("w") as hole:
        hole.write(f"import {forbidden}\n")
    done = lint_imports(tmp_path)
    assert done.returncode == 1
    assert f"perilune.{room}.hole -> {forbidden}" in done.stdout


def test_the_flight_software_loads_where_there_is_no_truth():
    blind = """
import importlib, pkgutil, sys
for room in ("truth", "mission", "design", "flight"):
    sys.modules["perilune." + room] = None
import perilune.onboard
found = list(pkgutil.walk_packages(perilune.onboard.__path__, "perilune.onboard."))
for module in found:
    importlib.import_module(module.name)
print(len(found))
"""
    done = subprocess.run(
        [sys.executable, "-c", blind], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) > 5


def test_a_flight_knows_nothing_of_the_flight_software_but_its_port_and_its_upload():
    """What the contract cannot say: that a new module of `onboard` is not reached either."""
    allowed = {"perilune.onboard.port", "perilune.onboard.upload"}
    reached = {
        name
        for path in (PACKAGE / "flight").glob("*.py")
        for name in imported_names(ast.parse(path.read_text()))
        if name.startswith("perilune.onboard")
    }
    assert reached
    assert not {
        name for name in reached if not any(f"{name}.".startswith(f"{port}.") for port in allowed)
    }


def imported_names(tree):
    """Every module, or name of one, that a source file imports."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def test_every_folder_of_modules_is_a_package_that_the_contracts_see():
    folders = {path.parent for path in MODULES}
    assert not [str(folder) for folder in folders if not (folder / "__init__.py").exists()]


SIDES = {"interfaces", "truth", "onboard"}
"""Rooms that hold one component each from its own side, under its one name."""


def names_used_twice(paths):
    """Base names of modules that more than one has, but for one component seen from its sides."""
    rooms = {}
    for path in paths:
        if path.stem != "__init__":
            rooms.setdefault(path.stem, []).append(path.parts[0])
    return {
        name: found
        for name, found in rooms.items()
        if len(found) > 1 and (len(set(found)) < len(found) or not set(found) <= SIDES)
    }


def test_no_base_name_of_a_module_is_used_twice():
    assert names_used_twice([path.relative_to(PACKAGE) for path in MODULES]) == {}


@pytest.mark.parametrize(
    ("first", "second", "is_refused"),
    [
        ("interfaces/suite.py", "flight/suite.py", True),
        ("truth/sensors/scene.py", "truth/environment/scene.py", True),
        ("interfaces/imu.py", "onboard/navigation/imu.py", False),
        ("truth/__init__.py", "flight/__init__.py", False),
    ],
)
def test_a_base_name_used_twice_is_noticed(first, second, is_refused):
    assert bool(names_used_twice([Path(first), Path(second)])) is is_refused
