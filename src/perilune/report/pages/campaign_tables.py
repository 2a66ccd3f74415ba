"""The campaign page's plain tables: failures and replays, dispersions, intervals, timing."""

from collections.abc import Mapping
from html import escape
from itertools import groupby

from perilune.campaign.analysis.landing_footprint import FIXED, PLACED
from perilune.campaign.statistics.scope import OF_WHAT
from perilune.mission.show import DOUBT
from perilune.report.campaign_data import Flights
from perilune.report.campaign_words import number, share_of
from perilune.report.figures.labels import pretty, with_axis
from perilune.report.flight_tables import (
    kind_of,
    provenance_table,
    sources_tables,
    sourcing_words,
    table,
)
from perilune.report.unit_labels import to_four_figures


def failures_table(flights: Flights) -> str:
    """Failures by their first cause, each with the command that flies its telling runs again."""
    groups = flights.document.get("failure_groups") or []
    unclean = flights.document["runs"] - flights.document["clean"]
    if not groups:
        return f"<p>{'No flight was unclean.' if not unclean else 'No causes were noted.'}</p>"
    folder = flights.extras.get("folder") or "DIR"
    rows = [_failure(group, unclean, folder) for group in groups]
    note = (
        "<p>Grouped by what went wrong first in time. The runs named are a typical one, the "
        "worst and the mildest of each group; a replay flies the same run with full telemetry.</p>"
    )
    return note + table(("First cause", "Of the unclean", "Fly again"), rows, "failures cards")


def dispersions_table(flights: Flights) -> str:
    """What was drawn, from which distribution, after which source; the doubtful first."""
    drawn = flights.document.get("dispersions") or []
    if not drawn:
        return "<p>Nothing was dispersed: every flight differs by its sensors' noise alone.</p>"
    ordered = sorted(drawn, key=_doubt)
    rows = [_dispersion(list(alike)) for _, alike in groupby(ordered, _without_place)]
    kinds = [kind_of({"tag": each.get("source")}) for each in ordered]
    counted = ", ".join(f"{kinds.count(kind)} {kind}" for kind in dict.fromkeys(kinds))
    return f"<p>{len(drawn)} inputs were drawn: {escape(counted)}.</p>" + table(
        ("Drawn", "Nominal", "Distribution", "Where it is from"), rows, "drawn cards"
    )


def intervals_table(flights: Flights) -> str:
    """Which interval on the page assumes what."""
    method = flights.document.get("method") or {}
    rows = [
        (
            "P(clean)",
            escape(method.get("name") or "not named"),
            escape(method.get("assumes") or "not stated"),
            escape(method.get("source") or ""),
        ),
        *((escape(a), escape(b), escape(c), escape(d)) for a, b, c, d in _assume(flights.document)),
    ]
    sampling = flights.document.get("sampling", "random")
    note = f"<p>{escape(_SAMPLING.get(sampling, f'Sampling: {sampling}.'))} {escape(_MODEL)}</p>"
    return note + table(("Interval", "Method", "Assumes", "After"), rows, "intervals cards")


def values_table(sources: Mapping[str, Mapping]) -> str:
    """Every value of the mission and where it is from, folded away, the doubtful ones counted."""
    return (
        f"<p>{escape(sourcing_words(sources))}</p>"
        f"<details><summary>All of them</summary>{sources_tables(sources)}</details>"
    )


def provenance_tables(flights: Flights) -> str:
    """What the campaign was made from, and how long it took."""
    timing = flights.document.get("timing") or {}
    settings = {name: flights.document.get(name) for name in ("mission", "seed", "sampling")}
    settings["faults"] = ", ".join(flights.document.get("faults") or ()) or "none"
    settings["settings"] = ", ".join(flights.document.get("settings") or ()) or "none"
    parts = [provenance_table(settings | dict(flights.document.get("provenance") or {}))]
    if timing:
        parts.append("<h3>Timing</h3>" + provenance_table(timing))
    return "".join(parts)


