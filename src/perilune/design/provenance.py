"""What rows and results are made from: the code, the files with their hashes, the machine."""

import hashlib
import importlib.metadata
import os
import platform
import subprocess
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

from perilune.data.spice_kernels import kernel_files
from perilune.mission.data_files import gravity_path, map_paths
from perilune.mission.mission import Mission

_HERE = Path(__file__).resolve()

FLYING_STAGES = (
    "mechanics",
    "native",
    "interfaces",
    "truth",
    "onboard",
    "mission",
    "data",
    "design",
    "flight",
    "verdict",
    "campaign",
)
"""The stages whose code decides the numbers of a row; reports and screens do not."""


def files_behind(mission: Mission) -> dict[str, list[Path]]:
    """The files a mission's flight is made from: {"mission", "terrain", "gravity", "kernels"}."""
    root = mission.folders.data
    maps = map_paths(mission.site, root).values()
    field = gravity_path(mission.world, root)
    return {
        "mission": [path for path in _mission_files(mission) if path.is_file()],
        "terrain": [path for path in maps if path.is_file()],
        "gravity": [field] if field is not None and field.is_file() else [],
        "kernels": kernel_files(),
    }


def sha256_of(path: Path | str) -> str:
    """The SHA-256 of a file, in hexadecimal."""
    with Path(path).open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def hashes_of(files: Mapping[str, Sequence[Path]]) -> dict[str, dict[str, dict[str, str | int]]]:
    """{kind: {file name: {sha256, size_bytes}}} of `files_behind`; hashed two at a time."""
    every = [(kind, path) for kind, paths in files.items() for path in paths]
    with ThreadPoolExecutor(2) as pool:
        sums = list(pool.map(sha256_of, [path for _, path in every]))
    found: dict[str, dict[str, dict[str, str | int]]] = {kind: {} for kind in files}
    for (kind, path), digest in zip(every, sums, strict=True):
        found[kind][path.name] = {"sha256": digest, "size_bytes": path.stat().st_size}
    return found


def software() -> dict[str, str | None]:
    """Versions and, in a checkout, the commit; `-dirty` where files differ from it."""
    return {
        "perilune": version(),
        "git": _git_hash(),
        "python": platform.python_version(),
        **{name: importlib.metadata.version(name) for name in ("jax", "jaxlib", "numpy")},
    }


def code_digest() -> str:
    """The SHA-256 of all code that decides what a flight does, by `FLYING_STAGES`."""
    digest = hashlib.sha256()
    for stage in FLYING_STAGES:
        for path in sorted(_HERE.parents[1].joinpath(stage).rglob("*.py")):
            digest.update(path.relative_to(_HERE.parents[1]).as_posix().encode())
            digest.update(path.read_bytes())
    return digest.hexdigest()


def host() -> dict[str, str | int | None]:
    """What it was computed on: system, processor type, how many of them."""
    return {
        "system": f"{platform.system()} {platform.machine()}",
        "processor": _processor(),
        "processor_count": os.cpu_count(),
    }


def now() -> str:
    """The present in UTC, ISO 8601."""
    return f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}"


def version() -> str:
    """The version of Perilune that is installed."""
    return importlib.metadata.version("perilune")


def _mission_files(mission: Mission) -> list[Path]:
    labels = {origin.partition(": ")[0] for origin in mission.origins.values()}
    return sorted(Path(label) for label in labels if not label.startswith("--"))


def _git_hash() -> str | None:
    """The commit of the checkout that this file is tracked in, or None."""
    asked = ("describe", "--always", "--abbrev=40", "--exclude=*", "--dirty")
    try:
        tracked = _git("ls-files", "--error-unmatch", _HERE.name)
        return _git(*asked) if tracked else None
    except (OSError, subprocess.SubprocessError):
        return None


def _git(*words: str) -> str:
    done = subprocess.run(
        ["git", *words], cwd=_HERE.parent, capture_output=True, text=True, check=True, timeout=5
    )
    return done.stdout.strip()


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    named = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(named, platform.processor() or platform.machine())
