"""Options that several commands share, and the exit codes of all."""

import sys
from collections.abc import Iterable
from typing import Annotated

import typer

DONE, BAD_INPUT, NOT_MET, UNDECIDED, INTERRUPTED = 0, 2, 3, 4, 130
NUMBERS_LOST = 5
NO_READER = 141
"""The reader of standard output ended, as `head` does: 128 and the number of SIGPIPE."""
LARGEST = 2**32 - 1

Mission = Annotated[
    str, typer.Argument(metavar="MISSION", help="Name in the catalog or path of a file.")
]
MissionOrPlan = Annotated[
    str | None,
    typer.Argument(metavar="MISSION", help="Name in the catalog or path of a file; or --plan."),
]
Plan = Annotated[
    str | None,
    typer.Option(
        metavar="FILE", help="Fly a plan that `perilune plan` wrote; nothing is designed."
    ),
]
Faults = Annotated[
    list[str] | None,
    typer.Option("--fault", metavar="NAME", help="Add a fault; may be repeated."),
]
Settings = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="PATH=VALUE", help="Change a value; may be repeated."),
]
Seed = Annotated[int, typer.Option(min=0, max=LARGEST, help="Seed of the campaign.")]
Runs = Annotated[
    int | None,
    typer.Option(
        metavar="N",
        help="Flights; with --require the maximum. Default: 1000; with --require 10000.",
    ),
]
Band = Annotated[
    int | None,
    typer.Option(
        "--band",
        metavar="N",
        help="Also fly N runs at the ends of every epistemic dispersion, for a band on P(clean).",
    ),
]
Require = Annotated[
    float | None,
    typer.Option(
        metavar="P",
        help="Fly until P(clean) of this model and these dispersions is proved >= P or < P.",
    ),
]
Confidence = Annotated[
    float, typer.Option(metavar="C", help="Confidence of intervals, bounds and the decision.")
]
Sampling = Annotated[
    str, typer.Option(metavar="KIND", help="random, sobol or lhs; --require needs random.")
]
Engine = Annotated[
    str | None,
    typer.Option(
        metavar="NAME",
        help="native or xla: the compiler of the flight; default: native, where it can.",
    ),
]
Workers = Annotated[
    int | None, typer.Option(metavar="N", help="Number of local processes; default: one per core.")
]
Cluster = Annotated[
    str | None,
    typer.Option(metavar="ADDRESS", help="Address of a Dask scheduler, tcp://HOST:PORT."),
]
Out = Annotated[str | None, typer.Option(metavar="DIR", help="Output folder; default: runs/….")]
Resume = Annotated[bool, typer.Option("--resume", help="Complete an interrupted campaign in DIR.")]
AsJson = Annotated[
    bool, typer.Option("--json", help="Print the JSON document and nothing else on stdout.")
]
Folder = Annotated[str, typer.Argument(metavar="DIR", help="A folder written by `campaign`.")]


def exit_code(outcomes: Iterable[str], otherwise: int) -> int:
    """The exit code of a command whose flights ended so: `NUMBERS_LOST` after a numerical failure.

    A flight that ends as NUMERICAL_FAILURE is no landing and no crash but a fault of the
    simulation; a script must not take it for either.
    """
    if "NUMERICAL_FAILURE" not in outcomes:
        return otherwise
    sys.stderr.write(
        "perilune: a flight ended as NUMERICAL_FAILURE: its numbers broke down, which is a fault "
        "of the simulation and no landing; please report it with mission, seed and run.\n"
    )
    return NUMBERS_LOST
