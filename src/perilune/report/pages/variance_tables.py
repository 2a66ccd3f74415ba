"""What share of each figure's variance goes with an input, and which pairs matter together."""

from collections.abc import Iterable, Mapping

from perilune.report.campaign_data import Flights
from perilune.report.campaign_words import number, p_words, percent
from perilune.report.figures.labels import TOGETHER, figure_words, marked, with_axis
from perilune.report.pages.content import Heading, Inline, Paragraph, Part, Table, Text, small
from perilune.report.unit_labels import NOTHING, spelled_out, unit_of


def indices_table(flights: Flights) -> list[Part]:
    """Shares of each figure's variance that go with each input, the largest first."""
    every = [share for each in flights.document.get("indices") or () for share in each["shares"]]
    rows = [row for each in flights.document.get("indices") or () for row in _shares(each)]
    if not rows:
        return []
    note = (
        "First-order Sobol index of each input, estimated from these flights, with its interval. "
        "The rest is interaction of inputs and noise drawn during the flight."
    )
    return [
        Heading("Shares of variance"),
        Paragraph(note),
        Table(("Figure", "Input", "Share", "Interval", "p adjusted"), rows, "indices"),
        *note_of(share for share in every if share["significant"]),
    ]


def pairs_table(flights: Flights) -> list[Part]:
    """Pairs of inputs that matter together, by figure, or why none could be found."""
    figures = flights.document.get("pairs") or []
    if not figures:
        return []
    rows = [
        _pair_row(each["figure"], pair)
        for each in figures
        for pair in each["pairs"]
        if pair["significant"]
    ]
    untold = [
        f"{figure_words(each['figure'])}: {each['words']}" for each in figures if each["words"]
    ]
    words = f"Not tested: {'; '.join(untold)}." if untold else ""
    note = (
        "Pairs of inputs whose joint effect differs significantly from the sum of their separate "
        f"effects, corrected for all pairs. {words}"
    )
    head: list[Part] = [Heading("Interacting pairs"), Paragraph(note)]
    if rows:
        return [*head, Table(("On", "Input", "With", "Joint excess", "p adjusted"), rows, "pairs")]
    return head if len(untold) == len(figures) else [*head, Paragraph("No such pair was found.")]


def _shares(each: Mapping) -> list[tuple[Inline, ...]]:
    figure = spelled_out(each["figure"])
    if not each["shares"]:
        return [(figure, each.get("words") or NOTHING, NOTHING, NOTHING, NOTHING)]
    known = [share for share in each["shares"] if share["significant"]][:5]
    rows = [
        (
            figure,
            marked(share),
            percent(share["share"]),
            f"{percent(share['lo'])} to {percent(share['hi'])}",
            p_words(share["p_adjusted"]),
        )
        for share in known
    ]
    if each["rest"] is None:
        return [*rows, (figure, Text("the rest", "em"), NOTHING, each["words"], NOTHING)]
    rest = f"{percent(each['rest_lo'])} to {percent(each['rest_hi'])}"
    return [*rows, (figure, Text("the rest", "em"), percent(each["rest"]), rest, NOTHING)]


def _pair_row(figure: str, pair: Mapping) -> tuple[Inline, ...]:
    unit = "" if figure == "clean" else unit_of(figure)
    return (
        figure_words(figure),
        (with_axis(pair["path_a"]), " ", small(pair["part_a"])),
        (with_axis(pair["path_b"]), " ", small(pair["part_b"])),
        number(pair.get("excess"), unit),
        p_words(pair["p_adjusted"]),
    )


def note_of(shown: Iterable[Mapping]) -> list[Part]:
    """What the mark means, where one of these has it."""
    return [Paragraph(TOGETHER)] if any(each.get("together") for each in shown) else []
