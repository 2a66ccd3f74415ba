"""SQL over the rows of a campaign, by DuckDB: one table, `runs`, to be read and nothing else."""

import contextlib
import csv
import decimal
import difflib
import json
import math
import re
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, Literal

import pyarrow as pa
from rich.console import Console
from rich.table import Table
from rich.text import Text

from perilune.campaign.run import row_store
from perilune.errors import InputError
from perilune.report.terminal_width import print_fitted
from perilune.streams import write_json

TABLE = "runs"
MOST_SHOWN = 100
"""Rows that the table on a terminal shows; --json and --csv give all."""
READING = ("SELECT", "EXPLAIN")


def query(folder: str | Path, sql: str) -> pa.Table:
    """The result of one SQL query over a campaign's rows, as a `pyarrow.Table`.

    `folder` is a campaign's; its rows are the table `runs`, SI but for degrees, with the columns of
    docs/look-up/campaign-rows.md. The query, in DuckDB's SQL, may read the rows and no other file,
    and changes nothing. Sums of whole numbers are 64-bit where they fit. Raises InputError with the
    nearest column where one is misspelt, and for rows that cannot be read.

    >>> import perilune
    >>> causes = "select first_cause, count(*) as count from runs group by all"
    >>> perilune.query("runs/mine", causes).to_pandas()  # doctest: +SKIP
    """
    import duckdb

    paths = _checked(folder)
    with duckdb.connect(":memory:") as base:
        _fence(base, paths)
        try:
            _check_reading(base.extract_statements(sql))
            found = base.sql(sql)
            if found is None:
                raise InputError(f"The query must give rows, but gives none: {sql!r}.")
            return _whole_numbers(found.to_arrow_table())
        except duckdb.Error as error:
            raise InputError(_sentence(str(error), row_store.column_names(folder))) from error


def _whole_numbers(answer: pa.Table) -> pa.Table:
    """DuckDB's 128-bit sums of whole numbers as 64-bit ones, where they fit."""
    for at, field in enumerate(answer.schema):
        if pa.types.is_decimal(field.type) and field.type.scale == 0:
            with contextlib.suppress(pa.ArrowInvalid):
                whole = answer.column(at).cast(pa.int64())
                answer = answer.set_column(at, field.with_type(pa.int64()), whole)
    return answer


def write_answer(answer: pa.Table, form: Literal["table", "json", "csv"]) -> None:
    """An answer on standard output: "table", "json" (a list of objects) or "csv"."""
    names, rows = answer.column_names, _rows(answer)
    if form == "json":
        objects = [dict(zip(names, map(_plain, row), strict=True)) for row in rows]
        write_json(json.dumps(objects, indent=2, ensure_ascii=False) + "\n")
    elif form == "csv":
        writer = csv.writer(sys.stdout, lineterminator="\n")
        writer.writerow(names)
        writer.writerows([["" if each is None else each for each in row] for row in rows])
    else:
        print_fitted(Console(highlight=False), _table(names, rows), named=True)
        if len(rows) > MOST_SHOWN:
            sys.stderr.write(
                f"{MOST_SHOWN} of {len(rows)} rows are shown; --csv or --json has all.\n"
            )


def _rows(answer: pa.Table) -> list[tuple[Any, ...]]:
    """The rows of a table, whose columns may share a name."""
    columns = [column.to_pylist() for column in answer.columns]
    return list(zip(*columns, strict=True))


def _checked(folder: str | Path) -> list[str]:
    """Files of the rows, each read once: what is foreign or broken is named."""
    row_store.read_rows(folder, ["run"])
    digest, batches = row_store.read_order(folder)["digest"], row_store.batches_in(folder)
    for first, path in batches.items():
        row_store.read_batch(path, first, digest)
    return [str(path.resolve()) for path in batches.values()]


def _fence(base: Any, paths: Iterable[str]) -> None:
    """Let a connection see the rows and nothing else of the machine."""
    listed = ", ".join("'" + path.replace("'", "''") + "'" for path in paths)
    base.execute(f"set allowed_paths = [{listed}]")
    base.execute("set enable_external_access = false")
    base.execute("set python_enable_replacements = false")
    base.execute("set lock_configuration = true")
    base.execute(f"create view {TABLE} as select * from read_parquet([{listed}])")


def _check_reading(statements: Sequence[Any]) -> None:
    if len(statements) != 1:
        raise InputError(
            f"The query must be one statement, but is {len(statements)}; give one at a time."
        )
    kind = statements[0].type.name
    if kind not in READING:
        raise InputError(
            f'The query must read, such as "select outcome, count(*) from {TABLE} group by all", '
            f"but is {kind.lower()}; rows are never changed."
        )


def _sentence(words: str, columns: Sequence[str]) -> str:
    """DuckDB's complaint as one sentence with a cure."""
    complaint = re.split(r"\n|LINE 1| You might| Candidate", words)[0]
    if column := re.search(r'Referenced column "([^"]+)" (?:was )?not found', words):
        return f"The rows have no column `{column[1]}`; {_nearest(column[1], columns)}"
    if table := re.search(r"Table with name (\S+) does not exist", words):
        return f"There is no table `{table[1]}`; the rows are in `{TABLE}`."
    if "Permission Error" in words or "disabled" in words:
        return f"A query may read `{TABLE}` and no other file; use its columns only."
    return f"The query cannot be answered: {complaint.rstrip('.!')}; correct the SQL."


def _nearest(name: str, columns: Sequence[str]) -> str:
    within = sorted((each for each in columns if name.lower() in each.lower()), key=len)
    close = difflib.get_close_matches(name, columns, n=3, cutoff=0.5)
    found = list(dict.fromkeys([*close, *within]))[:3]
    if found:
        return f"did you mean {' or '.join(f'`{each}`' for each in found)}?"
    return f'all names: "describe {TABLE}".'


def _plain(value: Any) -> Any:
    """A value of JSON's own types."""
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, decimal.Decimal):
        return float(value)
    if isinstance(value, (list, tuple)):
        return [_plain(each) for each in value]
    if isinstance(value, dict):
        return {str(key): _plain(each) for key, each in value.items()}
    return value if value is None or isinstance(value, (bool, int, str)) else str(value)


def _table(names: Sequence[str], rows: Sequence[Sequence[Any]]) -> Table:
    """Columns under their names, numbers to the right."""
    table = Table(box=None, pad_edge=False, header_style="")
    for at, name in enumerate(names):
        numeric = any(isinstance(row[at], (int, float, decimal.Decimal)) for row in rows)
        table.add_column(Text(name), justify="right" if numeric else "left", overflow="fold")
    for row in rows[:MOST_SHOWN]:
        table.add_row(*(Text(_cell(each)) for each in row))
    return table


def _cell(value: Any) -> str:
    if value is None:
        return "-"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (float, decimal.Decimal)):
        return f"{float(value):.6g}"
    return str(value)
