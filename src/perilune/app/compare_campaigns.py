"""Two campaigns side by side on the same run numbers, paired, and the page of that."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from perilune.campaign.analysis.paired_figures import compare_figures
from perilune.campaign.comparison_documents import SCHEMA, ComparisonDocument
from perilune.campaign.run import row_store
from perilune.campaign.run.disk_refusals import disk_refusals, try_to_write
from perilune.campaign.statistics import paired_tests
from perilune.campaign.statistics.columns import flags
from perilune.errors import InputError
from perilune.output_folder import out_folder
from perilune.report.campaign_words import plain_characters
from perilune.report.pages.moved_figures import sentences
from perilune.verdict.document import checked
from perilune.verdict.plain import plain

if TYPE_CHECKING:
    import pyarrow as pa

COMPARE_FILE = "compare.json"


def compare_and_write(
    folders: Sequence[str], out: str | None, notify: Callable[[str], None]
) -> tuple[dict[str, Any], str]:
    """Set two campaigns side by side: (`compare.json`'s document, the folder it is in).

    `folders` is two of them. Raises InputError where their runs are not pairs.
    """
    notify("reading the campaigns")
    documents = [row_store.read_campaign(folder) for folder in folders]
    _check_two(folders)
    check_pairs(folders, documents)
    place = out_folder(out, Path("runs", "-beside-".join(_names(folders))))
    check_place(place, COMPARE_FILE)
    _check_other(folders)
    tables = [row_store.read_rows(folder) for folder in folders]
    count = min(len(table) for table in tables)
    tables = [table.slice(0, count) for table in tables]
    confidence = documents[0]["confidence"]
    one, other = (flags(table, "clean") for table in tables)
    comparison = paired_tests.compare(one, other, confidence)
    comparison |= compare_figures(tables, confidence)
    document = checked(
        ComparisonDocument,
        plain(
            {
                "schema": SCHEMA,
                "folders": [str(folder) for folder in folders],
                "names": list(_names(folders)),
                **comparison,
                "sentences": list(map(plain_characters, sentences(_names(folders), comparison))),
                "notes": notes_of(documents, count),
                "campaigns": [_about(each) for each in documents],
            }
        ),
    )
    notify(f"writing {place}")
    _write(place, document, documents, tables, comparison)
    return document, str(place)


def _check_two(folders: Sequence[str]) -> None:
    """Raise InputError where both are one folder, by whatever path."""
    one, other = (Path(each).resolve() for each in folders)
    if one == other:
        raise InputError(
            f"Two campaigns are compared, but {folders[0]} and {folders[1]} are the same folder; "
            "name another campaign of the same mission."
        )


def _check_other(folders: Sequence[str]) -> None:
    """Raise InputError where two folders hold the same campaign, as a copy does."""
    first, second = (row_store.read_order(each)["digest"] for each in folders)
    if first == second:
        raise InputError(
            f"Two campaigns are compared, but {folders[0]} and {folders[1]} hold one and the same: "
            "values, seed, code and data are alike, and so is every run; name another campaign of "
            "the same mission, which may differ in faults and settings."
        )


def check_pairs(folders: Sequence[str], documents: Sequence[Mapping[str, Any]]) -> None:
    """Raise InputError where run i of one campaign is not run i of the other."""
    (one, other), (first, second) = folders, documents
    _check_same_mission(folders, documents)
    for name, option in (("seed", "--seed"), ("sampling", "--sampling")):
        if first[name] != second[name]:
            raise InputError(
                f"Two campaigns are paired by run number where both have the same {name}, but "
                f"{one} has {first[name]} and {other} has {second[name]}, so that their runs are "
                f"not pairs; fly one of them again with {option} {first[name]}."
            )
    if first["sampling"] == "random":
        return
    laid = [([each["path"] for each in d["dispersions"]], d["runs"]) for d in documents]
    if laid[0] != laid[1]:
        raise InputError(
            f"With {first['sampling']} sampling two campaigns are pairs where they draw the same "
            f"inputs in as many runs, but {one} and {other} do not; fly them with random sampling."
        )


def _check_same_mission(folders: Sequence[str], documents: Sequence[Mapping[str, Any]]) -> None:
    """Raise InputError where the two flew other missions or landers: their draws are not alike."""
    landers = [
        row_store.read_order(each)["identity"]["values"].get("lander.name") for each in folders
    ]
    flown = [
        f"{document['mission']} ({lander})"
        for document, lander in zip(documents, landers, strict=True)
    ]
    if flown[0] != flown[1]:
        raise InputError(
            "Two campaigns are compared where both flew the same mission and lander, but "
            f"{folders[0]} flew {flown[0]} and {folders[1]} flew {flown[1]}; name two of one "
            "mission, which may differ in faults and settings."
        )


def check_place(place: Path, name: str) -> None:
    """Raise InputError where a folder is there that holds anything but an earlier `name`."""
    with disk_refusals(place):
        _check_place(place, name)


def _check_place(place: Path, name: str) -> None:
    if place.exists() and not place.is_dir():
        raise InputError(f"--out must be a folder, but {place} is a file; name another.")
    if place.is_dir() and any(place.iterdir()) and not (place / name).is_file():
        raise InputError(
            f"--out must be new, empty or hold an earlier `{name}`, but {place} has other files "
            "in it; name another."
        )
    try_to_write(place)


def _names(folders: Sequence[str]) -> tuple[str, ...]:
    """What to call the two: the last part of their paths, or letters where those are alike."""
    names = tuple(Path(folder).resolve().name for folder in folders)
    return names if names[0] != names[1] else ("A", "B")


def notes_of(documents: Sequence[Mapping[str, Any]], count: int) -> list[str]:
    """What limits the meaning of the p value."""
    notes = []
    if documents[0]["sampling"] != "random":
        notes.append(
            f"The test takes runs for independent; those of {documents[0]['sampling']} sampling "
            "are not, so it is approximate."
        )
    if len({document["runs"] for document in documents}) > 1:
        first = f"first {count:,} runs" if len(documents) == 2 else "first runs of two"
        notes.append(f"Only the {first}, which both have, are compared.")
    if any(each["decision"]["verdict"] in ("met", "refuted") for each in documents):
        notes.append(
            "A campaign with a requirement ended when it was decided; the test takes the number "
            "of runs as chosen beforehand."
        )
    return notes


def _about(document: Mapping[str, Any]) -> dict[str, Any]:
    names = ("mission", "seed", "faults", "settings", "sampling", "runs", "clean", "probability")
    return {name: document[name] for name in (*names, "interval", "confidence", "decision")}


def _write(
    place: Path,
    document: Mapping[str, Any],
    documents: Sequence[Mapping[str, Any]],
    tables: Sequence["pa.Table"],
    comparison: Mapping[str, Any],
) -> None:
    from perilune.report.pages.comparison_page import compare_html

    page = compare_html(documents, tables, comparison, {"names": document["names"]})
    with disk_refusals(place):
        place.mkdir(parents=True, exist_ok=True)
    row_store.write_text(place, row_store.PAGE_FILE, page)
    row_store.write_document(place, COMPARE_FILE, document)
