"""Telemetry as a table: a row for each tick of the computer, each column with its unit."""

import difflib
import json
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from jaxtyping import Shaped

from perilune.report.result import plain
from perilune.report.unit_labels import unit_of
from perilune.telemetry.channels import CHANNELS, words_of

_FLAGS = ("_valid", "_used")
_WHOLE = ("phase", "mode")


def telemetry_table(
    columns: Mapping[str, Shaped[np.ndarray, " row"]], metadata: Mapping
) -> pa.Table:
    """A table of `columns` (each of one dimension and the same length) with units as metadata.

    Not-a-number becomes null, in a column of flags too. `metadata` goes into the file as JSON
    under `perilune`. Raises LookupError for a column `CHANNELS` does not declare, ValueError for
    unequal lengths.
    """
    for name in columns:
        _declared(name)
    lengths = {name: np.shape(values) for name, values in columns.items()}
    if len(set(lengths.values())) > 1 or any(len(shape) != 1 for shape in lengths.values()):
        raise ValueError(f"Telemetry's columns must be of one length, but are {lengths}.")
    arrays = [_array(name, np.asarray(values)) for name, values in columns.items()]
    fields = [
        pa.field(name, array.type, metadata={"unit": unit_of(name), "description": words_of(name)})
        for name, array in zip(columns, arrays, strict=True)
    ]
    about = {"perilune": json.dumps(plain(metadata), allow_nan=False)}
    return pa.Table.from_arrays(arrays, schema=pa.schema(fields, metadata=about))


def write_telemetry(table: pa.Table, path: Path | str) -> None:
    """Write the table as Parquet, compressed so that any reader of today opens it."""
    pq.write_table(
        table, path, compression="zstd", compression_level=1, use_dictionary=_flags(table)
    )


def _flags(table: pa.Table) -> list[str]:
    return [name for name in table.column_names if name in _WHOLE]


def _array(name: str, values: Shaped[np.ndarray, " row"]) -> pa.Array:
    if name.endswith(_FLAGS):
        known = np.isfinite(values)
        return pa.array(np.where(known, values, 0).astype(bool), mask=~known)
    if name in _WHOLE:
        return pa.array(values.astype(np.int16))
    values = values.astype(np.float64)
    return pa.array(values, mask=~np.isfinite(values))


def _declared(name: str) -> None:
    if words_of(name) is None:
        near = difflib.get_close_matches(name, CHANNELS, n=1)
        hint = f"did you mean `{near[0]}`?" if near else "declare it in telemetry/channels.py."
        raise LookupError(f"`{name}` is no telemetry channel; {hint}")
