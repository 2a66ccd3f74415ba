"""A campaign for each point of a grid, all on the same run numbers, and one page of them."""

import dataclasses
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from perilune import signals
from perilune.app.campaign_screen import BarWatch, LineWatch
from perilune.app.compare_campaigns import check_pairs, notes_of
from perilune.app.point_folders import POINTS_FOLDER, check_points_place, kept_words
from perilune.app.run_campaign import fly_and_show
from perilune.app.sweep_points import Vary, folder_name, named, points_of, vary_of
from perilune.campaign.analysis.pairwise_tests import compare_points, pairs_of
from perilune.campaign.comparison_documents import SCHEMA, SweepDocument
from perilune.campaign.request import Order, check_order, mission_of
from perilune.campaign.run import row_store
from perilune.campaign.run.worker_pool import worker_pool
from perilune.errors import BrokenOffError, InputError
from perilune.folders import Folders
from perilune.mission import check
from perilune.mission.load import try_to_load
from perilune.output_folder import out_folder
from perilune.verdict.document import checked
from perilune.verdict.plain import plain

SWEEP_FILE = "sweep.json"


@dataclass(frozen=True)
class Flown:
    """A point: its campaign and where that is, or why it could not be flown."""

    values: Mapping[str, str]
    document: dict[str, Any] | None = None
    folder: str | None = None
    problem: str | None = None


def sweep_and_write(
    order: Order, texts: Sequence[str], watch: LineWatch | BarWatch
) -> tuple[dict[str, Any], str]:
    """Fly a campaign at every point: (`sweep.json`'s document, its folder).

    `order` is the `Order` of the whole, `texts` are those of `--vary`; the points are every
    combination, each on the same run numbers. Every point is read and designed before the first is
    flown; one that cannot be is a point with a `problem` and no flights. With `order.resume`,
    finished batches are not flown again. Raises InputError, before anything is flown, for a value
    that cannot be read, and where no point can be flown.
    """
    varied = [vary_of(text) for text in texts]
    points = points_of(varied)
    check_order(order)
    _check_once(order, varied)
    watch.say("reading the mission at every point")
    mission_of(order)  # so that what is wrong at a point is wrong by --vary
    missions = [_mission_at(order, values) for values in points]
    place = out_folder(order.out, _usual(order, missions[0][0]))
    check_points_place(place, order.resume, SWEEP_FILE)
    checked = _designed(points, missions, watch)
    flown = _every_point(order, checked, watch, place)
    document = sweep_document(order, varied, flown, place)
    _write(place, document, flown, missions[0][0])
    return document, str(place)


def _every_point(
    order: Order,
    checked: Sequence[tuple[Mapping[str, str], str | None]],
    watch: LineWatch | BarWatch,
    place: Path,
) -> list[Flown]:
    """[`Flown`] of every point, all by the same workers, which compile once."""
    flown = []
    with worker_pool() as pool:
        for number, (values, problem) in enumerate(checked, 1):
            if problem is not None:
                flown.append(Flown(values, problem=problem))
                continue
            watch.say(f"point {number} of {len(checked)}: {named(values)}")
            folder = place / POINTS_FOLDER / folder_name(values)
            point_order = dataclasses.replace(
                _ordered(order, values), out=str(folder), resume=row_store.is_begun(folder)
            )
            flown.append(Flown(values, *_flown(point_order, watch, place, pool)))
    return flown


def _check_once(order: Order, varied: Iterable[Vary]) -> None:
    """InputError where a path is both varied and set, of which one would be lost."""
    fixed = {setting.partition("=")[0].strip() for setting in order.settings}
    for vary in varied:
        if vary.path in fixed:
            raise InputError(
                f"--vary and --set both give `{vary.path}` a value; leave one of them out."
            )


def _refused(design: Callable[[Any], object], mission: Any) -> str | None:
    """Why a mission cannot be designed, or None."""
    try:
        design(mission)
    except InputError as error:
        return str(error)
    return None


def _mission_at(order: Order, values: Mapping[str, str]) -> tuple[Any, str | None]:
    """(the mission at a point, what is wrong with it or None).

    What cannot be read at all is blamed on --vary.
    """
    asked = _ordered(order, values)
    try:
        mission, mistakes = try_to_load(
            asked.mission, asked.settings, asked.faults, asked.folders or Folders()
        )
    except InputError as error:
        raise _blamed(values, str(error)) from error
    if mission is None:
        raise _blamed(values, mistakes[0])
    return mission, next(iter(check(mission)), None)


def _blamed(values: Mapping[str, str], sentence: str) -> InputError:
    return InputError(f"--vary, at {named(values)}: {sentence.replace('--set: ', '')}")


