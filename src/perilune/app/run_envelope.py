"""An envelope from its order to its files: factor by factor, each searched on the same runs."""

import csv
import dataclasses
import io
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from perilune import signals
from perilune.app.campaign_screen import BarWatch, LineWatch
from perilune.app.envelope_points import Flight, Flown, NotesOnly
from perilune.app.point_folders import check_points_place, kept_words
from perilune.campaign.envelope.crossings import LEVELS, Crossing, crossing, next_value
from perilune.campaign.envelope.design_limits import design_limits
from perilune.campaign.envelope.factor_values import Placed, placed
from perilune.campaign.envelope.factors import FACTORS, Factor
from perilune.campaign.envelope_document import SCHEMA, EnvelopeDocument
from perilune.campaign.request import Order, check_order, mission_of
from perilune.campaign.run import row_store
from perilune.campaign.run.worker_pool import worker_pool
from perilune.errors import InputError
from perilune.mission import Mission
from perilune.mission.mission_files import nearest
from perilune.output_folder import out_folder
from perilune.verdict.document import checked

ENVELOPE_FILE, TABLE_FILE = "envelope.json", "envelope.csv"
NOMINAL = "nominal"
FEWEST_POINTS = 3


@dataclass(frozen=True)
class Sought:
    """Which factors to fly, none named for all, and how many points each may have at most."""

    names: tuple[str, ...]
    points: int


@dataclass(frozen=True)
class Found:
    """A factor on the mission and its points, from the start outward."""

    place: Placed
    points: tuple[Flown, ...]


def envelope_and_write(
    order: Order, sought: Sought, watch: LineWatch | BarWatch
) -> tuple[dict[str, Any], str]:
    """Fly an envelope: (`envelope.json`'s document, its folder).

    The mission as it is is flown once and is the start of every factor. With `order.resume`,
    finished points are not flown again. Raises InputError for what a user can correct.
    """
    from perilune.design.plan import design
    from perilune.design.prepared import prepared_of
    from perilune.flight.compile_cache import use_cache

    begun = time.perf_counter()
    use_cache(watch.say)
    chosen = _chosen(sought)
    check_order(order)
    watch.say("reading the mission")
    mission = mission_of(order)
    placed_or_why = _placed(order, mission, chosen)
    usual = "-".join([mission.name, *mission.faults, "envelope", f"s{order.seed}"])
    place = out_folder(order.out, Path("runs", usual))
    check_points_place(place, order.resume, ENVELOPE_FILE)
    with signals.standing(lambda: kept_words(place)), worker_pool() as pool:
        watch.say("designing the mission as it is")
        designed = design(mission)
        flight = Flight(order, place, pool, NotesOnly(watch), prepared_of(mission, designed))
        limits = {each.name: design_limits(mission, designed, each.name) for each in chosen}
        watch.say("flying the mission as it is")
        nominal = flight.fly(Flown(0.0), NOMINAL, told=False)
        found = [
            _searched(flight, each, nominal, sought.points, watch)
            for each in placed_or_why.values()
            if isinstance(each, Placed)
        ]
    document = _document(order, nominal, found, placed_or_why)
    for factor in document["factors"]:
        factor["limits"] = [dataclasses.asdict(each) for each in limits[factor["name"]]]
    document["wall_s"] = round(time.perf_counter() - begun, 3)
    document = checked(EnvelopeDocument, document)
    watch.say("drawing the page")
    _write(place, document, mission.summary)
    return document, str(place)


def _chosen(sought: Sought) -> list[Factor]:
    if sought.points < FEWEST_POINTS:
        raise InputError(
            f"--points must be at least {FEWEST_POINTS}, for the start, the middle and the "
            f"furthest value of a factor, but is {sought.points}."
        )
    known = {factor.name: factor for factor in FACTORS}
    for name in sought.names:
        if name not in known:
            raise InputError(
                f"--factor must name a factor of an envelope, but there is no `{name}`; "
                f"{nearest(name, list(known))}"
            )
    return [factor for factor in FACTORS if factor.name in sought.names or not sought.names]


def _placed(order: Order, mission: Mission, chosen: Sequence[Factor]) -> dict[Factor, Placed | str]:
    """Each factor on the mission, or why it has none."""
    found: dict[Factor, Placed | str] = {}
    for factor in chosen:
        if factor.fault is None:
            found[factor] = placed(factor, mission)
        elif factor.fault in mission.faults:
            found[factor] = f"the mission is flown with the fault {factor.fault} already"
        else:
            faults = (*order.faults, factor.fault)
            struck = mission_of(dataclasses.replace(order, faults=faults))
            found[factor] = placed(factor, struck)
    return found


