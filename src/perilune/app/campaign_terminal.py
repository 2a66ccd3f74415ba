"""Results of a campaign on a terminal: the decision, failures, drivers, consistency."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, TypeAlias

from rich.console import Console
from rich.table import Table
from rich.text import Text

from perilune.campaign.run import row_store
from perilune.campaign.statistics.scope import OF_WHAT
from perilune.report.band_words import band_sentence
from perilune.report.campaign_words import (
    HEADLINES,
    TONES,
    criterion_note,
    criterion_words,
    decision_of,
    decision_sentence,
    interval_words,
    outcome_words,
    plain_characters,
    share_of,
)
from perilune.report.figures.nees import consistency_words
from perilune.report.pages.pairwise_table import pair_lines, pairs_sentence
from perilune.report.terminal_width import print_fitted
from perilune.streams import write_json

COLOURS = {"clean": "green", "unclean": "red"}
MOST_DRIVERS = 5
SHOWN_DIGITS = 16
"""Of a hash, on a terminal."""

Document: TypeAlias = Mapping[str, Any]
Lines: TypeAlias = Callable[[Console], None]
"""Prints a document on a console."""


def show_document(document: Document, folder: str, as_json: bool, lines: Lines) -> None:
    """A document on standard output, as its file has it, or what `lines(console)` prints of it."""
    if as_json:
        write_json(row_store.text_of(document))
        return
    console = Console(highlight=False)
    lines(console)
    print_plain(console, f"{folder}/{row_store.PAGE_FILE}")


def print_plain(console: Console, words: str, style: str | None = None) -> None:
    """A line as it is: no markup, never broken."""
    console.print(Text(words, style=style or ""), soft_wrap=True)


def campaign_lines(document: Document, folder: str) -> Lines:
    """A function that prints a campaign's conclusions on a console."""
    verdict = decision_of(document)["verdict"]
    style = f"bold {COLOURS.get(TONES.get(verdict, ''), 'default')}"

    def lines(console: Console) -> None:
        print_fitted(console, _counts(document))
        drivers = [each for each in document["drivers"] if each["significant"]]
        for each in drivers[:MOST_DRIVERS]:
            print_plain(console, f"driver: {each['path']}, {each['words']}")
        for group in document["failure_groups"]:
            runs = ", ".join(map(str, group["telling_runs"]))
            print_plain(console, f"failures: {group['count']} {group['words']}; runs {runs}")
        if document["failure_groups"]:
            first = document["failure_groups"][0]["telling_runs"][0]
            print_plain(console, f"see one: perilune replay {folder} {first}")
        if words := consistency_words(document.get("consistency") or ()):
            print_plain(console, plain_characters(f"navigation: {words}"))
        print_plain(console, hash_line(document))
        head = f"{HEADLINES[verdict]}. " if verdict != "none" else ""
        words = head + decision_sentence(document)
        print_plain(console, plain_characters(words), style)
        print_plain(console, plain_characters(band_sentence(document)))

    return lines


def hash_line(document: Document) -> str:
    """The beginnings of the hashes by which a campaign flown elsewhere is compared with this."""
    rows, plan = (document[f"{what}_sha256"][:SHOWN_DIGITS] for what in ("rows", "plan"))
    return f"SHA-256 of the rows {rows}, of the plan {plan}"


def sweep_lines(document: Document) -> Lines:
    """A function that prints a sweep's points on a console."""

    def lines(console: Console) -> None:
        table = Table(box=None, pad_edge=False, header_style="dim")
        for vary in document["vary"]:
            table.add_column(vary["path"], overflow="fold")
        for name in ("clean", "interval", "decision"):
            table.add_column(name, justify="right")
        for point in document["points"]:
            table.add_row(*map(str, point["values"].values()), *_point_cells(point))
        print_fitted(console, table)
        for sentence in sweep_sentences(document):
            print_plain(console, plain_characters(sentence))

    return lines


def _point_cells(point: Mapping[str, Any]) -> tuple[str, str, str]:
    """How many were clean, the interval and the decision; or that it cannot be flown."""
    if point["problem"]:
        return "cannot be flown", "", ""
    clean = f"{point['clean']:,} of {point['runs']:,}"
    return clean, interval_words(point["interval"]), point["decision"]["verdict"]


def sweep_sentences(document: Document) -> Iterator[str]:
    """Why points cannot be flown, of what the intervals are, and how points differ in pairs."""
    names = [", ".join(map(str, point["values"].values())) for point in document["points"]]
    for name, point in zip(names, document["points"], strict=True):
        if point["problem"]:
            yield f"{name} cannot be flown: {point['problem']}"
    sure = f"{100.0 * document['confidence']:g} %"
    yield f"Each interval is of P(clean), {OF_WHAT}, at {sure} confidence for that point alone."
    if document["pairs"]:
        yield pairs_sentence(document, names)
        yield from pair_lines(document, names)
    yield from document["notes"]


def _counts(document: Mapping[str, Any]) -> Table:
    """How flights ended, and which criteria were missed how often."""
    table = Table(box=None, pad_edge=False, header_style="dim")
    table.add_column("Flights")
    table.add_column("", justify="right")
    runs = document["runs"]
    table.add_row("clean", share_of(document["clean"], runs))
    for name, count in document["outcomes"].items():
        table.add_row(f"ended: {outcome_words(name)}", share_of(count, runs))
    for name, count in document["violations"].items():
        if count:
            note = criterion_note(name)
            beside = f" ({note})" if note else ""
            table.add_row(
                f"not met: {criterion_words(name).lower()}{beside}", share_of(count, runs)
            )
    return table
