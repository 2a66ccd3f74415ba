"""What a PDS3 label declares, as text and numbers: comments, units, radixes and N/A understood."""

import re
from pathlib import Path

import numpy as np

from perilune.errors import InputError

LONGEST_BYTES = 4_000_000
STATEMENT = re.compile(
    r"""^[ \t]*(\^?[\w:]+)[ \t]*=[ \t\r\n]*
        ("[^"]*"|'[^']*'|\([^)]*\)|\{[^}]*\}|[^\s<]+)
        [ \t]*(<[^>\r\n]*>)?
        |^[ \t]*(?P<end>END)[ \t\r]*$""",
    re.MULTILINE | re.VERBOSE | re.IGNORECASE,
)
NOTHING = {"N/A", "NA", "NULL", "UNK", "UNKNOWN", "NONE", ""}


def read_label(path: Path) -> dict[str, tuple[str, str]]:
    """Value and unit of each key, both without quotes and brackets; read up to END.

    Keys are upper case. One in an object is also under `OBJECT.KEY`; of several the first counts.
    """
    with path.open("rb") as file:
        text = file.read(LONGEST_BYTES).decode("latin-1")
    text = re.sub(r"/\*.*?\*/", " ", text, flags=re.DOTALL)
    label: dict[str, tuple[str, str]] = {}
    inside: list[str] = []
    for statement in STATEMENT.finditer(text):
        if statement["end"]:
            break
        keyword, given, unit = (each or "" for each in statement.groups()[:3])
        key, value = keyword.upper(), " ".join(given.strip("\"'").split())
        if key in ("OBJECT", "GROUP"):
            inside.append(value.upper())
        elif key in ("END_OBJECT", "END_GROUP"):
            inside = inside[:-1]
        else:
            for name in (key, *(f"{each}.{key}" for each in inside[-1:])):
                label.setdefault(name, (value, unit.strip("<>").strip().lower()))
    return label


class LabelKeys:
    """The keys of a label, read one at a time; a missing one is an `InputError` that names it."""

    def __init__(self, label: dict[str, tuple[str, str]], path: Path, inside: str) -> None:
        self.label, self.path, self.inside = label, path, inside

    def has(self, key: str) -> bool:
        """Whether the label gives a key a value other than N/A."""
        return self._said(key)[0].upper() not in NOTHING

    def text(self, key: str) -> str:
        """The value of a key as text."""
        if not self.has(key):
            raise InputError(
                f"{self.path}: the label must declare {key}, but does not; take the label that was "
                "published with the image."
            )
        return self._said(key)[0]

    def unit(self, key: str) -> str:
        """The unit that stands behind a value, in lower case; empty where none does."""
        return self._said(key)[1]

    def number(self, key: str, default: float | None = None) -> float:
        """The value of a key as a number."""
        if default is not None and not self.has(key):
            return default
        text = self.text(key)
        try:
            number = float(text)
        except ValueError:
            number = np.nan
        if not np.isfinite(number):
            raise InputError(
                f"{self.path}: {key} must be a number, but is `{text}`; take the label that was "
                "published with the image."
            )
        return number

    def above_zero(self, key: str) -> float:
        """The value of a key as a number above zero."""
        number = self.number(key)
        if number <= 0.0:
            raise InputError(
                f"{self.path}: {key} must be above 0, but is {number:g}; take the label that was "
                "published with the image."
            )
        return number

    def whole(self, key: str, default: float | None = None, least: int = 1) -> int:
        """The value of a key as a whole number, `least` or more."""
        number = self.number(key, default)
        if number != int(number) or number < least:
            raise InputError(
                f"{self.path}: {key} must be a whole number of {least} or more, but is "
                f"{number:g}; take the label that was published with the image."
            )
        return int(number)

    def constants(self, keys: tuple[str, ...], kind: np.dtype) -> tuple[float, ...]:
        """The numbers of several keys, `16#FF7FFFFB#` taken as the bits of a stored value."""
        found = [constant(part, kind) for key in keys for part in self._parts(key)]
        return tuple(each for each in found if each is not None)

    def _parts(self, key: str) -> list[str]:
        return re.findall(r"[^\s,(){}]+", self._said(key)[0]) if self.has(key) else []

    def _said(self, key: str) -> tuple[str, str]:
        return self.label.get(f"{self.inside}.{key}") or self.label.get(key) or ("", "")


def constant(text: str, kind: np.dtype) -> float | None:
    """A special value of a stored type: a number, or its bits in another radix; None if neither."""
    text = text.strip("\"'")
    bits = re.fullmatch(r"(\d+)#([+-]?[0-9A-Fa-f]+)#", text)
    if bits is None and text.lower().startswith("0x"):
        bits = re.fullmatch(r"(0)x([0-9A-Fa-f]+)", text.lower())
    try:
        if bits is None:
            return float(text)
        number = int(bits[2], int(bits[1]) or 16)
        if number < 0:
            return float(number)
        raw = number.to_bytes(kind.itemsize, "big")
        return float(np.frombuffer(raw, kind.newbyteorder(">"))[0])
    except (ValueError, OverflowError):
        return None
