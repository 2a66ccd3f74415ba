"""A budget of errors on a terminal: claimed and true at each moment, sources at the last."""

from collections.abc import Mapping
from typing import Any

from rich.console import Console
from rich.table import Table

from perilune.app.campaign_terminal import Lines, print_plain
from perilune.report.campaign_words import plain_characters
from perilune.report.covariance_words import (
    axis_words,
    figure_words,
    last_moment,
    point_words,
)
from perilune.report.terminal_width import print_fitted

SHOWN = (
    *("position_along_m", "position_cross_m", "position_up_m"),
    *("velocity_along_m_s", "velocity_cross_m_s", "velocity_up_m_s"),
    "height_m",
)
LEAST_SHARE = 0.01
"""Of a variance: sources that make less of every error shown are not listed here."""


def covariance_lines(document: Mapping[str, Any]) -> Lines:
    """A function that prints an analysis on a console."""

    def lines(console: Console) -> None:
        print_plain(console, "One sigma: true by linear analysis / as the filter has it")
        print_fitted(console, _moments(document))
        moment = last_moment(document)
        print_plain(console, f"By source, {point_words(moment['point'])}")
        print_fitted(console, _sources(document, moment))

    return lines


def _table(first: str) -> Table:
    table = Table(box=None, pad_edge=False, header_style="dim")
    for name in (first, *map(axis_words, SHOWN)):
        table.add_column(plain_characters(name))
    return table


def _moments(document: Mapping[str, Any]) -> Table:
    table = _table("")
    for moment in document["moments"]:
        cells = [
            f"{figure_words(axis, moment['true'][axis])} / "
            f"{figure_words(axis, moment['claimed'][axis])}"
            for axis in SHOWN
        ]
        table.add_row(point_words(moment["point"]), *map(plain_characters, cells))
        if moment["flown"] is not None:
            flown = [figure_words(axis, moment["flown"][axis]) for axis in SHOWN]
            table.add_row(f"  rms of {moment['flights']:,} flights", *flown)
    return table


def _sources(document: Mapping[str, Any], moment: Mapping[str, Any]) -> Table:
    table, true = _table("source"), moment["true"]
    for name in document["sources"]:
        of = moment["by_source"][name]
        if any(of[axis] ** 2 > LEAST_SHARE * true[axis] ** 2 for axis in SHOWN):
            table.add_row(name, *(figure_words(axis, of[axis]) for axis in SHOWN))
    table.add_row("all", *(figure_words(axis, true[axis]) for axis in SHOWN))
    return table