def _searched(
    flight: Flight, where: Placed, nominal: Flown, most: int, watch: LineWatch | BarWatch
) -> Found:
    """The points of a factor, one after the other, each by what the others show."""
    factor, span = where.factor, where.span
    faults = () if factor.fault is None else (factor.fault,)
    points = [dataclasses.replace(nominal, value=span.start)]
    while (value := next_value(span, [each.tried for each in points], most)) is not None:
        at = Flown(value, where.settings_at(value))
        watch.say(f"{factor.title}: {value:g} {factor.unit}")
        point = flight.fly(at, f"{factor.name}/{value:g}", faults, factor.told)
        points.append(point)
        watch.say(f"{factor.title}: {value:g} {factor.unit}: {_words(point)}")
    points.sort(key=lambda each: abs(each.value - span.start))
    return Found(where, tuple(points))


def _words(point: Flown) -> str:
    of = point.document
    return f"{of['clean']} of {of['runs']} clean" if of else f"cannot be flown: {point.problem}"


def _document(
    order: Order,
    nominal: Flown,
    found: Sequence[Found],
    placed_or_why: Mapping[Factor, Placed | str],
) -> dict[str, Any]:
    assert nominal.document is not None
    assert nominal.folder is not None
    whole = ("mission", "title", "seed", "faults", "settings", "runs", "confidence")
    return {
        "schema": SCHEMA,
        **{name: nominal.document[name] for name in whole},
        "factors": [_factor(each, order.confidence, nominal.folder.parents[1]) for each in found],
        "left_out": [
            {"name": factor.name, "title": factor.title, "why": why}
            for factor, why in placed_or_why.items()
            if isinstance(why, str)
        ],
        "provenance": nominal.document["provenance"],
    }


def _factor(found: Found, confidence: float, place: Path) -> dict[str, Any]:
    factor, span = found.place.factor, found.place.span
    tried = [each.tried for each in found.points]
    crossings: list[Crossing] = [crossing(span, tried, each, confidence) for each in LEVELS]
    return {
        "name": factor.name,
        "title": factor.title,
        "paths": [each.path for each in found.place.moved],
        "change": factor.change,
        "unit": factor.unit,
        "told": factor.told,
        "fault": factor.fault,
        "start": span.start,
        "furthest": span.furthest,
        "points": [_point(each, place) for each in found.points],
        "crossings": [dataclasses.asdict(each) for each in crossings],
        "returned": _returned(found.points),
    }


def _point(flown: Flown, place: Path) -> dict[str, Any]:
    of = flown.document or {}
    kept = {name: of.get(name) for name in ("runs", "clean", "probability", "interval", "outcomes")}
    groups = of.get("failure_groups") or []
    return {
        "value": flown.value,
        "settings": list(flown.settings),
        "folder": flown.folder and flown.folder.relative_to(place).as_posix(),
        "problem": flown.problem,
        **kept,
        "causes": {each["cause"]: each["count"] for each in groups} if flown.document else None,
    }


def _returned(points: Sequence[Flown]) -> int:
    """How many runs are clean at a value farther out than one at which they were not."""
    flags = [
        np.asarray(row_store.read_rows(point.folder, ["clean"])["clean"].to_pylist(), bool)
        for point in points
        if point.folder is not None
    ]
    lost = np.logical_or.accumulate(~np.stack(flags), axis=0)
    return int(np.sum(np.any(lost[:-1] & np.stack(flags)[1:], axis=0)))


COLUMNS = ("factor", "unit", "told", "value", "runs", "clean", "probability", "lo", "hi")


def table_text(document: Mapping[str, Any]) -> str:
    """`envelope.csv`: a row a point, with the first causes of what was not clean."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow((*COLUMNS, "causes", "problem", "folder"))
    writer.writerows(_rows(document))
    return text.getvalue()


def _rows(document: Mapping[str, Any]) -> Iterator[tuple[Any, ...]]:
    for factor in document["factors"]:
        for point in factor["points"]:
            causes = "; ".join(f"{name} {count}" for name, count in (point["causes"] or {}).items())
            yield (
                *(factor[name] for name in ("name", "unit", "told")),
                *(point[name] for name in ("value", "runs", "clean", "probability")),
                *(point["interval"] or (None, None)),
                causes,
                point["problem"],
                point["folder"],
            )


def _write(place: Path, document: Mapping[str, Any], summary: str) -> None:
    from perilune.report.pages.envelope_page import envelope_html

    row_store.write_text(place, TABLE_FILE, table_text(document))
    row_store.write_text(place, row_store.PAGE_FILE, envelope_html(document, summary))
    row_store.write_document(place, ENVELOPE_FILE, document)
