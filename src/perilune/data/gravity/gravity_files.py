"""How a published gravity field is read, and how it describes itself."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import jax.numpy as jnp
import numpy as np
from jaxtyping import Float, Int

from perilune.data.gravity.gravity_formats import Head, numbers_of, read_head, whole_number
from perilune.data.gravity.lunar_bounds import check_orientation, check_sizes, check_terms
from perilune.data.text_files import open_text
from perilune.errors import InputError
from perilune.mechanics.gravity import GravityField

HIGHEST_DEGREE = 100_000
MANY_ROWS = 1_000
"""More are read by NumPy at once; its errors name no line, so then each is read again alone."""


@dataclass(frozen=True, kw_only=True)
class GravityDescription:
    """What a field's file declares and holds, as the readers understand it.

    `degree` is the highest that the file holds whole; `tide` is None where it is not declared.
    `notes` are sentences about what is unusual.
    """

    path: str
    form: str
    gm_m3_s2: float
    radius_m: float
    degree: int
    normalisation: str
    tide: str | None
    c20: float
    notes: tuple[str, ...]


def read_gravity(path: Path | str, degree: int | None = None) -> GravityField:
    """A `GravityField` from a published file, whole or to `degree`; see `read_described`."""
    return read_described(path, degree)[0]


def describe_gravity(path: Path | str) -> GravityDescription:
    """How a field's file is read, all of it."""
    return read_described(path)[1]


def read_described(
    path: Path | str, degree: int | None = None
) -> tuple[GravityField, GravityDescription]:
    """A field from a published file, whole or to `degree`, and how it was read.

    The form is recognised by the content: PDS SHADR (radius and GM in km), columns `n m C S` under
    `#` comments that name `GM_km3_s2` and `R_km` or under GSFC's `GM R n m`, GMAT `.cof`, ICGEM
    `.gfc`.
    Coefficients must be 4-pi normalised. Absent terms of degree 0 and 1 are those of the point
    mass at the centre. Lines beyond `degree` are not looked at where the terms up to it are whole.

    Raises InputError, one sentence, where the file is none of these or not the Moon's, a row is
    unreadable, a term missing or given twice with two values, or the field ends before `degree`.
    """
    path = Path(path)
    with open_text(path, "a gravity field") as file:
        head, lines = read_head(path, file)
        rows = _rows(path, head, lines, degree)
    (cosine, sine), notes = _square(path, rows, degree)
    if len(cosine) > 2:
        notes += check_terms(str(path), cosine[2, 0])
    check_sizes(str(path), cosine, sine)
    check_orientation(str(path), cosine, sine)
    description = _described(path, head, cosine, notes, degree)
    fields = (head.gm_m3_s2, head.radius_m, cosine, sine)
    return GravityField(*(jnp.asarray(field, dtype=float) for field in fields)), description


def _described(
    path: Path,
    head: Head,
    cosine: Float[np.ndarray, "degrees orders"],
    notes: list[str],
    wanted: int | None,
) -> GravityDescription:
    degree = len(cosine) - 1
    if wanted is None and head.declared_degree not in (None, degree):
        notes = [
            *notes,
            f"the head declares degree {head.declared_degree}, the file holds {degree}",
        ]
    if head.tide and head.tide.lower().startswith(("zero", "mean")):
        notes = [
            *notes,
            f"C20 is declared {head.tide}: the permanent tide of some 4e-8 is in it, which is "
            "flown as it stands",
        ]
    if degree and np.any(np.abs(cosine[1]) > 0.0):
        notes = [*notes, "terms of degree 1 are not zero: the origin is not the centre of mass"]
    return GravityDescription(
        path=str(path),
        form=head.form,
        gm_m3_s2=head.gm_m3_s2,
        radius_m=head.radius_m,
        degree=degree,
        normalisation="4-pi, as declared" if head.is_declared_normalised else "4-pi, not declared",
        tide=head.tide,
        c20=float(cosine[2, 0]) if degree > 1 else 0.0,
        notes=tuple(notes),
    )


@dataclass(frozen=True)
class _Rows:
    """Line numbers, and degree, order, cosine, sine of each, (row, 4)."""

    lines: Int[np.ndarray, " row"]
    terms: Float[np.ndarray, "row 4"]


