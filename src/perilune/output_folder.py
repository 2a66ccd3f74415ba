"""The folder that results are written to, as --out names it."""

from pathlib import Path

from perilune.errors import InputError
from perilune.folders import expanded


def out_folder(out: str | None, usual: Path) -> Path:
    """The folder that --out names, or the usual one; InputError where it names none."""
    if out is None:
        return usual
    if not out.strip():
        raise InputError("--out must name a folder, but is empty; name one, or leave it out.")
    folder = expanded(out, "--out")
    try:
        folder.absolute().resolve().exists()
    except (OSError, RuntimeError) as error:
        why = getattr(error, "strerror", None) or "its links lead back to themselves"
        raise InputError(
            f"--out must be the path of a folder, but {out} cannot be followed ({why}); name "
            "another."
        ) from error
    return folder
