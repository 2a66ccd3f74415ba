"""A campaign that is refused before anything was flown leaves no folder behind."""

import contextlib
from collections.abc import Iterator, Sequence
from pathlib import Path

from perilune.campaign.run import row_store
from perilune.errors import InputError


@contextlib.contextmanager
def taken_back_if_blank(folder: Path | str) -> Iterator[None]:
    """Inside, a refusal before the first batch is kept leaves no trace of a campaign begun here.

    One that was begun before is left as it is.
    """
    folder = Path(folder)
    new = [place for place in (folder, *folder.parents) if not place.exists()]
    was_begun = row_store.is_begun(folder)
    try:
        yield
    except InputError:
        if not was_begun:
            _take_back(folder, new)
        raise


def _take_back(folder: Path, new: Sequence[Path]) -> None:
    rows = Path(folder, row_store.ROWS_FOLDER)
    with contextlib.suppress(OSError):
        row_store.clear_leftovers(folder)
        if not any(rows.iterdir()):
            for name in (row_store.PLAN_FILE, row_store.ORDER_FILE):
                Path(folder, name).unlink(missing_ok=True)
            for place in (rows, *new):
                place.rmdir()
