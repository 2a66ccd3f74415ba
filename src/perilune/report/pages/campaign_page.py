"""One page a campaign can be taken into a review with."""

from collections.abc import Mapping

import pyarrow as pa

from perilune.campaign.statistics.scope import OF_WHAT
from perilune.report.campaign_data import Flights
from perilune.report.campaign_words import (
    HEADLINES,
    TONES,
    decision_of,
    decision_sentence,
    interval_words,
    level,
    percent,
    run_words,
)
from perilune.report.figures.contact_histograms import contact_figures, reserve_figures
from perilune.report.figures.convergence import outcome_figures, settled_figures
from perilune.report.figures.footprint import landing_figures, scatter_table
from perilune.report.figures.margins import margin_figures, margins_table, order_table
from perilune.report.figures.nees import consistency_figures, consistency_table
from perilune.report.figures.sensitivity import driver_figures, drivers_table, untold_tornados
from perilune.report.figures.variance_shares import indices_table, pairs_table
from perilune.report.flight_tables import terrain_table
from perilune.report.pages.campaign_tables import (
    dispersions_table,
    failures_table,
    intervals_table,
    provenance_tables,
    values_table,
)
from perilune.report.pages.credibility_page import credibility_html
from perilune.report.pages.page_shell import Group, Head, page_html
from perilune.report.unit_labels import said


def campaign_html(document: Mapping, table: pa.Table, extras: Mapping) -> str:
    """The page of one campaign.

    `document` is a `campaign.json`, `table` its rows, one a flight. `extras` may have: `title`,
    `summary`; `folder`, as replay commands should name it; `limits` by criterion; `map` {x_km,
    y_km, height_m, ground} about the aim point; `terrain`, rows of what is measured and what is
    made up; `sources`, path to {value, tag}. What is not given is not drawn. See `campaign_extras`.
    """
    flights = Flights(document, table, extras)
    return page_html(head_of(document, extras, "campaign report"), _groups(flights))


def head_of(document: Mapping, extras: Mapping, kind: str) -> Head:
    """What the page says first: the decision in a sentence with its interval, and four figures."""
    verdict = decision_of(document)["verdict"]
    return Head(
        kind=kind,
        title=extras.get("title") or document.get("title") or said(document["mission"]),
        tone=TONES.get(verdict, "open"),
        headline=HEADLINES.get(verdict, verdict),
        sentence=decision_sentence(document),
        summary=extras.get("summary") or "",
        run=run_words(document),
        tiles=_tiles(document),
    )


def _tiles(document: Mapping) -> tuple[tuple[str, str], ...]:
    runs, clean = document["runs"], document["clean"]
    groups = document.get("failure_groups") or []
    cause = str(groups[0]["cause"]).replace("_", " ") if groups else "none"
    return (
        (percent(document["probability"]), "of flights clean"),
        (
            interval_words(document["interval"]),
            f"P(clean) {OF_WHAT} at {level(document['confidence'])} confidence",
        ),
        (f"{runs:,}", "flights flown"),
        (f"{runs - clean:,}", "not clean"),
        (cause, "what breaks first most often"),
    )


def _groups(flights: Flights) -> list[Group]:
    """The page's sections in order: key, name, and what is in it."""
    extras = flights.extras
    groups: list[Group] = [
        ("decision", "Decision", [*settled_figures(flights), intervals_table(flights)]),
        ("outcomes", "Outcomes", outcome_figures(flights)),
        ("failures", "Failures", [failures_table(flights)]),
        ("margins", "Margins", [margins_table(flights), *margin_figures(flights)]),
        ("bounds", "Bounds by order statistics", [order_table(flights)]),
        ("landings", "Landings", [*landing_figures(flights), scatter_table(flights)]),
        ("contact", "Contact", contact_figures(flights)),
        ("reserves", "Reserves", reserve_figures(flights)),
        ("navigation", "Navigation", [consistency_table(flights), *consistency_figures(flights)]),
        ("drivers", "Drivers", _drivers(flights)),
        ("dispersions", "Dispersions", [dispersions_table(flights)]),
        ("terrain", "Measured and synthetic ground", _made(terrain_table, extras.get("terrain"))),
        ("sources", "Assumptions", _made(values_table, extras.get("sources"))),
        ("credibility", "Credibility", [credibility_html(flights.document, extras.get("sources"))]),
        ("provenance", "Provenance", [provenance_tables(flights)]),
    ]
    kept = [(key, name, [each for each in parts if each]) for key, name, parts in groups]
    return [group for group in kept if group[2]]


def _made(table, of) -> list[str]:
    return [table(of)] if of else []


def _drivers(flights: Flights) -> list:
    told = [drivers_table(flights), untold_tornados(flights), *driver_figures(flights)]
    return [*told, indices_table(flights), pairs_table(flights)]
