"""A linear covariance analysis from a mission to its files."""

import csv
import io
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from perilune.app.compare_campaigns import check_place
from perilune.app.covariance_analysis import Asked, analysed
from perilune.app.stages import Stages
from perilune.campaign.request import check_engine
from perilune.campaign.run import row_store
from perilune.errors import InputError
from perilune.output_folder import out_folder

if TYPE_CHECKING:
    import pyarrow as pa

COVARIANCE_FILE, TABLE_FILE = "covariance.json", "covariance.csv"


def analyse_and_write(asked: Asked, notify: Callable[[str], None]) -> tuple[dict[str, Any], str]:
    """(`covariance.json`'s document, its folder). InputError for what a user can correct."""
    from perilune.campaign.covariance_document import CovarianceDocument, with_flown
    from perilune.campaign.scaled_budget import read_scales, scaled
    from perilune.flight.compile_cache import use_cache
    from perilune.mission import sound_mission
    from perilune.report.pages.covariance_page import covariance_html
    from perilune.verdict.document import checked

    check_engine(asked.engine)
    use_cache(notify)
    stage = Stages(notify)
    with stage("read", "reading the mission"):
        scales = read_scales(asked.scales)
        mission = sound_mission(asked.mission, asked.settings, asked.faults, asked.folders)
        usual = "-".join([mission.name, *mission.faults, "covariance", f"s{asked.seed}"])
        place = out_folder(asked.out, Path("runs", usual))
        check_place(place, COVARIANCE_FILE)
        rows = None if asked.beside is None else _rows_beside(asked.beside, mission.name)
    found = with_flown(scaled(analysed(mission, asked, stage), scales), rows, asked.beside)
    document = checked(CovarianceDocument, {**found, "wall_s": dict(stage.wall_s)})
    place.mkdir(parents=True, exist_ok=True)
    row_store.write_text(place, TABLE_FILE, table_text(document))
    row_store.write_text(place, row_store.PAGE_FILE, covariance_html(document, mission.summary))
    row_store.write_document(place, COVARIANCE_FILE, document)
    return document, str(place)


def _rows_beside(folder: str, mission: str) -> "pa.Table":
    """The rows of a campaign of the mission."""
    flown = row_store.read_order(Path(folder))["mission"]
    if Path(str(flown)).stem != mission:
        raise InputError(
            f"--beside must be a campaign of {mission}, but {folder} is one of {flown}; name "
            "another, or fly one with `perilune campaign`."
        )
    return row_store.read_rows(folder)


def table_text(document: Mapping[str, Any]) -> str:
    """`covariance.csv`: a row for each moment and source, with claimed, true and flown ones."""
    axes = list(document["moments"][0]["true"])
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(("point", "time_s", "source", *axes))
    for moment in document["moments"]:
        for name, figures in _figures(document, moment):
            values = (figures[axis] for axis in axes)
            writer.writerow((moment["point"], moment["time_s"], name, *values))
    return text.getvalue()


def _figures(
    document: Mapping[str, Any], moment: Mapping[str, Any]
) -> Iterator[tuple[str, Mapping[str, float]]]:
    yield from ((name, moment["by_source"][name]) for name in document["sources"])
    for name in ("true", "claimed", "reference", "flown"):
        if moment[name] is not None:
            yield name, moment[name]
