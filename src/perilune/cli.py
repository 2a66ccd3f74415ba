"""The command line: `perilune fly | campaign | replay | …`, with exit codes a script can use."""

import contextlib
import gc
import os
import sys
from typing import Annotated

import typer

from perilune.commands import campaigns, options
from perilune.errors import BrokenOffError, InputError

FLEW, NOT_CLEAN = options.DONE, options.NOT_MET
BAD_INPUT, INTERRUPTED = options.BAD_INPUT, options.INTERRUPTED

app = typer.Typer(
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    help="Fly robotic Moon landings in simulation, and judge the touchdown.",
)


def main():
    """Run the command line and leave with its exit code, at once.

    Taking a compiler and its threads down in good order costs 0.7 s, or half a minute where
    Ctrl-C came while it was at work; all files are written by now. Nor are cycles collected in so
    short a life: that costs tracing half a second.
    """
    gc.disable()
    code = run(sys.argv[1:])
    with contextlib.suppress(BrokenPipeError):
        sys.stdout.flush()
        sys.stderr.flush()
    os._exit(code)


def run(arguments):
    """The exit code of one command; a mistake is told in one sentence on standard error."""
    try:
        code = (
            app(list(arguments) or ["--help"], prog_name="perilune", standalone_mode=False) or FLEW
        )
    except InputError as error:
        return _refused(str(error))
    except typer.TyperException as error:
        asked = getattr(getattr(error, "ctx", None), "command_path", "perilune")
        said = error.format_message().rstrip(".")
        return _refused(f"{said}; see `{asked} --help`.") if said else BAD_INPUT
    except BrokenOffError as error:
        sys.stderr.write(f"perilune: {error}.\n")
        return INTERRUPTED
    except KeyboardInterrupt:
        code = INTERRUPTED
    if code == INTERRUPTED:  # typer's own answer to Ctrl-C
        sys.stderr.write("perilune: interrupted; nothing was written.\n")
    return code


def _refused(sentence):
    sys.stderr.write(f"perilune: {' '.join(sentence.split())}\n")
    return BAD_INPUT


def _show_version(asked: bool):
    if asked:
        from importlib.metadata import version

        typer.echo(f"perilune {version('perilune')}")
        raise typer.Exit


@app.callback()
def _perilune(
    version: Annotated[
        bool,
        typer.Option(
            "--version", is_eager=True, callback=_show_version, help="Show the version and leave."
        ),
    ] = False,
):
    del version


@app.command()
def fly(  # noqa: PLR0913, PLR0917, one parameter an option is how typer reads a command
    mission: options.Mission,
    seed: options.Seed = 0,
    run: Annotated[
        int, typer.Option(min=0, max=options.LARGEST, help="The run of that campaign.")
    ] = 0,
    nominal: Annotated[bool, typer.Option("--nominal", help="Switch every draw off.")] = False,
    fault: options.Faults = None,
    settings: options.Settings = None,
    out: options.Out = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print result.json, and nothing else, on stdout.")
    ] = False,
    require_clean: Annotated[
        bool, typer.Option("--require-clean", help="Leave with 3 when not clean.")
    ] = False,
):
    """Fly one run from lunar orbit to rest, judge it, write DIR/report.html and its data.

    Leaves with 0 when it flew, 2 for bad input, 3 with --require-clean when not clean, 5 when its
    numbers broke down.
    """
    from perilune.flying import Request, fly_and_write
    from perilune.screen import progress, show_result

    faults, values = tuple(fault or ()), tuple(settings or ())
    request = Request(mission, seed, run, nominal, faults, values, out)
    with progress() as tell:
        result, folder = fly_and_write(request, tell)
    show_result(result, folder, as_json)
    code = NOT_CLEAN if require_clean and not result["clean"] else FLEW
    return options.exit_code([result["outcome"]], code)


for _each in campaigns.ALL:
    app.command()(_each)


@app.command()
def missions():
    """List the missions of the catalog."""
    from perilune.mission import list_missions

    listed = list_missions()
    width = max((len(name) for name, _, _ in listed), default=0)
    for name, title, summary in listed:
        typer.echo(f"{name:<{width}}  {title}. {summary}")


@app.command()
def check(
    mission: Annotated[str | None, typer.Argument(metavar="[MISSION]")] = None,
    fault: options.Faults = None,
    settings: options.Settings = None,
):
    """Name everything that a flight of a mission, or of every one, would be refused for."""
    from perilune.design.check import check_mission as problems_of
    from perilune.flight.programs import use_cache
    from perilune.mission import list_missions, load_mission, notes

    use_cache(typer.echo)
    found = 0
    for name in [mission] if mission else [name for name, _, _ in list_missions()]:
        problems = problems_of(name, settings or (), fault or ())
        found += len(problems)
        for problem in problems:
            typer.echo(f"{name}: {problem}", err=True)
        if not problems:
            told = " ".join(notes(load_mission(name, settings or (), fault or ())))
            typer.echo(f"{name}: nothing is missing or wrong. {told}".rstrip())
    return BAD_INPUT if found else FLEW


@app.command()
def show(mission: options.Mission, fault: options.Faults = None, settings: options.Settings = None):
    """Print a mission resolved: every value, as --set takes it, with the tag of its source."""
    from perilune.mission import load_mission, resolved_text

    typer.echo(resolved_text(load_mission(mission, settings or (), fault or ())), nl=False)
