"""One page a campaign can be taken into a review with."""

from collections.abc import Mapping

import pyarrow as pa

from perilune.campaign.statistics.scope import OF_WHAT
from perilune.report.band_words import band_sentence
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
from perilune.report.figures.assumption_bars import band_figures
from perilune.report.figures.contact_histograms import contact_figures, reserve_figures
from perilune.report.figures.convergence import outcome_figures, settled_figures
from perilune.report.figures.footprint import landing_figures
from perilune.report.figures.margins import margin_figures
from perilune.report.figures.nees import consistency_figures
from perilune.report.figures.sensitivity import driver_figures
from perilune.report.pages.band_tables import band_tables
from perilune.report.pages.campaign_tables import (
    dispersions_table,
    failures_table,
    intervals_table,
    provenance_tables,
)
from perilune.report.pages.consistency_table import consistency_table, innovations_table
from perilune.report.pages.content import Part, Section
from perilune.report.pages.credibility_page import credibility_table
from perilune.report.pages.driver_tables import drivers_table, missing_tornados
from perilune.report.pages.flight_tables import terrain_table
from perilune.report.pages.footprint_table import footprint_table
from perilune.report.pages.margin_tables import margins_table, order_table
from perilune.report.pages.page_shell import Head, page_html
from perilune.report.pages.sources_tables import values_table
from perilune.report.pages.variance_tables import indices_table, pairs_table
from perilune.report.unit_labels import spelled_out


def campaign_html(document: Mapping, table: pa.Table, extras: Mapping) -> str:
    """The page of one campaign.

    `document` is a `campaign.json`, `table` its rows, one a flight. `extras` may have: `title`,
    `summary`; `folder`, as replay commands should name it; `limits` by criterion; `map` {x_km,
    y_km, height_m, ground} about the aim point; `terrain`, rows of what is measured and what is
    made up; `sources`, path to {value, tag}. What is not given is not drawn. See `campaign_extras`.
    """
    flights = Flights(document, table, extras)
    return page_html(head_of(document, extras, "campaign report"), _sections(flights))


def head_of(document: Mapping, extras: Mapping, kind: str) -> Head:
    """What the page says first: the decision in a sentence with its interval, and four figures."""
    verdict = decision_of(document)["verdict"]
    return Head(
        kind=kind,
        title=extras.get("title") or document.get("title") or spelled_out(document["mission"]),
        tone=TONES.get(verdict, "open"),
        headline=HEADLINES.get(verdict, verdict),
        sentence=decision_sentence(document),
        beside=band_sentence(document),
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
        *_band_tile(document),
        (f"{runs:,}", "flights flown"),
        (f"{runs - clean:,}", "not clean"),
        (cause, "what breaks first most often"),
    )


def _band_tile(document: Mapping) -> list[tuple[str, str]]:
    """The band beside the number, where one was flown."""
    band = document.get("band")
    if band is None:
        return []
    count = len(band["assumptions"])
    words = f"P(clean) over what is not known, {count} assumption{'s'[: count > 1]}"
    return [(interval_words(band["interval"]), words)]


def _sections(flights: Flights) -> list[Section]:
    """The page's sections in order."""
    navigation = [
        *consistency_table(flights),
        *innovations_table(flights),
        *consistency_figures(flights),
    ]
    return [
        Section("decision", "Decision", [*settled_figures(flights), *intervals_table(flights)]),
        Section("band", "What is not known", [*band_figures(flights), *band_tables(flights)]),
        Section("outcomes", "Outcomes", outcome_figures(flights)),
        Section("failures", "Failures", failures_table(flights)),
        Section("margins", "Margins", [*margins_table(flights), *margin_figures(flights)]),
        Section("bounds", "Bounds by order statistics", order_table(flights)),
        Section("landings", "Landings", [*landing_figures(flights), *footprint_table(flights)]),
        Section("contact", "Contact", contact_figures(flights)),
        Section("reserves", "Reserves", reserve_figures(flights)),
        Section("navigation", "Navigation", navigation),
        Section("drivers", "Drivers", _drivers(flights)),
        Section("dispersions", "Dispersions", dispersions_table(flights)),
        *_given(flights),
        Section("provenance", "Provenance", provenance_tables(flights)),
    ]


def _given(flights: Flights) -> list[Section]:
    """The sections that rest on what is given beside document and rows."""
    terrain, sources = flights.extras.get("terrain"), flights.extras.get("sources")
    ground: list[Part] = [terrain_table(terrain)] if terrain else []
    sheet = credibility_table(flights.document, sources)
    return [
        Section("terrain", "Measured and synthetic ground", ground),
        Section("sources", "Assumptions", values_table(sources) if sources else []),
        Section("credibility", "Credibility", sheet),
    ]


def _drivers(flights: Flights) -> list[Part]:
    tornados = [*missing_tornados(flights), *driver_figures(flights)]
    shares = [*indices_table(flights), *pairs_table(flights)]
    return [*drivers_table(flights), *tornados, *shares]
