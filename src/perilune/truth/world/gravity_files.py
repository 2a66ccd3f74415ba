"""Knows how published gravity fields are written: SHADR, columns, GMAT `.cof`, ICGEM `.gfc`."""

from itertools import pairwise
from pathlib import Path

import jax.numpy as jnp
import numpy as np

from perilune.errors import InputError
from perilune.mechanics.gravity import GravityField

KM_M = 1e3


def read_gravity(path, degree=None):
    """A `GravityField` from a published file, whole or to `degree`.

    By the ending: `.sha` and `.tab` (PDS SHADR with commas, or columns `n m C S` under `#` comments
    that name `GM_km3_s2` and `R_km`), `.cof` (GMAT), `.gfc` (ICGEM). Coefficients must be 4-pi
    normalised. Absent terms of degree 0 and 1 are those of the point mass at the centre.

    Raises InputError with file and line where a row is unreadable, a term missing, or the field
    ends before `degree`.
    """
    path = Path(path)
    reader = {".sha": _shadr, ".tab": _shadr, ".cof": _cof, ".gfc": _gfc}.get(path.suffix.lower())
    if reader is None:
        raise InputError(
            f"A gravity field must be a .sha, .tab, .cof or .gfc file, but is `{path}`; convert it."
        )
    try:
        lines = list(enumerate(path.read_text(encoding="utf-8", errors="replace").splitlines(), 1))
    except OSError as problem:
        raise InputError(
            f"The gravity field `{path}` must be a readable file, but: {problem.strerror}; "
            "correct the path."
        ) from problem
    gm_m3_s2, radius_m, terms = reader(path, lines)
    cosine, sine = _square(path, terms, degree)
    fields = (gm_m3_s2, radius_m, cosine, sine)
    return GravityField(*(jnp.asarray(field, dtype=float) for field in fields))


def _shadr(path, lines):
    comments = " ".join(text for _, text in lines if text.startswith("#")).split()
    rows = [(number, text) for number, text in lines if text.strip() and text[0] != "#"]
    if not rows or "," not in rows[0][1]:
        named = dict(pairwise(comments))
        size = _numbers(path, 1, (named.get("GM_km3_s2", "?"), named.get("R_km", "?")), "GM and R")
        return size[0] * KM_M**3, size[1] * KM_M, _terms(path, rows, str.split)
    number, text = rows[0]
    head = _numbers(path, number, text.split(",")[:6], "radius, GM, error, degree, order, 1")
    _check_normalised(path, number, len(head) == 6 and head[5] == 1.0)
    return head[1] * KM_M**3, head[0] * KM_M, _terms(path, rows[1:], lambda row: row.split(","))


def _cof(path, lines):
    heads = [(number, text) for number, text in lines if text.startswith("POTFIELD")]
    number, text = heads[0] if heads else (1, "")
    gm_m3_s2, radius_m, scale = _numbers(path, number, text[14:].split()[1:4], "POTFIELD GM R 1", 3)
    _check_normalised(path, number, scale == 1.0)
    rows = [(number, text) for number, text in lines if text.startswith("RECOEF")]
    return gm_m3_s2, radius_m, _terms(path, rows, _cof_columns)


def _cof_columns(text):
    return text[8:11], text[11:14], text[17:38], text[38:59].strip() or "0"


def _gfc(path, lines):
    words = [(number, text.split()) for number, text in lines if text.strip()]
    named = {row[0]: row[1] for _, row in words if len(row) > 1}
    norms = [(number, row[1]) for number, row in words if row[0] == "norm" and len(row) > 1]
    for number, norm in norms:
        _check_normalised(path, number, norm == "fully_normalized")
    constant = "gravity_constant"  # the Earth's fields write it `earth_gravity_constant`
    keys = (constant if constant in named else f"earth_{constant}", "radius")
    size = _numbers(path, 1, [named.get(key, "?") for key in keys], " and ".join(keys))
    rows = [(number, row) for number, row in words if row[0] == "gfc"]
    return size[0], size[1], _terms(path, rows, lambda row: row[1:])


def _terms(path, rows, columns):
    """Degree, order, cosine, sine of each row, shape (row, 4)."""
    read = [_numbers(path, number, columns(row)[:4], "n m C S", 4) for number, row in rows]
    terms = np.array(read).reshape(-1, 4)
    ill = (terms[:, 1] < 0) | (terms[:, 1] > terms[:, 0]) | np.any(terms[:, :2] % 1, axis=1)
    if np.any(ill):
        first = int(np.argmax(ill))
        raise InputError(
            f"{path}:{rows[first][0]}: degree and order must be whole with 0 <= order <= degree, "
            f"but are {terms[first, 0]:g} and {terms[first, 1]:g}; correct the row."
        )
    return terms


def _square(path, terms, degree):
    """Cosine and sine as (N+1, N+1), every term of degree two and up present."""
    held = int(terms[:, 0].max(initial=0))
    degree = held if degree is None else degree
    if not 0 <= degree <= held:
        raise InputError(
            f"{path}: a degree from 0 to the file's {held} must be asked for, but it is {degree}; "
            "ask for less or name a larger field."
        )
    kept = terms[terms[:, 0] <= degree]
    index = tuple(kept[:, :2].astype(int).T)
    cosine, sine, seen = np.zeros((3, degree + 1, degree + 1))
    cosine[0, 0] = 1.0
    cosine[index], sine[index], seen[index] = kept[:, 2], kept[:, 3], 1.0
    seen[:2] = 1.0
    missing = np.argwhere(np.tril(seen == 0.0))
    if len(missing):
        raise InputError(
            f"{path}: every term up to degree {degree} must be there, but n = {missing[0][0]}, "
            f"m = {missing[0][1]} is missing; fetch the whole file."
        )
    return cosine, sine


def _numbers(path, line, words, expected, count=2):
    try:
        numbers = [float(word.replace("D", "E").replace("d", "e")) for word in words]
    except ValueError:
        numbers = []
    if len(numbers) < count or not np.all(np.isfinite(numbers)):
        raise InputError(
            f"{path}:{line}: must give {expected}, but gives `{' '.join(words).strip()}`; "
            "correct the line or fetch the file again."
        )
    return numbers


def _check_normalised(path, line, normalised):
    if not normalised:
        raise InputError(
            f"{path}:{line}: coefficients must be declared fully (4-pi) normalised, but are not; "
            "normalise them, or use the published file."
        )
