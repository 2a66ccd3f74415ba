"""What a campaign says in words: the decision, the estimate, numbers as a reviewer reads them."""

from collections.abc import Mapping, Sequence

from perilune.campaign.statistics.scope import P_CLEAN
from perilune.report.unit_labels import NOTHING, shown, spelled_out

HEADLINES = {
    "met": "Requirement met",
    "refuted": "Requirement refuted",
    "undecided": "Undecided",
    "none": "Estimate, no requirement set",
}
TONES = {"met": "clean", "refuted": "unclean"}
MISS = "miss_m"
_HULLS = {"at_rest": "Came to rest"}
_OUTCOMES = {"LANDED": "at rest on its legs"}


def percent(share: float | None) -> str:
    """A share as a percentage, with as many decimals as it needs near 0 and near 1."""
    if share is None:
        return NOTHING
    return f"{100 * share:.{_decimals(share)}f}\N{NO-BREAK SPACE}%"


def _decimals(share: float) -> int:
    rest = min(share, 1.0 - share)
    if rest <= 0.0:
        return 0
    return 1 if rest >= 0.01 else 2 if rest >= 5e-4 else 3


def share_of(count: int, whole: int) -> str:
    """`12 of 400 (3.0 %)`."""
    return f"{count:,} of {whole:,} ({percent(count / whole) if whole else NOTHING})"


def level(probability: float) -> str:
    """A probability that somebody chose, no digit more than it has: `95 %`."""
    return f"{100 * probability:.6g}\N{NO-BREAK SPACE}%"


def interval_words(interval: Sequence[float], joint: str = " to ") -> str:
    """`94.2 % to 98.1 %`, both ends to the same decimals."""
    low, high = interval
    decimals = max(_decimals(low), _decimals(high))
    return joint.join(
        f"{100 * end:.{decimals if 0.0 < end < 1.0 else 0}f}\N{NO-BREAK SPACE}%"
        for end in (low, high)
    )


def estimate_sentence(document: Mapping) -> str:
    """How many were clean, and between what bounds the probability lies, by which method."""
    runs, clean = document["runs"], document["clean"]
    counted = f"{share_of(clean, runs)} of the flights flown touched down cleanly"
    method = (document.get("method") or {}).get("name")
    by = f" ({method})" if method else ""
    between = interval_words(document["interval"], " and ")
    return (
        f"{counted}; {P_CLEAN} lies between {between} at {level(document['confidence'])} "
        f"confidence{by}."
    )


def decision_of(document: Mapping) -> Mapping:
    """The decision, or that none was asked for."""
    return document.get("decision") or {"verdict": "none", "sentence": "", "after_runs": None}


def decision_sentence(document: Mapping) -> str:
    """The decision in a sentence, and the estimate with its interval."""
    decision = decision_of(document)
    said_so = decision.get("sentence") or ""
    if decision["verdict"] == "none":
        return f"No requirement was set. {estimate_sentence(document)}"
    return f"{said_so} {estimate_sentence(document)}".strip()


def run_words(document: Mapping) -> str:
    """Which flights these were: seed, faults, sampling, settings."""
    faults = ", ".join(document.get("faults") or ()) or "no faults"
    settings = document.get("settings") or ()
    changed = f" · {', '.join(map(str, settings))}" if settings else ""
    sampling = document.get("sampling", "random")
    return f"seed {document['seed']} · {faults} · {sampling} sampling{changed}"


def criterion_words(name: str) -> str:
    """A criterion as a person says it."""
    return _HULLS.get(name, spelled_out(name))


def criterion_note(name: str) -> str:
    """What a reader of a criterion's name must know beside it; nothing of most."""
    return "does not make a touchdown unclean" if name == MISS else ""


def outcome_words(name: str) -> str:
    """`TIPPED_OVER` as `tipped over`; `LANDED` says no more than that it rests on its legs."""
    return _OUTCOMES.get(name, name.replace("_", " ").lower())


def number(value: float | None, unit: str = "") -> str:
    """A number with its unit, or a dash."""
    return shown(None if value is None else float(value), unit)


def plain_characters(words: str) -> str:
    """Words for a terminal and for scripts: plain spaces and hyphens for minus."""
    return words.replace("\N{NO-BREAK SPACE}", " ").replace("\N{MINUS SIGN}", "-")


def p_words(value: float | None) -> str:
    """A p value: three decimals, or that it is smaller than they show."""
    if value is None:
        return NOTHING
    return "< 0.001" if value < 0.001 else f"{value:.3f}"
