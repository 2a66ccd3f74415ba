"""Copies of catalog files that a test may spoil."""

import shutil
from pathlib import Path

import pytest

import perilune.mission

CATALOG = Path(perilune.mission.__file__).parents[1] / "catalog"


@pytest.fixture
def catalog():
    """The catalog inside the package."""
    return CATALOG


@pytest.fixture
def own_catalog(tmp_path, monkeypatch):
    """A copy of the catalog that goes before the package's own."""
    folder = tmp_path / "catalog"
    shutil.copytree(CATALOG, folder)
    monkeypatch.setenv("PERILUNE_CATALOG", str(folder))
    return folder


@pytest.fixture
def own_mission(tmp_path, monkeypatch):
    """A function that writes a changed copy of athena.toml and gives its path."""
    monkeypatch.chdir(tmp_path)

    def write(*changes, after=""):
        text = (CATALOG / "missions" / "athena.toml").read_text(encoding="utf-8")
        for old, new in changes:
            assert old in text
            text = text.replace(old, new, 1)
        path = tmp_path / "mine.toml"
        path.write_text(text + after, encoding="utf-8")
        return path

    return write
