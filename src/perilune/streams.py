"""Standard output and error of the command line: any encoding, closed, full, or read no longer."""

import codecs
import io
import os
import sys
import unicodedata
from typing import Any

POLICY = "perilune-plain"
PLAIN = {
    "\N{NO-BREAK SPACE}": " ",
    "\N{EN DASH}": "-",
    "\N{EM DASH}": "-",
    "\N{MINUS SIGN}": "-",
    "\N{HORIZONTAL ELLIPSIS}": "...",
    "\N{RIGHT SINGLE QUOTATION MARK}": "'",
    "\N{LEFT SINGLE QUOTATION MARK}": "'",
    "\N{RIGHT DOUBLE QUOTATION MARK}": '"',
    "\N{LEFT DOUBLE QUOTATION MARK}": '"',
    "\N{MULTIPLICATION SIGN}": "x",
    "\N{MIDDLE DOT}": ".",
    "\N{DEGREE SIGN}": " deg",
    "\N{PLUS-MINUS SIGN}": "+-",
    "\N{GREATER-THAN OR EQUAL TO}": ">=",
    "\N{LESS-THAN OR EQUAL TO}": "<=",
    "\N{GREEK SMALL LETTER SIGMA}": "sigma",
    "\N{RIGHTWARDS ARROW}": "->",
    "\N{BOX DRAWINGS LIGHT HORIZONTAL}": "-",
    "\N{BOX DRAWINGS HEAVY HORIZONTAL}": "-",
    "\N{LATIN SMALL LETTER SHARP S}": "ss",
}
"""How a sign is written where the stream's encoding lacks it; letters lose their accents."""


class StreamError(Exception):
    """Standard output took no more; its text says why, `is_broken` that the reader went away."""

    def __init__(self, error: OSError) -> None:
        """From the system's error."""
        super().__init__(error.strerror or str(error))
        self.is_broken = isinstance(error, BrokenPipeError)


class _Output(io.FileIO):
    """Standard output: what it cannot take is an error of its own, mistaken for no other."""

    def write(self, data: Any) -> int:
        try:
            return super().write(data)
        except OSError as error:
            raise StreamError(error) from error


class _Progress(io.FileIO):
    """Standard error: what it cannot take is lost, and the work goes on."""

    def write(self, data: Any) -> int:
        try:
            return super().write(data)
        except OSError:
            return len(data)


def prepare() -> None:
    """Set up standard output and error for whatever they are connected to.

    One that is closed takes everything and keeps nothing, and its number is taken, so that no
    file opened later is written to by accident.
    """
    prepare_encodings()
    for number in (0, 1, 2):
        _occupy(number)
    sys.stdout = _text(_Output(1, "w", closefd=False), sys.stdout, False)
    sys.stderr = _text(_Progress(2, "w", closefd=False), sys.stderr, True)


def prepare_encodings() -> None:
    """Make known how a letter is written that an encoding lacks: the error handler `POLICY`."""
    codecs.register_error(POLICY, _plain)


def give_up() -> None:
    """Leave what standard output has not taken, and write nothing more to it."""
    sys.stdout = open(os.devnull, "w", encoding="utf-8")  # noqa: PTH123, SIM115, open to the end


def takes_unicode(stream: object) -> bool:
    """Whether a stream writes UTF-8, or another encoding of all of Unicode."""
    encoding = (getattr(stream, "encoding", None) or "utf-8").lower().replace("_", "-")
    return encoding.startswith("utf")


def write_json(text: str) -> None:
    """A JSON document on standard output; in ASCII alone where that is not UTF-8."""
    sys.stdout.write(text if takes_unicode(sys.stdout) else _escaped(text, "utf-16-be", 4))


def write_toml(text: str) -> None:
    """A TOML document on standard output; in ASCII alone where that is not UTF-8."""
    sys.stdout.write(text if takes_unicode(sys.stdout) else _escaped(text, "utf-32-be", 8))


def _escaped(text: str, units: str, size: int) -> str:
    r"""Other letters than ASCII as `\u2019`, which both formats read back.

    Above U+FFFF, JSON takes two such of UTF-16, TOML one of eight digits.
    """
    return "".join(
        letter if letter.isascii() else _escape(letter.encode(units, "replace").hex(), size)
        for letter in text
    )


def _escape(digits: str, size: int) -> str:
    if size == 8 and digits.startswith("0000"):
        return f"\\u{digits[4:]}"
    if size == 8:
        return f"\\U{digits}"
    return "".join(f"\\u{digits[at : at + 4]}" for at in range(0, len(digits), 4))


def _occupy(number: int) -> None:
    try:
        os.fstat(number)
    except OSError:
        handle = os.open(os.devnull, os.O_RDWR)
        if handle != number:
            os.dup2(handle, number)
            os.close(handle)


def _text(raw: io.RawIOBase, before: object, at_once: bool) -> io.TextIOWrapper:
    return io.TextIOWrapper(
        io.BufferedWriter(raw),
        encoding=getattr(before, "encoding", None) or "utf-8",
        errors=POLICY,
        line_buffering=at_once or raw.isatty(),
        write_through=at_once,
    )


def _plain(error: UnicodeError) -> tuple[str, int]:
    """What stands for letters that an encoding lacks (an error handler of `codecs`)."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    found = error.object[error.start : error.end]
    return "".join(map(_plain_letter, found)), error.end


def _plain_letter(letter: str) -> str:
    if letter in PLAIN:
        return PLAIN[letter]
    bare = unicodedata.normalize("NFKD", letter).encode("ascii", "ignore").decode()
    return bare or "?"
