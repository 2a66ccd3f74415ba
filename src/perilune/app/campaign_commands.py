"""perilune campaign, replay, query, compare, sweep: words typed to an order, and an exit code."""

import sys
from typing import Annotated, cast

import typer

from perilune.app import options

CODES = {
    "none": options.DONE,
    "met": options.DONE,
    "refuted": options.NOT_MET,
    "undecided": options.UNDECIDED,
}


def campaign(  # noqa: PLR0913, PLR0917, one parameter an option is how typer reads a command
    mission: options.Mission,
    runs: options.Runs = None,
    require: options.Require = None,
    confidence: options.Confidence = 0.95,
    seed: options.Seed = 0,
    fault: options.Faults = None,
    settings: options.Settings = None,
    sampling: options.Sampling = "random",
    workers: options.Workers = None,
    cluster: options.Cluster = None,
    out: options.Out = None,
    resume: options.Resume = False,
    as_json: options.AsJson = False,
):
    """Fly a mission many times, say how likely a clean touchdown is and what breaks first.

    Every probability is of this model and these dispersions.

    Leaves with 0 when the requirement is met or none was asked, 3 when it is refuted, 4 when the
    runs ended undecided, 2 for bad input, 5 when the numbers of a flight broke down.
    """
    from perilune.app.campaign_screen import watching
    from perilune.app.campaign_terminal import campaign_lines, show_document
    from perilune.app.run_campaign import fly_and_show
    from perilune.campaign.request import Order, Sampling
    from perilune.environment_variables import named_folders

    order = Order(
        mission,
        seed=seed,
        faults=tuple(fault or ()),
        settings=tuple(settings or ()),
        runs=runs,
        require=require,
        confidence=confidence,
        sampling=cast(Sampling, sampling),  # `check_order` refuses any other
        workers=workers,
        cluster=cluster,
        out=out,
        resume=resume,
        folders=named_folders(),
    )
    with watching(require is not None) as watch:
        document, folder = fly_and_show(order, watch)
    show_document(document, folder, as_json, campaign_lines(document, folder))
    return options.exit_code(document["outcomes"], CODES[document["decision"]["verdict"]])


def sweep(  # noqa: PLR0913, PLR0917
    mission: options.Mission,
    vary: Annotated[
        list[str],
        typer.Option("--vary", metavar="PATH=A,B,C", help="Values of a path; several: a grid."),
    ],
    runs: options.Runs = None,
    require: options.Require = None,
    confidence: options.Confidence = 0.95,
    seed: options.Seed = 0,
    fault: options.Faults = None,
    settings: options.Settings = None,
    sampling: options.Sampling = "random",
    workers: options.Workers = None,
    cluster: options.Cluster = None,
    out: options.Out = None,
    resume: options.Resume = False,
    as_json: options.AsJson = False,
):
    """Fly a campaign at each value of what is varied, all on the same run numbers.

    Every point is designed before any is flown; one that cannot be is a row that says why. Leaves
    with 0 when nothing was required or every point meets the requirement; with a requirement, 3
    when a point is refuted, else 4 when one is undecided or cannot be flown. Leaves with 2 for bad
    input or where no point can be flown, 5 when the numbers of a flight broke down.
    """
    from perilune.app.campaign_screen import watching
    from perilune.app.campaign_terminal import show_document, sweep_lines
    from perilune.app.run_sweep import sweep_and_write, verdicts_of
    from perilune.campaign.request import Order, Sampling
    from perilune.environment_variables import named_folders

    order = Order(
        mission,
        seed=seed,
        faults=tuple(fault or ()),
        settings=tuple(settings or ()),
        runs=runs,
        require=require,
        confidence=confidence,
        sampling=cast(Sampling, sampling),  # `check_order` refuses any other
        workers=workers,
        cluster=cluster,
        out=out,
        resume=resume,
        folders=named_folders(),
    )
    with watching(require is not None) as watch:
        document, folder = sweep_and_write(order, vary, watch)
    show_document(document, folder, as_json, sweep_lines(document))
    codes = {CODES[verdict] for verdict in verdicts_of(document)}
    code = next((code for code in (options.NOT_MET, options.UNDECIDED) if code in codes), 0)
    outcomes = {name for point in document["points"] for name in point.get("outcomes") or ()}
    return options.exit_code(outcomes, code)


def replay(
    folder: options.Folder,
    run: Annotated[int, typer.Argument(metavar="RUN", min=0, max=options.LARGEST)],
    out: Annotated[
        str | None, typer.Option(metavar="DIR", help="Where to write; DIR/replays/… otherwise.")
    ] = None,
    as_json: options.AsJson = False,
):
    """Fly a run of a campaign again with full telemetry and a report, and check it by its row.

    Leaves with 0 when the row is matched to the bit, 3 when it is not, 2 for bad input, 5 when the
    numbers of the flight broke down.
    """
    from perilune.app.flight_screen import progress, show_result
    from perilune.app.replay_run import match_sentence, replay_and_write

    with progress() as tell:
        result, place = replay_and_write(folder, run, out, tell)
    show_result(result, place, as_json)
    (sys.stderr if as_json else sys.stdout).write(f"{match_sentence(result)}\n")
    code = options.DONE if result["provenance"]["replay"]["matches"] else options.NOT_MET
    return options.exit_code([result["outcome"]], code)


def query(
    folder: options.Folder,
    sql: Annotated[str, typer.Argument(metavar="SQL", help="The rows are in the table `runs`.")],
    as_json: Annotated[bool, typer.Option("--json", help="A list of objects.")] = False,
    as_csv: Annotated[bool, typer.Option("--csv", help="Comma-separated, with a head.")] = False,
):
    """Ask the rows of a campaign in SQL: perilune query DIR "select … from runs"."""
    from perilune.app.query_rows import query as answer_of
    from perilune.app.query_rows import write_answer
    from perilune.errors import InputError

    if as_json and as_csv:
        raise InputError("--json and --csv are two forms of one answer; give one of them.")
    answer = answer_of(folder, sql)
    write_answer(answer, "json" if as_json else "csv" if as_csv else "table")


def compare(
    first: Annotated[str, typer.Argument(metavar="DIR", help="A folder of `campaign`.")],
    second: Annotated[str, typer.Argument(metavar="DIR", help="Another, of the same seed.")],
    out: options.Out = None,
    as_json: options.AsJson = False,
):
    """Set two campaigns side by side on the same run numbers, and say what moved, by how much."""
    from perilune.app.campaign_terminal import print_plain, show_document
    from perilune.app.compare_campaigns import compare_and_write, compare_sentences
    from perilune.app.flight_screen import progress

    with progress() as tell:
        document, place = compare_and_write((first, second), out, tell)

    def lines(console):
        for sentence in (*compare_sentences(document), *document["notes"]):
            print_plain(console, sentence)

    show_document(document, place, as_json, lines)


ALL = (campaign, replay, query, compare, sweep)
