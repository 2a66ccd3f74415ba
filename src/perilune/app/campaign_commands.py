"""The commands campaign, replay, query, compare and sweep: from options to an exit code."""

import dataclasses
import sys
from typing import Annotated

import typer

from perilune.app import options
from perilune.app.shared_options import CampaignOptions, spread

CODES = {
    "none": options.DONE,
    "met": options.DONE,
    "refuted": options.NOT_MET,
    "undecided": options.UNDECIDED,
}


@spread
def campaign(
    asked: CampaignOptions,
    mission: options.MissionOrPlan = None,
    plan: options.Plan = None,
    band: options.Band = None,
) -> int:
    """Fly a mission many times: how likely is a clean touchdown?

    Reports P(clean) with its interval, the first cause of every failure and the inputs that drive
    them. Every probability is of this model and these dispersions. With --band, also the band of
    P(clean) over the dispersions of kind "epistemic", which are not known rather than chance.

    Exit codes: 0 requirement met, or none given; 2 bad input; 3 requirement refuted; 4 undecided
    after all runs; 5 numerical failure in a flight.
    """
    from perilune.app.campaign_screen import watching
    from perilune.app.campaign_terminal import campaign_lines, show_document
    from perilune.app.run_campaign import fly_and_show

    order = dataclasses.replace(asked.order(mission or "", plan), band_runs=band)
    with watching(asked.require is not None) as watch:
        document, folder = fly_and_show(order, watch)
    show_document(document, folder, asked.as_json, campaign_lines(document, folder))
    return options.exit_code(document["outcomes"], CODES[document["decision"]["verdict"]])


@spread
def sweep(
    mission: options.Mission,
    vary: Annotated[
        list[str],
        typer.Option(
            "--vary",
            metavar="PATH=A,B,C",
            help="Values of a parameter; may be repeated, which makes a grid.",
        ),
    ],
    asked: CampaignOptions,
) -> int:
    """Fly a campaign at each value of a parameter.

    All points fly the same run numbers, so that they are compared in pairs. Every point is designed
    before any is flown; for a point that cannot be designed the report gives the reason.

    Exit codes: 0 every point meets the requirement, or none given; 2 bad input, or no point can be
    flown; 3 requirement refuted at a point; 4 undecided at a point, or a point cannot be flown; 5
    numerical failure in a flight.
    """
    from perilune.app.campaign_screen import watching
    from perilune.app.campaign_terminal import show_document, sweep_lines
    from perilune.app.run_sweep import sweep_and_write, verdicts_of

    order = asked.order(mission)
    with watching(asked.require is not None) as watch:
        document, folder = sweep_and_write(order, vary, watch)
    show_document(document, folder, asked.as_json, sweep_lines(document))
    codes = {CODES[verdict] for verdict in verdicts_of(document)}
    code = next((code for code in (options.NOT_MET, options.UNDECIDED) if code in codes), 0)
    outcomes = {name for point in document["points"] for name in point.get("outcomes") or ()}
    return options.exit_code(outcomes, code)


def replay(
    folder: options.Folder,
    run: Annotated[
        int, typer.Argument(metavar="RUN", min=0, max=options.LARGEST, help="Number of the run.")
    ],
    out: Annotated[
        str | None, typer.Option(metavar="DIR", help="Output folder; default: DIR/replays/….")
    ] = None,
    as_json: options.AsJson = False,
) -> int:
    """Fly one run of a campaign again, with full telemetry.

    Writes a report of the run and compares the flight with its row in the campaign.

    Exit codes: 0 equal to its row to the bit; 2 bad input; 3 different from its row; 5 numerical
    failure.
    """
    from perilune.app.flight_screen import progress, show_result
    from perilune.app.replay_run import match_sentence, replay_and_write

    with progress() as notify:
        result, place = replay_and_write(folder, run, out, notify)
    show_result(result, place, as_json)
    (sys.stderr if as_json else sys.stdout).write(f"{match_sentence(result)}\n")
    code = options.DONE if result["provenance"]["replay"]["matches"] else options.NOT_MET
    return options.exit_code([result["outcome"]], code)


def query(
    folder: options.Folder,
    sql: Annotated[
        str, typer.Argument(metavar="SQL", help="A select statement; the table is `runs`.")
    ],
    as_json: Annotated[bool, typer.Option("--json", help="Print a JSON list of objects.")] = False,
    as_csv: Annotated[
        bool, typer.Option("--csv", help="Print comma-separated values with a header.")
    ] = False,
) -> None:
    """Query the rows of a campaign in SQL.

    Example: perilune query DIR "select avg(miss_m) from runs"
    """
    from perilune.app.query_rows import query as answer_of
    from perilune.app.query_rows import write_answer
    from perilune.errors import InputError

    if as_json and as_csv:
        raise InputError("--json and --csv exclude each other; give one of them.")
    write_answer(answer_of(folder, sql), "json" if as_json else "csv" if as_csv else "table")


def compare(
    first: Annotated[str, typer.Argument(metavar="DIR", help="A folder written by `campaign`.")],
    second: Annotated[str, typer.Argument(metavar="DIR", help="Another one, with the same seed.")],
    out: options.Out = None,
    as_json: options.AsJson = False,
) -> None:
    """Compare two campaigns run by run.

    Both must have flown the same mission with the same seed. Reports which figures changed, by how
    much, with intervals.
    """
    from perilune.app.campaign_terminal import show_document
    from perilune.app.compare_campaigns import compare_and_write
    from perilune.app.compare_terminal import compare_lines
    from perilune.app.flight_screen import progress

    with progress() as notify:
        document, place = compare_and_write((first, second), out, notify)
    show_document(document, place, as_json, compare_lines(document))


ALL = (campaign, replay, query, compare, sweep)