_SAMPLING = {
    "random": "Runs are independent random draws, which is what the intervals on P(clean) need.",
    "sobol": "Sobol points come in blocks, each scrambled by itself: only whole blocks are "
    "independent, and the interval is taken between them.",
    "lhs": "A Latin hypercube: runs are not independent, no interval is exact, and a requirement "
    "cannot be tested on it.",
}
_MODEL = (
    f"Every interval and every probability here is {OF_WHAT}: chance in the draws. None of them "
    "knows of what the models leave out; for that see the credibility sheet."
)


def _assume(document: Mapping) -> tuple[tuple[str, str, str, str], ...]:
    """What each interval assumes, those by rank as the campaign itself says."""
    region = (document.get("scatter") or {}).get("region") or {}
    assumes = region.get("assumes") or FIXED
    if assumes == PLACED:
        assumes = f"withheld: it takes {assumes}"
    return (
        ("Bounds on figures", "order statistics", assumes, "Hanson and Beard, NASA/TP-2010-216447"),
        ("Region", "density cut at an order statistic", assumes, "Wilks 1941"),
        *_ASSUME,
    )


_ASSUME = (
    (
        "Ellipses",
        "covariance, chi-square of 2 degrees of freedom",
        "landings are Gaussian; no error in mean and covariance",
        "",
    ),
    (
        "Drivers",
        "Kolmogorov-Smirnov or Fisher, Holm's correction",
        "independent flights; says that it differs, not why, nor which of inputs drawn together",
        "Holm 1979",
    ),
    (
        "Tornado's bars",
        "mean of a fifth and its standard error; of a share, its spread from a flat prior",
        "independent flights; one sigma, not corrected for the number of inputs",
        "",
    ),
    (
        "Shares of variance",
        "correlation ratio less its bias, error by its influence function; F test and Holm",
        "independent flights, enough for a Gaussian error: approximate; of inputs drawn together "
        "a share is the others' too",
        "Kelley 1935",
    ),
    (
        "Pairs",
        "score test of products of ranks with a robust error, Holm's correction over all pairs",
        "independent flights, enough for a Gaussian score; smooth effects",
        "White 1980; Holm 1979",
    ),
    (
        "Means of NEES",
        "chi-square of n times the degrees of freedom, Bonferroni over all means",
        "Gaussian errors, a consistent filter",
        "Bar-Shalom, Li and Kirubarajan 2001, 5.4",
    ),
)


def _failure(group: Mapping, unclean: int, folder: str) -> tuple[str, ...]:
    commands = "<br>".join(
        f"<code>perilune replay {escape(str(folder))} {run}</code>"
        for run in group.get("telling_runs") or ()
    )
    name = escape(str(group["cause"]).replace("_", " "))
    words = escape(str(group.get("words") or ""))
    return (
        f"<strong>{name}</strong><br><small>{words}</small>",
        share_of(group["count"], unclean),
        commands,
    )


def _without_place(each: Mapping) -> tuple:
    """What the parts of a vector share: all but their place in it."""
    stem, _, place = each["path"].rpartition(".")
    path = stem if place.isdigit() else each["path"]
    return path, *(each.get(name) for name in ("nominal", "unit", "distribution", "source"))


def _dispersion(alike: list[Mapping]) -> tuple[str, ...]:
    first = alike[0]
    places = [with_axis(each["path"]).rpartition(".")[2] for each in alike[1:]]
    return (
        escape(", .".join([with_axis(first["path"]), *places])),
        escape(number(first.get("nominal"), pretty(first.get("unit") or ""))),
        escape(pretty(to_four_figures(str(first.get("distribution") or "")))),
        escape(str(first.get("source") or "untagged").strip("[]")),
    )


def _doubt(each: Mapping) -> tuple:
    return DOUBT.index(kind_of({"tag": each.get("source")})), each["path"]
