"""A campaign's folder: rows written aside and then renamed, and read back with suspicion."""

import contextlib
import json
import os
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NoReturn

import pyarrow as pa
import pyarrow.parquet as pq

from perilune.atomic_files import is_aside, replace_file
from perilune.campaign.run.disk_refusals import disk_refusals
from perilune.errors import InputError
from perilune.folder_lock import locked

ORDER_FILE, CAMPAIGN_FILE, ROWS_FOLDER = "order.json", "campaign.json", "runs"
PAGE_FILE, PLAN_FILE, BAND_FOLDER = "report.html", "flight.plan", "band"
KNOWN = {ORDER_FILE, CAMPAIGN_FILE, ROWS_FOLDER, PAGE_FILE, PLAN_FILE, BAND_FOLDER, "replays"}
"""What a campaign's folder holds, beside files whose name begins with a dot."""
_BATCH = re.compile(r"batch-(\d{7,10})\.parquet")
_DIGEST = b"perilune_campaign"
_PLAIN = {"use_dictionary": False, "write_statistics": False}
"""A few dozen rows of two hundred columns gain nothing by either, which take most of the time."""


def check_folder(folder: Path | str, resume: bool) -> None:
    """Raise InputError, with the cure, where a campaign can be neither begun nor resumed."""
    with disk_refusals(folder):
        _check_begun_or_blank(Path(folder), resume)


def _check_begun_or_blank(folder: Path, resume: bool) -> None:
    if folder.exists() and not folder.is_dir():
        raise InputError(f"{folder} must be a folder, but is a file; name another with --out.")
    if not folder.is_dir() or _is_blank(folder):
        return
    if not is_begun(folder):
        raise InputError(
            f"{folder} must be empty or new, but has files in it; name another with --out."
        )
    if not resume:
        raise InputError(
            f"{folder} holds a campaign already; add --resume to complete it, or name another "
            "with --out."
        )
    _refuse_foreign(folder)


def _refuse_foreign(folder: Path) -> None:
    names = {path.name for path in folder.iterdir()} - KNOWN
    if foreign := sorted(name for name in names if not name.startswith(".")):
        raise InputError(
            f"{folder} must hold a campaign and nothing else, but has {', '.join(foreign)} in it; "
            "move that elsewhere, then add --resume again."
        )


def _is_blank(folder: Path) -> bool:
    """Whether nothing is there but what a writer killed at the very beginning left."""
    return all(
        is_aside(path.name)
        or (path.name == ROWS_FOLDER and path.is_dir() and not any(path.iterdir()))
        for path in folder.iterdir()
    )


def is_begun(folder: Path | str) -> bool:
    """Whether a campaign was begun in a folder."""
    try:
        return Path(folder, ORDER_FILE).is_file()
    except OSError:  # a name too long
        return False


def begin(folder: Path | str, order_document: Mapping[str, Any]) -> None:
    """Make the folder of a new campaign and keep what was asked for in it."""
    with disk_refusals(folder):
        Path(folder, ROWS_FOLDER).mkdir(parents=True, exist_ok=True)
    write_document(folder, ORDER_FILE, order_document)


def refuse_fewer(folder: Path | str, runs: int) -> NoReturn:
    """Raise InputError: rows are not thrown away by asking for fewer."""
    raise InputError(
        f"{folder} holds more than {runs} runs already; give as many as before, or more, with "
        "--runs, or name another folder with --out."
    )


def check_no_writer(folder: Path | str) -> None:
    """Raise InputError where another process writes to a folder now."""
    if Path(folder).is_dir():
        with only_writer(folder):
            pass


@contextlib.contextmanager
def only_writer(folder: Path | str) -> Iterator[None]:
    """Hold the folder, made where it is not there yet; a killed writer lets go by itself."""
    with disk_refusals(folder):
        Path(folder).mkdir(parents=True, exist_ok=True)
        handle = os.open(folder, os.O_RDONLY)
    try:
        with locked(handle, Path(folder)):
            yield
    finally:
        os.close(handle)


def clear_leftovers(folder: Path | str) -> None:
    """Remove what a killed writer left aside."""
    for place in (Path(folder), Path(folder, ROWS_FOLDER)):
        for path in place.iterdir():
            if is_aside(path.name):
                path.unlink()


def write_batch(folder: Path | str, first_run: int, table: pa.Table, digest: str) -> None:
    """Keep the rows of one batch: whole, or not at all."""
    table = table.replace_schema_metadata({_DIGEST: digest.encode()})

    def write(path: Path) -> None:
        pq.write_table(table, path, compression="zstd", write_page_checksum=True, **_PLAIN)

    with disk_refusals(folder):
        replace_file(batch_file(folder, first_run), write)


def write_document(folder: Path | str, name: str, document: Mapping[str, Any]) -> None:
    """Keep a JSON document: whole, or not at all."""
    write_text(folder, name, text_of(document))


def write_text(folder: Path | str, name: str, text: str) -> None:
    """Keep a text: whole, or not at all."""
    with disk_refusals(folder):
        replace_file(Path(folder, name), lambda path: path.write_text(text, encoding="utf-8"))


def text_of(document: Mapping[str, Any]) -> str:
    """A document as the JSON text that is kept of it."""
    return json.dumps(document, indent=2, allow_nan=False, ensure_ascii=False) + "\n"


def remove_batch(folder: Path | str, first_run: int) -> None:
    """Forget the rows of one batch."""
    batch_file(folder, first_run).unlink()


def remove_campaign(folder: Path | str) -> None:
    """Forget the conclusions, before rows are added to those they were drawn from."""
    for name in (PAGE_FILE, CAMPAIGN_FILE):
        Path(folder, name).unlink(missing_ok=True)


