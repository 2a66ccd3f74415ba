"""How gravity fields are written: SHADR, GSFC and commented columns, GMAT `.cof`, ICGEM `.gfc`."""

import math
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from pathlib import Path
from typing import TextIO, TypedDict

from perilune.data.gravity.lunar_bounds import check_lunar, is_lunar
from perilune.errors import InputError

KM_M = 1e3
OPENING_CHARACTERS = 65_536
_TIDE = re.compile(r"tide[\s_-]?free|zero[\s_-]?tide|mean[\s_-]?tide", re.IGNORECASE)

Lines = Iterator[tuple[int, str]]


@dataclass(frozen=True, kw_only=True)
class Head:
    """What a file declares before its terms, and how a line holds a term."""

    form: str
    gm_m3_s2: float
    radius_m: float
    declared_degree: int | None = None
    is_declared_normalised: bool = False
    tide: str | None = None
    columns: Callable[[str], list[str]] = str.split
    delimiter: str | None = None  # between columns; None is blanks
    first_column: int | None = 0  # where the degree is; None where columns are cut by their place
    is_term: Callable[[str], bool] = field(default=lambda line: bool(line.strip()))


class _Constants(TypedDict):
    gm_m3_s2: float
    radius_m: float


def read_head(path: Path, file: TextIO) -> tuple[Head, Lines]:
    """The head of a field's file, and its lines from the first term on, numbered from 1.

    The form is recognised by the text, not by the file's ending. Raises InputError where the text
    has none of the forms, or where its GM and radius are not the Moon's.
    """
    opening = file.read(OPENING_CHARACTERS)
    file.seek(0)
    lines = enumerate(file, 1)
    if re.search(r"^[ \t]*(begin_of_head|end_of_head|gfc\s)", opening, re.MULTILINE):
        return _gfc(path, lines), lines
    if re.search(r"^(POTFIELD|RECOEF)", opening, re.MULTILINE):
        return _cof(path, lines), lines
    return _columns(path, lines)


def _columns(path: Path, lines: Lines) -> tuple[Head, Lines]:
    """SHADR with its first row, or columns under `#` comments, or under GSFC's `GM R n m`."""
    comments = []
    first = (1, "")
    for each in lines:
        if each[1].startswith("#"):
            comments.append(each[1])
        elif each[1].strip():
            first = each
            break
    number, line = first
    words = _words(line)
    delimiter = "," if "," in line else None
    if comments:
        head = _commented(path, " ".join(comments))
        return replace(head, delimiter=delimiter), _again(number, line, lines)
    _check_is_head(path, number, words)
    return (_shadr if len(words) >= 6 else _gsfc)(path, number, words, delimiter), lines


def _check_is_head(path: Path, number: int, words: list[str]) -> None:
    """Columns without any head have no GM."""
    try:
        degree, order, cosine = (float(word) for word in words[:3])
    except ValueError:
        return
    if 0 <= order <= degree and not (degree % 1 or order % 1) and abs(cosine) <= 1.0:
        raise InputError(
            f"{path}:{number}: GM and radius must stand before the terms, but the file begins with "
            f"the term n = {degree:.0f}, m = {order:.0f}; add a first row such as "
            "`4.9028e12 1738000 8 8`."
        )


def _again(number: int, line: str, lines: Lines) -> Lines:
    yield number, line
    yield from lines


def _commented(path: Path, comments: str) -> Head:
    named = dict(pairwise(comments.split()))
    given = {
        "km": [named.get("GM_km3_s2"), named.get("R_km")],
        "m": [named.get("GM_m3_s2"), named.get("R_m")],
    }
    unit = next((unit for unit, pair in given.items() if None not in pair), None)
    if unit is None:
        raise InputError(
            f"{path}:1: must give GM and R in comments such as `# GM_km3_s2 4902.8 R_km 1738.0`, "
            "but does not; add them."
        )
    constants = numbers_of(path, 1, given[unit], "GM and R")
    tide = _TIDE.search(comments)
    return Head(
        form=f"columns n m C S under # comments, in {unit}",
        **_lunar(f"{path}:1", constants, unit),
        declared_degree=whole_number(named.get("nmax")),
        tide=tide and tide[0],
        columns=_words,
    )


def _shadr(path: Path, number: int, words: list[str], delimiter: str | None) -> Head:
    """SHADR's first row: radius, GM, error of GM, degree, order, normalisation, and two angles."""
    expected = "radius km, GM km3/s2, error, degree, order, normalisation"
    radius, gm, _, degree, _, state = numbers_of(path, number, words[:6], expected, 6)
    if state != 1.0:
        refuse_not_normalised(f"{path}:{number}", f"state {state:g}, where 1 is normalised")
    return Head(
        form=f"PDS SHADR, {'commas' if delimiter else 'blanks'} between columns, in km",
        delimiter=delimiter,
        **_lunar(f"{path}:{number}", (gm, radius), "km"),
        declared_degree=int(degree),
        is_declared_normalised=True,
        columns=_words,
    )


