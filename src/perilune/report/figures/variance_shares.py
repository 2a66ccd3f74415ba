"""What share of each figure's variance goes with an input, and which pairs matter together."""

from collections.abc import Iterable, Mapping
from html import escape

from perilune.report.campaign_data import Flights
from perilune.report.campaign_words import number, p_words, percent
from perilune.report.figures.labels import with_axis
from perilune.report.flight_tables import table
from perilune.report.unit_labels import NOTHING, said, unit_of

MARK = "\N{DAGGER}"
TOGETHER = (
    f"{MARK} Drawn together with others: what is said of it is a share with the others of its "
    "group, not of it alone."
)


def indices_table(flights: Flights) -> str:
    """Shares of each figure's variance that go with each input, the largest first."""
    every = [share for each in flights.document.get("indices") or () for share in each["shares"]]
    rows = [row for each in flights.document.get("indices") or () for row in _shares(each)]
    if not rows:
        return ""
    return (
        "<h3>Shares of variance</h3><p>What share of a figure's variance goes with each "
        "input (first-order index, given these flights), with its interval; the rest is inputs "
        "acting together and the noise drawn while flying.</p>"
        + table(("Figure", "Input", "Share", "Interval", "p adjusted"), rows, "indices")
        + note_of(share for share in every if share["significant"])
    )


def pairs_table(flights: Flights) -> str:
    """Pairs of inputs that matter together, by figure, or why none could be told."""
    figures = flights.document.get("pairs") or []
    if not figures:
        return ""
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
    head = (
        "<h3>Pairs that matter together</h3><p>Two inputs whose effect together is not the sum of "
        f"the two alone, beyond chance and corrected for all pairs. {escape(words)}</p>"
    )
    if not rows:
        return head + ("" if len(untold) == len(figures) else "<p>No such pair was found.</p>")
    return head + table(("On", "Input", "With", "Together add", "p adjusted"), rows, "pairs")


def marked(each: Mapping) -> str:
    name = with_axis(each["path"])
    return escape(f"{name} {MARK}" if each.get("together") else name)


def note_of(shown: Iterable[Mapping]) -> str:
    """What the mark means, where one of these has it."""
    return f"<p>{escape(TOGETHER)}</p>" if any(each.get("together") for each in shown) else ""


def _shares(each: Mapping) -> list[tuple[str, ...]]:
    figure = escape(said(each["figure"]))
    if not each["shares"]:
        return [(figure, escape(each.get("words") or NOTHING), NOTHING, NOTHING, NOTHING)]
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
        return [*rows, (figure, "<em>the rest</em>", NOTHING, escape(each["words"]), NOTHING)]
    rest = f"{percent(each['rest_lo'])} to {percent(each['rest_hi'])}"
    return [*rows, (figure, "<em>the rest</em>", percent(each["rest"]), rest, NOTHING)]


def _pair_row(figure: str, pair: Mapping) -> tuple[str, ...]:
    unit = "" if figure == "clean" else unit_of(figure)
    return (
        escape(figure_words(figure)),
        f"{escape(with_axis(pair['path_a']))} <small>{escape(pair['part_a'])}</small>",
        f"{escape(with_axis(pair['path_b']))} <small>{escape(pair['part_b'])}</small>",
        number(pair.get("excess"), unit),
        p_words(pair["p_adjusted"]),
    )


def figure_words(figure: str) -> str:
    return "P(clean)" if figure == "clean" else said(figure)
