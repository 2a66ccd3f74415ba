"""The table of drawn inputs by how surely they drive the outcome."""

from collections.abc import Mapping

from perilune.report.campaign_data import Flights
from perilune.report.campaign_words import number, p_words
from perilune.report.figures.labels import figure_words, marked, with_axis
from perilune.report.figures.sensitivity import tornados_of, units_of
from perilune.report.pages.content import Folded, Inline, Paragraph, Part, Table, strong
from perilune.report.pages.variance_tables import note_of
from perilune.report.unit_labels import NOTHING

_OPEN = 12
_HEADS = (
    "Input",
    "In unclean flights",
    "Effect",
    "Median clean",
    "Median unclean",
    "p",
    "p adjusted",
)


def drivers_table(flights: Flights) -> list[Part]:
    """Every drawn input, the surest driver first, with its p corrected for looking at many."""
    rows = flights.document.get("drivers") or []
    if not rows:
        return [Paragraph("No input was drawn, so there are no drivers.")]
    tested = [each for each in rows if each["p"] is not None]
    surest = [each for each in tested if each["significant"]]
    first = _sentence(rows, tested, surest)
    units = units_of(flights)
    more = (
        f" {len(rows) - len(tested)} inputs could not be tested."
        if tested and tested != rows
        else ""
    )
    shown_rows = [_driver_row(each, units) for each in tested]
    return [Paragraph(first + more), *_folded(shown_rows), *note_of(tested)]


def missing_tornados(flights: Flights) -> list[Part]:
    """Of which figures no tornado is drawn, and why."""
    rows = tornados_of(flights)
    untold = [
        f"{figure_words(each['figure'])}: {each['words']}" for each in rows if each.get("words")
    ]
    words = f"No tornado for {'; for '.join(untold)}."
    return [Paragraph(words)] if untold else []


def _folded(rows: list) -> list[Part]:
    """The first rows open, the others folded away."""
    if not rows:
        return []
    open_rows, rest = Table(_HEADS, rows[:_OPEN], "drivers"), rows[_OPEN:]
    if not rest:
        return [open_rows]
    return [open_rows, Folded(f"The other {len(rest)} inputs", [Table(_HEADS, rest, "drivers")])]


def _sentence(rows: list, tested: list, surest: list) -> str:
    if not tested:
        return f"No driver is named: {rows[0]['words']}."
    if not surest:
        return (
            f"None of {len(rows)} inputs differs significantly between clean and unclean "
            "flights, after Holm's correction for all of them."
        )
    named = ", ".join(with_axis(each["path"]) for each in surest)
    return f"Significant drivers, after Holm's correction for all inputs: {named}."


def _driver_row(each: Mapping, units: Mapping) -> tuple[Inline, ...]:
    unit = units.get(each["column"], "")
    name = marked(each)
    effect = NOTHING if each["effect"] is None else f"{each['effect']:+.2f}"
    return (
        strong(name) if each["significant"] else name,
        each["direction"] or each["words"] or NOTHING,
        effect.replace("-", "\N{MINUS SIGN}"),
        number(each["clean_median"], unit),
        number(each["unclean_median"], unit),
        p_words(each["p"]),
        p_words(each["p_adjusted"]),
    )
