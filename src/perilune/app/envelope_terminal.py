"""An envelope on a terminal: a row a factor, then what was left out."""

from collections.abc import Mapping
from typing import Any

from rich.console import Console
from rich.table import Table

from perilune.app.campaign_terminal import Lines, print_plain
from perilune.campaign.statistics.scope import OF_WHAT
from perilune.report.campaign_words import plain_characters
from perilune.report.envelope_words import (
    HALF,
    HELD,
    TOLD,
    UNTOLD,
    between_words,
    cause_words,
    first_failure,
    holds_words,
    shown_words,
    value_words,
)
from perilune.report.terminal_width import print_fitted


def envelope_lines(document: Mapping[str, Any]) -> Lines:
    """A function that prints an envelope on a console."""

    def lines(console: Console) -> None:
        table = Table(box=None, pad_edge=False, header_style="dim")
        for name in ("factor", "software", "as it is", "holds at 0.99 to", "0.5 at"):
            table.add_column(name)
        table.add_column(f"0.5 at {100.0 * document['confidence']:g} %")
        table.add_column("fails first")
        for factor in document["factors"]:
            table.add_row(*map(plain_characters, row_of(factor)))
        print_fitted(console, table)
        for each in document["left_out"]:
            print_plain(console, f"left out: {each['title']}, as {each['why']}")
        print_plain(
            console,
            f"P(clean), {OF_WHAT}, of {document['runs']:,} runs at each value, the same at all.",
        )

    return lines


def row_of(factor: Mapping[str, Any]) -> tuple[str, ...]:
    """The cells of a factor."""
    return (
        factor["title"],
        TOLD if factor["told"] else UNTOLD,
        value_words(factor, factor["start"]),
        holds_words(factor, HELD),
        between_words(factor, HALF),
        shown_words(factor, HALF),
        cause_words(first_failure(factor)),
    )
