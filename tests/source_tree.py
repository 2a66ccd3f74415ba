"""The repository and the modules of the package."""

from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "src" / "perilune"
MODULES = sorted(PACKAGE.rglob("*.py"))
