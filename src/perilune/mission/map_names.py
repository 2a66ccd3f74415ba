"""Which of the maps that a site names are paths, and what these are relative to."""

from pathlib import Path
from typing import Any


def beside_file(names: Any, folder: Path) -> Any:
    """A site's maps as its file in `folder` has them: a path is relative to the file."""
    if not isinstance(names, list):
        return names
    return [
        str(folder / Path(name).expanduser()) if isinstance(name, str) and is_path(name) else name
        for name in names
    ]


def is_path(name: str) -> bool:
    """Whether it is more than a file's name."""
    return "/" in name
