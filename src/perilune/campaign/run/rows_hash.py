"""One SHA-256 of all rows of a campaign, the same wherever and however they were flown and kept."""

import hashlib
from collections.abc import Callable

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from jaxtyping import Shaped

from perilune.mechanics.portable_bytes import portable_bytes


def rows_sha256(table: pa.Table) -> str:
    """The SHA-256, in hexadecimal, over the rows in the order of runs.

    Of each column, in the order of their names: its name, its type and every value. Numbers count
    by their 64 bits, least significant byte first, so that -0.0 is not 0.0; null and every
    not-a-number are one pattern of bits. Chunks, files and the order of columns do not matter.
    """
    in_order = pc.sort_indices(table, sort_keys=[("run", "ascending")])
    digest = hashlib.sha256()
    for name in sorted(table.column_names):
        column = table[name].take(in_order).combine_chunks()
        kind, bytes_of = _KINDS[str(column.type)]
        digest.update(f"{name}\0{kind}\0{len(column)}\0".encode())
        digest.update(bytes_of(column))
    return digest.hexdigest()


def _numbers(column: pa.Array) -> bytes:
    return portable_bytes(column.to_numpy(zero_copy_only=False))


def _whole_numbers(column: pa.Array) -> bytes:
    return _as(column, "<i8").tobytes()


def _flags(column: pa.Array) -> bytes:
    return _as(column, "u1").tobytes()


def _as(column: pa.Array, kind: str) -> Shaped[np.ndarray, " row"]:
    """Values none of which is null."""
    if column.null_count:
        raise ValueError(f"a column of {column.type} must have no null, but has one")
    return column.to_numpy(zero_copy_only=False).astype(kind)


def _texts(column: pa.Array) -> bytes:
    """The length of each text in bytes, -1 for null, and then all of them in a row."""
    encoded = [None if text is None else text.encode() for text in column.to_pylist()]
    lengths = np.array([-1 if text is None else len(text) for text in encoded], dtype="<i8")
    return lengths.tobytes() + b"".join(text for text in encoded if text is not None)


_KINDS: dict[str, tuple[str, Callable[[pa.Array], bytes]]] = {
    "double": ("float64", _numbers),
    "int64": ("int64", _whole_numbers),
    "bool": ("bool", _flags),
    "string": ("text", _texts),
}
"""Arrow's name of a type → how it is called in the hash, and the bytes of its values."""