def batch_file(folder: Path | str, first_run: int) -> Path:
    """Where the rows of a batch are, by its first run."""
    return Path(folder, ROWS_FOLDER, f"batch-{first_run:07d}.parquet")


def batches_in(folder: Path | str) -> dict[int, Path]:
    """{first run: file} in the order of runs; InputError names what does not belong there."""
    rows = Path(folder, ROWS_FOLDER)
    if not rows.is_dir():
        raise InputError(f"{folder} must hold a campaign, but has no folder `{ROWS_FOLDER}`.")
    found = {}
    for path in sorted(rows.iterdir()):
        if is_aside(path.name):
            continue
        named = _BATCH.fullmatch(path.name)
        if not named:
            raise InputError(
                f"{path} is not a batch of a campaign such as batch-0000064.parquet; move it "
                "elsewhere."
            )
        found[int(named[1])] = path
    return dict(sorted(found.items()))


def read_batch(
    path: Path, first_run: int, digest: str | None = None, columns: Sequence[str] | None = None
) -> pa.Table:
    """The rows of one file, checked: readable, of this campaign, of the runs its name says."""
    try:
        # read at once and closed: pyarrow would otherwise keep the file mapped
        with pq.ParquetFile(path, page_checksum_verification=True) as file:
            table = file.read(columns=columns)
    except (pa.ArrowException, OSError) as error:
        raise InputError(
            f"{path} cannot be read as rows of a campaign; remove that file and run the same "
            "`perilune campaign` again, with --resume, to fly its runs again. "
            f"({str(error).strip().splitlines()[0]})"
        ) from error
    kept = (table.schema.metadata or {}).get(_DIGEST, b"").decode()
    if not kept or (digest is not None and kept != digest):
        raise InputError(f"{path} holds rows of another campaign; move it elsewhere.")
    runs = table["run"].to_pylist() if "run" in table.column_names else None
    if runs is not None and runs != list(range(first_run, first_run + len(table))):
        raise InputError(
            f"{path} must hold the runs from {first_run} on, but does not; remove that file and "
            "run the same `perilune campaign` again, with --resume, to fly them again."
        )
    return table


def read_rows(folder: str | Path, columns: Sequence[str] | None = None) -> pa.Table:
    """The rows of a campaign as a `pyarrow.Table`, one row per flight, sorted by run.

    `folder` is a campaign's; of `columns`, where given, only these. SI but for degrees, null for
    what did not happen; docs/look-up/campaign-rows.md has the columns. `to_pandas()` and
    `polars.from_arrow` take the table as it is. Raises InputError naming what is foreign, broken or
    missing.

    >>> import perilune
    >>> perilune.read_rows("runs/mine", ["run", "clean", "miss_m"])  # doctest: +SKIP
    """
    digest = read_order(folder)["digest"]
    batches = _some(folder)
    if columns is not None:
        _check_columns(folder, columns)
    tables = [read_batch(path, first, digest, columns) for first, path in batches.items()]
    _check_count(folder, sum(len(table) for table in tables))
    return pa.concat_tables(tables)


def _check_columns(folder: Path | str, columns: Sequence[str]) -> None:
    known = column_names(folder)
    missing = [columns] if isinstance(columns, str) else [c for c in columns if c not in known]
    if missing:
        raise InputError(
            f"`columns` must be a list of names of the rows' columns, such as "
            f'["run", "clean"], but has {missing[0]!r}; `docs/look-up/campaign-rows.md` has all.'
        )


def column_names(folder: Path | str) -> list[str]:
    """Names of the rows' columns, by the first batch."""
    batches = _some(folder)
    first, path = next(iter(batches.items()))
    return read_batch(path, first).column_names


def read_campaign(folder: Path | str) -> dict[str, Any]:
    """The document of a finished campaign."""
    _check_folder(folder)
    if not Path(folder, CAMPAIGN_FILE).is_file():
        raise InputError(f"{folder} holds a campaign that has not ended; add --resume to continue.")
    cure = "; add --resume to the campaign to have it written again"
    return _document(Path(folder, CAMPAIGN_FILE), "runs", cure)


def read_order(folder: Path | str) -> dict[str, Any]:
    """What the campaign in a folder was asked to fly, and by what code."""
    _check_folder(folder)
    return _document(Path(folder, ORDER_FILE), "digest")


def _some(folder: Path | str) -> dict[int, Path]:
    batches = batches_in(folder)
    if not batches:
        raise InputError(f"{folder} holds no rows yet; add --resume to fly the campaign on.")
    return batches


def _check_folder(folder: Path | str) -> None:
    if not str(folder):
        raise InputError("DIR must name the folder of a campaign, but is empty; give its path.")
    if not is_begun(folder):
        raise InputError(
            f"{folder} must hold a campaign, but has no `{ORDER_FILE}`; name the folder that "
            "`perilune campaign` wrote."
        )


def _check_count(folder: Path | str, count: int) -> None:
    if not Path(folder, CAMPAIGN_FILE).is_file():
        return
    concluded = read_campaign(folder)["runs"]
    if concluded != count:
        raise InputError(
            f"{folder}: {CAMPAIGN_FILE} is of {concluded} runs, but `{ROWS_FOLDER}` holds {count}; "
            "add --resume to the campaign to complete them."
        )


def _document(path: Path, needed: str, cure: str = "") -> dict[str, Any]:
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
        document[needed]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise InputError(
            f"{path} must be what `perilune campaign` wrote, but cannot be read as that{cure}."
        ) from error
    return document
