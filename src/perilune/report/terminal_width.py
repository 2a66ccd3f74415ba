"""Tables on a terminal of any width: a row too wide for it becomes a line for each of its cells."""

import os
from typing import Any

from rich.console import Console, Group, RenderableType
from rich.measure import Measurement
from rich.table import Table
from rich.text import Text

UNBOUNDED = 10_000


def print_fitted(console: Console, shown: RenderableType, named: bool = False) -> None:
    """Print a table whole: no digit is cut, whatever the width; other things as they are.

    `named` where the first cell of a row does not say by itself what it is.
    """
    if not isinstance(shown, Table):
        console.print(shown)
        return
    wanted = Measurement.get(console, console.options.update(width=UNBOUNDED), shown).maximum
    if not (console.is_terminal or "COLUMNS" in os.environ):
        before, console.width = console.width, max(wanted, console.width)
        console.print(shown)
        console.width = before
    else:
        console.print(shown if wanted <= console.width else _stacked(shown, named))


def _stacked(table: Table, named: bool) -> Group:
    """Each row as lines: its first cell, then below it every other behind its column's name."""
    heads = [Text(str(column.header), style="dim") for column in table.columns]
    lines = []
    for row in zip(*(column.cells for column in table.columns), strict=True):
        lines.append(_behind(heads[0], row[0]) if named else _cell(row[0]))
        lines += [
            Text("  ").append_text(_behind(head, cell))
            for head, cell in zip(heads[1:], row[1:], strict=True)
        ]
    return Group(*(lines or heads))


def _behind(head: Text, cell: Any) -> Text:
    return Text().append_text(head).append(" " if head.plain else "").append_text(_cell(cell))


def _cell(cell: Any) -> Text:
    return cell if isinstance(cell, Text) else Text(str(cell))
