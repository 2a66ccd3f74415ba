"""The parts of a page as data: text, paragraphs, tables, folded parts; templates make the HTML."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import ClassVar, TypeAlias

from perilune.report.drawing.vector_drawing import Drawing
from perilune.report.figures.figure import Figure


@dataclass(frozen=True)
class Text:
    """Text with a look: strong, em, small, code, met (green) or not (red); break is a new line."""

    kind: ClassVar[str] = "text"
    text: str
    look: str


@dataclass(frozen=True)
class Meter:
    """A bar that is full at a `share` of 1, green where `met`."""

    kind: ClassVar[str] = "meter"
    share: float
    met: bool


@dataclass(frozen=True)
class Folded:
    """Parts behind a line that opens them; within a cell, the parts are text."""

    kind: ClassVar[str] = "folded"
    summary: str
    parts: Sequence["Part | Inline"]


Inline: TypeAlias = "str | Text | Meter | Folded | Sequence[Inline]"
"""What a cell or a paragraph holds; text is escaped when the page is made."""


@dataclass(frozen=True)
class Paragraph:
    """One paragraph."""

    kind: ClassVar[str] = "paragraph"
    text: Inline


@dataclass(frozen=True)
class Heading:
    """A heading inside a section."""

    kind: ClassVar[str] = "heading"
    text: str


@dataclass(frozen=True)
class Table:
    """A table that scrolls by itself where it is too wide; `look` names its style."""

    kind: ClassVar[str] = "table"
    heads: Sequence[Inline]
    rows: Sequence[Sequence[Inline]]
    look: str = ""


Part: TypeAlias = Paragraph | Heading | Table | Folded | Figure | Drawing | str | Text | Meter


@dataclass(frozen=True)
class Section:
    """A section of a page: its name in links, its title and its parts in order."""

    key: str
    title: str
    parts: Sequence[Part]


BREAK = Text("", "break")


def strong(text: str) -> Text:
    """Text that stands out."""
    return Text(text, "strong")


def small(text: str) -> Text:
    """Text of less weight."""
    return Text(text, "small")


def code(text: object) -> Text:
    """What is typed, or the path of a file."""
    return Text(str(text), "code")


def lines(texts: Iterable[Inline]) -> list[Inline]:
    """Each on a line of its own."""
    apart: list[Inline] = []
    for text in texts:
        apart += [BREAK, text] if apart else [text]
    return apart