def _rows(path: Path, head: Head, lines: Iterator[tuple[int, str]], degree: int | None) -> _Rows:
    """The terms up to `degree`; the rest of the file only where one of them is missing."""
    terms = ((number, line) for number, line in lines if head.is_term(line))
    if degree is None:
        return _parsed(path, head, list(terms))
    wanted: list[tuple[int, str]] = []
    for number, line in terms:
        wanted.append((number, line))
        degree_here = whole_number(next(iter(head.columns(line)), None))
        if degree_here is not None and degree_here > degree:
            break
    found = _parsed(path, head, wanted)
    whole = np.unique(
        found.terms[(found.terms[:, 0] > 1) & (found.terms[:, 0] <= degree), :2], axis=0
    )
    if len(whole) == max((degree + 1) * (degree + 2) // 2 - 3, 0):
        return found
    return _parsed(path, head, wanted + list(terms))


def _parsed(path: Path, head: Head, rows: list[tuple[int, str]]) -> _Rows:
    _check_last(path, head, rows)
    numbers = np.array([number for number, _ in rows])
    terms = _at_once(head, rows) if len(rows) > MANY_ROWS else None
    if terms is None:
        read = [numbers_of(path, at, head.columns(row)[:4], "n m C S", 4) for at, row in rows]
        terms = np.array(read).reshape(-1, 4)
    ill = (terms[:, 1] < 0) | (terms[:, 1] > terms[:, 0]) | np.any(terms[:, :2] % 1, axis=1)
    ill |= terms[:, 0] > HIGHEST_DEGREE
    if np.any(ill):
        first = int(np.argmax(ill))
        raise InputError(
            f"{path}:{numbers[first]}: degree and order must be whole with 0 <= order <= degree "
            f"<= {HIGHEST_DEGREE}, but are {terms[first, 0]:g} and {terms[first, 1]:g}; correct "
            "the row."
        )
    return _Rows(numbers, terms)


def _at_once(head: Head, rows: list[tuple[int, str]]) -> Float[np.ndarray, "row 4"] | None:
    """(row, 4) numbers, or None where some row is not plain."""
    if head.first_column is None:
        return None
    columns = range(head.first_column, head.first_column + 4)
    lines = (line for _, line in rows)
    try:
        terms = np.loadtxt(lines, delimiter=head.delimiter, usecols=columns, ndmin=2)
    except ValueError:
        return None
    return terms if np.all(np.isfinite(terms)) else None


def _check_last(path: Path, head: Head, rows: list[tuple[int, str]]) -> None:
    """A file that was cut within its last row is not taken for whole."""
    if not rows:
        raise InputError(
            f"{path}: a gravity field must have rows of degree, order, C and S after its head, but "
            "has none; fetch the file again."
        )
    first, last = (head.columns(row) for _, row in (rows[0], rows[-1]))
    if len(last) < len(first):
        raise InputError(
            f"{path}:{rows[-1][0]}: the last row must have {len(first)} columns as the first has, "
            f"but has {len(last)}, as in a file that was cut off; fetch it again."
        )


def _square(
    path: Path, rows: _Rows, degree: int | None
) -> tuple[
    tuple[Float[np.ndarray, "degrees orders"], Float[np.ndarray, "degrees orders"]], list[str]
]:
    """Cosine and sine as (N+1, N+1), every term of degree two and up present, and notes."""
    terms = rows.terms
    held = int(terms[:, 0].max(initial=0))
    degree = held if degree is None else degree
    if not 0 <= degree <= held:
        raise InputError(
            f"{path}: the degree must lie between 0 and the file's {held}, but is {degree}; "
            "name a lower degree, or name a larger field."
        )
    keep = terms[:, 0] <= degree
    kept, lines = terms[keep], rows.lines[keep]
    index = tuple(kept[:, :2].astype(int).T)
    notes = _doubled(path, kept, lines)
    _check_whole(path, index, degree)
    cosine, sine = np.zeros((2, degree + 1, degree + 1))
    cosine[0, 0] = 1.0
    cosine[index], sine[index] = kept[:, 2], kept[:, 3]
    return (cosine, sine), notes


def _check_whole(path: Path, index: tuple[Int[np.ndarray, " term"], ...], degree: int) -> None:
    """Terms numbered degree by degree from n = 2, m = 0, which is 3, leave no number out."""
    n, m = index
    numbers = np.unique((n * (n + 1) // 2 + m)[n > 1])
    off = np.append(numbers != np.arange(3, len(numbers) + 3), True)
    first = int(np.argmax(off)) + 3
    if first < (degree + 1) * (degree + 2) // 2:
        row = int((np.sqrt(8 * first + 1) - 1) // 2)
        raise InputError(
            f"{path}: every term up to degree {degree} must be there, but n = {row}, "
            f"m = {first - row * (row + 1) // 2} is missing; fetch the whole file."
        )


def _doubled(
    path: Path, kept: Float[np.ndarray, "term 4"], lines: Int[np.ndarray, " term"]
) -> list[str]:
    """A note where terms stand twice with the same values; InputError where the values differ."""
    order = np.lexsort((lines, kept[:, 1], kept[:, 0]))
    rows, at = kept[order], lines[order]
    again = np.all(rows[1:, :2] == rows[:-1, :2], axis=1)
    differ = again & np.any(rows[1:, 2:] != rows[:-1, 2:], axis=1)
    if np.any(differ):
        first = int(np.argmax(differ))
        raise InputError(
            f"{path}:{at[first + 1]}: n = {rows[first, 0]:.0f}, m = {rows[first, 1]:.0f} must be "
            f"given once, but line {at[first]} gives it with other values; remove the wrong row."
        )
    count = int(np.sum(again))
    return [f"{count} {'term is' if count == 1 else 'terms are'} given twice, alike"] * (count > 0)
