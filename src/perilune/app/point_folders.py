"""The folder of many campaigns, a point each: begun, gone on with, and what is kept of it."""

from pathlib import Path

from perilune import signals
from perilune.app.compare_campaigns import check_place
from perilune.errors import InputError

POINTS_FOLDER = "points"


def check_points_place(place: Path, resume: bool, document: str) -> None:
    """Raise InputError where a folder has other files, or such points and is not to go on.

    `document` is the name of the file that is written at the end, such as `sweep.json`.
    """
    if not (place / POINTS_FOLDER).is_dir():
        check_place(place, document)
    elif not resume:
        raise InputError(
            f"{place} holds points already; add --resume to complete them, or name another folder "
            "with --out."
        )


def kept_words(place: Path) -> str:
    """What an interruption leaves, and how to go on."""
    if not (place / POINTS_FOLDER).is_dir():
        return signals.NOTHING
    return f"what is finished is kept in {place}; add --resume to continue"
