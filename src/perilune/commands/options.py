"""Options that several commands share, and the exit codes of all."""

from typing import Annotated

import typer

DONE, BAD_INPUT, NOT_MET, UNDECIDED, INTERRUPTED = 0, 2, 3, 4, 130
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
    typer.Option(metavar="P", help="Fly until P(clean) >= P is proved or refuted, of this model."),
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
