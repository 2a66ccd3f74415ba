"""The campaign page's plain tables: failures and replays, dispersions, intervals, timing."""

from collections.abc import Mapping
from itertools import groupby

from perilune.campaign.analysis.landing_footprint import FIXED, PLACED
from perilune.campaign.statistics.scope import OF_WHAT
from perilune.mechanics.si_units import printed
from perilune.mission.show import DOUBT
from perilune.report.campaign_data import Flights
from perilune.report.campaign_words import number, share_of
from perilune.report.figures.labels import with_axis
from perilune.report.pages.content import (
    Heading,
    Inline,
    Paragraph,
    Part,
    Table,
    code,
    lines,
    small,
    strong,
)
from perilune.report.pages.flight_tables import provenance_table
from perilune.report.pages.sources_tables import kind_of
from perilune.report.unit_labels import to_four_figures


def failures_table(flights: Flights) -> list[Part]:
    """Failures by their first cause, each with the command that flies its telling runs again."""
    groups = flights.document.get("failure_groups") or []
    unclean = flights.document["runs"] - flights.document["clean"]
    if not groups:
        words = "No causes were noted." if unclean else "No flight was unclean."
        return [Paragraph(words)]
    folder = flights.extras.get("folder") or "DIR"
    rows = [_failure(group, unclean, folder) for group in groups]
    note = (
        "Grouped by the first thing that went wrong. For each group the commands replay a "
        "typical, the worst and the mildest run with full telemetry."
    )
    heads = ("First cause", "Share of unclean", "Replay")
    return [Paragraph(note), Table(heads, rows, "failures cards")]


def dispersions_table(flights: Flights) -> list[Part]:
    """What was drawn, from which distribution, after which source; the doubtful first."""
    drawn = flights.document.get("dispersions") or []
    if not drawn:
        words = "No input was dispersed: flights differ only by sensor noise."
        return [Paragraph(words)]
    ordered = sorted(drawn, key=_doubt)
    rows = [_dispersion(list(alike)) for _, alike in groupby(ordered, _without_place)]
    kinds = [kind_of({"tag": each.get("source")}) for each in ordered]
    counted = ", ".join(f"{kinds.count(kind)} {kind}" for kind in dict.fromkeys(kinds))
    heads = ("Input", "Nominal", "Distribution", "Source")
    return [
        Paragraph(f"{len(drawn)} inputs were drawn: {counted}."),
        Table(heads, rows, "drawn cards"),
    ]


def intervals_table(flights: Flights) -> list[Part]:
    """Which interval on the page assumes what."""
    method = flights.document.get("method") or {}
    rows = [
        (
            "P(clean)",
            method.get("name") or "not named",
            method.get("assumes") or "not stated",
            method.get("source") or "",
        ),
        *_assume(flights.document),
    ]
    sampling = flights.document.get("sampling", "random")
    note = f"{_SAMPLING.get(sampling, f'Sampling: {sampling}.')} {_MODEL}"
    heads = ("Interval", "Method", "Assumes", "Reference")
    return [Paragraph(note), Table(heads, rows, "intervals cards")]


def provenance_tables(flights: Flights) -> list[Part]:
    """What the campaign was made from, and how long it took."""
    timing = flights.document.get("timing") or {}
    settings = {name: flights.document.get(name) for name in ("mission", "seed", "sampling")}
    settings["faults"] = ", ".join(flights.document.get("faults") or ()) or "none"
    settings["settings"] = ", ".join(flights.document.get("settings") or ()) or "none"
    settings |= {name: flights.document.get(name) for name in ("rows_sha256", "plan_sha256")}
    made_from = provenance_table(settings | dict(flights.document.get("provenance") or {}))
    return [made_from, Heading("Timing"), provenance_table(timing)] if timing else [made_from]


_SAMPLING = {
    "random": "Runs are independent random draws, as the intervals on P(clean) require.",
    "sobol": "Sobol points come in blocks, each with its own scrambling: only whole blocks are "
    "independent, and the interval is computed between blocks.",
    "lhs": "A Latin hypercube: runs are not independent, no interval is exact, and a requirement "
    "cannot be tested on it.",
}
_MODEL = (
    f"Every interval and every probability here is {OF_WHAT}: it covers the chance in the draws, "
    "not what the models leave out. For that, see Credibility."
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
        "independent flights; shows association, not cause, and cannot separate inputs drawn "
        "together",
        "Holm 1979",
    ),
    (
        "Tornado's bars",
        "mean of a fifth and its standard error; for a share, its standard deviation with a "
        "uniform prior",
        "independent flights; one sigma, not corrected for the number of inputs",
        "",
    ),
    (
        "Shares of variance",
        "correlation ratio corrected for bias, error by its influence function; F test, Holm's "
        "correction",
        "independent flights, enough of them for Gaussian errors (approximate); a share includes "
        "that of inputs drawn together with it",
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


def _failure(group: Mapping, unclean: int, folder: str) -> tuple[Inline, ...]:
    runs = group.get("telling_runs") or ()
    name = strong(str(group["cause"]).replace("_", " "))
    return (
        lines([name, small(str(group.get("words") or ""))]),
        share_of(group["count"], unclean),
        lines(code(f"perilune replay {folder} {run}") for run in runs),
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
        ", .".join([with_axis(first["path"]), *places]),
        number(first.get("nominal"), printed(first.get("unit") or "")),
        printed(to_four_figures(str(first.get("distribution") or ""))) + _not_known(first),
        str(first.get("source") or "untagged").strip("[]"),
    )


def _not_known(each: Mapping) -> str:
    return ", epistemic" if each.get("kind") == "epistemic" else ""


def _doubt(each: Mapping) -> tuple:
    return DOUBT.index(kind_of({"tag": each.get("source")})), each["path"]
