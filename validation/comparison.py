"""Knows what one comparison is, and where the authorities' files lie."""

import os
from dataclasses import dataclass
from pathlib import Path

AUTHORITIES = Path(__file__).parent / "authorities"


@dataclass(frozen=True)
class Comparison:
    """One figure of ours against one of theirs: `difference` must not pass `limit`, in `unit`.

    `difference` is never negative; `authority` says whose number it is and where it stands.
    """

    name: str
    difference: float
    limit: float
    unit: str
    authority: str
    ours: float | None = None
    theirs: float | None = None

    @property
    def holds(self):
        """Whether the two agree; not-a-number never does."""
        return self.difference <= self.limit


class AuthorityAbsentError(Exception):
    """The measured data are not on this machine."""


def data_file(relative):
    """A file of the data folder that `PERILUNE_DATA` names; AuthorityAbsentError without it."""
    folder = os.environ.get("PERILUNE_DATA")
    path = Path(folder or ".") / relative
    if not folder or not path.is_file():
        raise AuthorityAbsentError(f"set PERILUNE_DATA to the folder that holds {relative}")
    return path