def _gsfc(path: Path, number: int, words: list[str], delimiter: str | None) -> Head:
    """GSFC's first row: GM, radius, degree, order; in m or in km, whichever makes it the Moon."""
    expected = "PDS SHADR's first row, GSFC's `GM R n m`, or `#` comments with GM_km3_s2 and R_km"
    if len(words) < 4:
        raise InputError(
            f"{path}:{number}: a gravity field must begin with {expected}, or be a GMAT .cof or an "
            f"ICGEM .gfc, but begins with `{' '.join(words)[:60]}`; name a file in one of these "
            "forms."
        )
    gm, radius, degree, _ = numbers_of(path, number, words[:4], expected, 4)
    unit = "km" if is_lunar(gm * KM_M**3, radius * KM_M) else "m"
    return Head(
        form=f"GSFC columns n m C S under GM R n m, in {unit}",
        delimiter=delimiter,
        **_lunar(f"{path}:{number}", (gm, radius), unit),
        declared_degree=int(degree),
        columns=_words,
    )


def _cof(path: Path, lines: Lines) -> Head:
    for number, line in lines:
        if line.startswith("RECOEF"):
            break
        if line.startswith("POTFIELD"):
            gm, radius, scale = numbers_of(
                path, number, line[14:].split()[1:4], "POTFIELD GM R 1", 3
            )
            if scale != 1.0:
                refuse_not_normalised(f"{path}:{number}", f"scale {scale:g}, where 1 is normalised")
            return Head(
                form="GMAT .cof, in m",
                **_lunar(f"{path}:{number}", (gm, radius), "m"),
                declared_degree=whole_number(line[8:11]),
                is_declared_normalised=True,
                columns=_cof_columns,
                first_column=None,
                is_term=lambda line: line.startswith("RECOEF"),
            )
    raise InputError(
        f"{path}:1: must give POTFIELD GM R 1 before the first RECOEF, but does not; fetch the "
        "file again."
    )


def _cof_columns(line: str) -> list[str]:
    return [line[8:11], line[11:14], line[17:38], line[38:59].strip() or "0"]


def _gfc(path: Path, lines: Lines) -> Head:
    """ICGEM's head; what stands before `begin_of_head` is prose, where that line is there."""
    named: dict[str, tuple[int, str]] = {}
    for number, line in lines:
        words = line.split()
        if not words:
            continue
        if words[0].startswith("begin_of_head"):
            named = {}
        if words[0].startswith("end_of_head"):
            break
        named[words[0]] = (number, words[1] if len(words) > 1 else "")
    else:
        raise InputError(
            f"{path}: an ICGEM field must have `end_of_head` before its terms, but has not; fetch "
            "the file again."
        )
    return _gfc_head(path, named)


def _gfc_head(path: Path, named: dict[str, tuple[int, str]]) -> Head:
    word = {key: value for key, (_, value) in named.items()}
    kind = word.get("product_type", "gravity_field")
    if kind != "gravity_field":
        raise InputError(f"{path}: `product_type` must be gravity_field, but is {kind}; name one.")
    norm = word.get("norm", "fully_normalized")
    if norm != "fully_normalized":
        refuse_not_normalised(f"{path}:{named['norm'][0]}", f"`{norm}`")
    constant = "gravity_constant"  # the Earth's fields write it `earth_gravity_constant`
    keys = (constant if constant in word else f"earth_{constant}", "radius")
    constants = numbers_of(path, 1, [word.get(key, "?") for key in keys], " and ".join(keys))
    return Head(
        form="ICGEM .gfc, in m",
        **_lunar(f"{path}:{named[keys[0]][0]}", constants, "m"),
        declared_degree=whole_number(word.get("max_degree")),
        is_declared_normalised="norm" in word,
        tide=word.get("tide_system"),
        columns=lambda line: _words(line)[1:],
        first_column=1,
        is_term=_is_gfc_term(path),
    )


def _is_gfc_term(path: Path) -> Callable[[str], bool]:
    def is_term(line: str) -> bool:
        word = line.split(None, 1)[0] if line.strip() else ""
        if word in ("gfct", "trnd", "dot", "asin", "acos"):
            raise InputError(
                f"{path}: terms must not change with time, but one is `{word}`; name a static "
                "field."
            )
        return word == "gfc"

    return is_term


def _lunar(place: str, constants: Sequence[float], unit: str) -> _Constants:
    """GM and radius in SI, by the names of `Head`, once they are seen to be the Moon's."""
    gm, radius = constants[:2]
    scale = KM_M if unit == "km" else 1.0
    check_lunar(place, gm * scale**3, radius * scale, unit)
    return {"gm_m3_s2": gm * scale**3, "radius_m": radius * scale}


def refuse_not_normalised(place: str, what: str) -> None:
    """Raise InputError: only 4-pi normalised coefficients are read."""
    raise InputError(
        f"{place}: coefficients must be declared fully (4-pi) normalised, but are declared {what}; "
        "normalise them, or use the published file."
    )


def numbers_of(
    path: Path, line: int, words: Sequence[str | None], expected: str, count: int = 2
) -> list[float]:
    """Words as finite numbers, Fortran's D exponents too; InputError with the line otherwise."""
    try:
        numbers = [float(str(word).replace("D", "E").replace("d", "e")) for word in words]
    except ValueError:
        numbers = []
    if len(numbers) < count or not all(map(math.isfinite, numbers)):
        shown = " ".join(" ".join(str(word) for word in words).split())[:80]
        raise InputError(
            f"{path}:{line}: must give {expected}, but gives `{shown}`; "
            "correct the line or fetch the file again."
        )
    return numbers


def _words(line: str) -> list[str]:
    return line.replace(",", " ").split()


def whole_number(word: str | None) -> int | None:
    """A word as a whole number that is not negative; None where it is none."""
    if word is None or not re.fullmatch(r"\s*[0-9]{1,9}\s*", word):
        return None
    return int(word)
