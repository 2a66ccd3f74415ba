"""Options that several commands share, and the exit codes of all."""

import sys
from collections.abc import Iterable
from typing import Annotated

import typer

DONE, BAD_INPUT, NOT_MET, UNDECIDED, INTERRUPTED = 0, 2, 3, 4, 130
NUMBERS_LOST = 5
NO_READER = 141
"""Whatever read standard output went away, as `head` does: 128 and the number of SIGPIPE."""
LARGEST = 2**32 - 1

Mission = Annotated[
    str, typer.Argument(metavar="MISSION", help="A name in the catalog, or the path of a file.")
]
Faults = Annotated[
    list[str] | None,
    typer.Option("--fault", metavar="NAME", help="Put a fault in; may be said again."),
]
Settings = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="PATH=VALUE", help="Change a value; may be said again."),
]
Seed = Annotated[int, typer.Option(min=0, max=LARGEST, help="The campaign's seed.")]
Runs = Annotated[
    int | None,
    typer.Option(metavar="N", help="Flights; with --require the most. 1000, or 10000 with it."),
]
Require = Annotated[
    float | None,
    typer.Option(
        metavar="P",
        help="Fly until P(clean) of this model and these dispersions is shown to be >= P, or not.",
    ),
]
Confidence = Annotated[
    float, typer.Option(metavar="C", help="Of intervals, bounds and the decision.")
]
Sampling = Annotated[
    str, typer.Option(metavar="KIND", help="random, sobol or lhs; --require takes random only.")
]
Workers = Annotated[
    int | None, typer.Option(metavar="N", help="Local processes; one for each core otherwise.")
]
Cluster = Annotated[
    str | None, typer.Option(metavar="ADDRESS", help="A Dask scheduler, tcp://HOST:PORT.")
]
Out = Annotated[str | None, typer.Option(metavar="DIR", help="Where to write; runs/… otherwise.")]
Resume = Annotated[bool, typer.Option("--resume", help="Complete what DIR holds of it.")]
AsJson = Annotated[
    bool, typer.Option("--json", help="Print the JSON document, and nothing else, on stdout.")
]
Folder = Annotated[str, typer.Argument(metavar="DIR", help="A folder that `campaign` wrote.")]


def exit_code(outcomes: Iterable[str], otherwise: int) -> int:
    """The exit code of a command whose flights ended so: its own if a flight lost its numbers.

    What is said of the landings then is said, but a flight that ends as NUMERICAL_FAILURE is no
    landing and no crash: it is a fault of the simulation, and a script must not take it for either.
    """
    if "NUMERICAL_FAILURE" not in outcomes:
        return otherwise
    sys.stderr.write(
        "perilune: a flight ended as NUMERICAL_FAILURE: its numbers broke down, which is a fault "
        "of the simulation and no landing; please report it with mission, seed and run.\n"
    )
    return NUMBERS_LOST
