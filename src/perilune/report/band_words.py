"""What a campaign says of what is not known: the band on P(clean), and what moves it most."""

from collections.abc import Mapping, Sequence
from typing import Any

from perilune.campaign.statistics.scope import OF_WHAT
from perilune.interfaces.quantities import in_words
from perilune.mechanics.si_units import printed
from perilune.report.campaign_words import interval_words, level, percent
from perilune.report.unit_labels import to_four_figures

SHOWN = 3
"""Assumptions named on the first page."""
NONE_DECLARED = (
    "The mission declares no epistemic dispersion: whatever is not known is drawn here as if it "
    "were chance, or not at all."
)


def epistemic_paths(document: Mapping[str, Any]) -> list[str]:
    """The paths that a mission declares as not known rather than chance."""
    drawn = document.get("dispersions") or ()
    return [each["path"] for each in drawn if each.get("kind") == "epistemic"]


def band_sentence(document: Mapping[str, Any]) -> str:
    """The band and what moves it most; or that none was flown; or that nothing is declared."""
    band, paths = document.get("band"), epistemic_paths(document)
    if band is None:
        return _not_flown(len(paths)) if paths else NONE_DECLARED
    low, high = (level(end) for end in band["quantiles"])
    between = interval_words(band["interval"], " and ")
    return (
        f"{_counted(len(band['assumptions']))} not known: over their {low} to {high} ranges "
        f"P(clean), {OF_WHAT}, lies between {between} at {level(band['confidence'])} confidence. "
        f"{movers_sentence(band)}{_required(document, band['interval'])}"
    )


def _required(document: Mapping[str, Any], interval: Sequence[float]) -> str:
    """Whether what is required holds whatever the assumptions are; nothing where nothing is."""
    requirement = document.get("requirement")
    if requirement is None:
        return ""
    (low, high), least = interval, requirement["probability"]
    if low < least <= high:
        return f" Whether it reaches {level(least)} depends on them."
    return f" It {'reaches' if low >= least else 'falls short of'} {level(least)} over all of it."


def _counted(count: int) -> str:
    return "One dispersed number is" if count == 1 else f"{count} dispersed numbers are"


def _not_flown(count: int) -> str:
    return (
        f"{_counted(count)} declared epistemic, not known rather than chance, and drawn here as if "
        "by chance: --band N gives P(clean) over their ranges."
    )


def movers_sentence(band: Mapping[str, Any]) -> str:
    """The two or three assumptions that move P(clean) most, each with its effect."""
    moved = [each for each in band["assumptions"] if each["moved"]][:SHOWN]
    if moved:
        return f"It moves most with {'; '.join(map(mover_words, moved))}."
    most = [each for each in band["assumptions"] if each["difference"] > 0.0][:SHOWN]
    if not most:
        return "None of them moves it by itself."
    return (
        f"None of them is told from chance by itself in {band['runs']:,} flights; the largest "
        f"effects are those of {'; '.join(map(mover_words, most))}."
    )


def mover_words(each: Mapping[str, Any]) -> str:
    """`site.surface.roughness_slope (67 % clean when high, 83 % when low)`."""
    worst, best = (
        f"{percent(each['clean'][each[end]] / each['runs'])} {_when(each[end])}"
        for end in ("worst", "best")
    )
    return f"{each['path']} (clean: {worst}, {best})"


def _when(named: str) -> str:
    return "at the median" if named == "median" else f"when {named}"


def values_of(each: Mapping[str, Any]) -> str:
    """`4.816 deg to 8.773 deg`."""
    ends = (in_words(each["values"][end], each["unit"]) for end in ("low", "high"))
    return printed(to_four_figures(" to ".join(ends)))


def shares_of(each: Mapping[str, Any]) -> Sequence[str]:
    """The share clean at low, median and high."""
    return [percent(each["clean"][name] / each["runs"]) for name in ("low", "median", "high")]


def difference_words(each: Mapping[str, Any]) -> str:
    """`15.6 points (1.0 to 30.2)`."""
    low, high = (100.0 * end for end in each["interval"])
    return f"{100.0 * each['difference']:.1f} points ({low:.1f} to {high:.1f})".replace(
        "-", "\N{MINUS SIGN}"
    )