def _designed(
    points: Sequence[Mapping[str, str]],
    missions: Sequence[tuple[Any, str | None]],
    watch: LineWatch | BarWatch,
) -> list[tuple[Mapping[str, str], str | None]]:
    """[(values, why the point cannot be flown, or None)], every one tried before any is flown."""
    from perilune.design import design
    from perilune.flight.compile_cache import use_cache

    use_cache(watch.say)
    checked = []
    for number, (values, (mission, problem)) in enumerate(zip(points, missions, strict=True), 1):
        watch.say(f"checking point {number} of {len(points)}: {named(values)}")
        checked.append((values, problem or _refused(design, mission)))
    if all(problem is not None for _, problem in checked):
        values, problem = checked[0]
        raise InputError(f"No point of the sweep can be flown. {named(values)}: {problem}")
    return checked


def sweep_document(
    order: Order, varied: Sequence[Vary], flown: Sequence[Flown], place: Path
) -> dict[str, Any]:
    """What `sweep.json` holds."""
    first = next(point.document for point in flown if point.document is not None)
    whole = ("mission", "title", "seed", "faults", "sampling", "confidence", "requirement")
    document = {
        "schema": SCHEMA,
        **{name: first[name] for name in whole},
        "settings": list(order.settings),
        "vary": [{"path": each.path, "values": list(each.values)} for each in varied],
        "points": [_point(each, place) for each in flown],
        **_pairwise(flown, first["confidence"]),
        "provenance": first["provenance"],
    }
    return checked(SweepDocument, document)


def verdicts_of(document: Mapping[str, Any]) -> list[str]:
    """The verdict of every point; one that cannot be flown leaves a requirement undecided."""
    return [
        "undecided" if point["problem"] and document["requirement"] else _verdict(point)
        for point in document["points"]
    ]


def _verdict(point: Mapping[str, Any]) -> str:
    return "none" if point["problem"] else point["decision"]["verdict"]


def _pairwise(flown: Sequence[Flown], confidence: float) -> dict[str, Any]:
    """`pairs`, `together` and `notes`: the points that were flown, each beside others."""
    known = [place for place, point in enumerate(flown) if point.document]
    tables = [row_store.read_rows(str(flown[place].folder)) for place in known]
    chosen = pairs_of([flown[place].values for place in known])
    refused = [why for pair in chosen if (why := _refusal(flown, [known[i] for i in pair]))]
    if refused:
        return {"pairs": [], "together": None, "notes": [f"Points are not compared: {refused[0]}"]}
    found = compare_points(tables, chosen, confidence)
    for row in found["pairs"]:
        row |= {"a": known[row["a"]], "b": known[row["b"]]}
    documents = [point.document for point in flown if point.document]
    count = min(document["runs"] for document in documents)
    return plain(found) | {"notes": notes_of(documents, count) if found["pairs"] else []}


def _refusal(flown: Sequence[Flown], places: Sequence[int]) -> str | None:
    """Why run i of one point is not run i of the other, or None."""
    try:
        check_pairs(*zip(*((flown[i].folder, flown[i].document) for i in places), strict=True))
    except InputError as error:
        return str(error)
    return None


def _point(flown: Flown, place: Path) -> dict[str, Any]:
    names = ("runs", "clean", "probability", "interval", "decision", "outcomes", "violations")
    kept = {name: (flown.document or {}).get(name) for name in (*names, "figures")}
    folder = Path(flown.folder).relative_to(place).as_posix() if flown.folder else None
    return {"values": flown.values, "folder": folder, "problem": flown.problem, **kept}


def _ordered(order: Order, values: Mapping[str, str]) -> Order:
    """The order of one point: what varies is set last."""
    settings = [f"{path}={value}" for path, value in values.items()]
    return dataclasses.replace(order, settings=(*order.settings, *settings))


def _flown(
    order: Order, watch: LineWatch | BarWatch, place: Path, pool: Any
) -> tuple[dict[str, Any], str]:
    """A point's campaign; after an interruption the whole sweep is what can be resumed."""
    try:
        with signals.standing(lambda: kept_words(place)):
            return fly_and_show(order, watch, pool)
    except (BrokenOffError, KeyboardInterrupt) as stop:
        if not (place / POINTS_FOLDER).is_dir():
            raise
        raise BrokenOffError(f"interrupted: {kept_words(place)}") from stop


def _usual(order: Order, mission: Any) -> Path:
    return Path("runs", "-".join([mission.name, *mission.faults, "sweep", f"s{order.seed}"]))


def _write(place: Path, document: Mapping[str, Any], flown: Sequence[Flown], mission: Any) -> None:
    from perilune.report.pages.sweep_page import sweep_html

    about = {"title": mission.title, "summary": mission.summary, "notes": document["notes"]}
    about["pairwise"] = {name: document[name] for name in ("pairs", "together")}
    page = sweep_html([dataclasses.asdict(point) for point in flown], about)
    row_store.write_text(place, row_store.PAGE_FILE, page)
    row_store.write_document(place, SWEEP_FILE, document)
