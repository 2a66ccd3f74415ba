"""The command line: `perilune fly | campaign | replay | …`, with exit codes a script can use."""

import dataclasses
import gc
import importlib
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, cast

import typer

from perilune import signals, streams
from perilune.app import (
    campaign_commands,
    catalog_commands,
    covariance_command,
    envelope_command,
    options,
    touchdown_command,
)
from perilune.app.shared_options import spread
from perilune.errors import BrokenOffError, InputError

if TYPE_CHECKING:
    from perilune.campaign.request import Engine

FLEW, NOT_CLEAN = options.DONE, options.NOT_MET
BAD_INPUT, INTERRUPTED = options.BAD_INPUT, options.INTERRUPTED

app = typer.Typer(
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    help="Fly robotic Moon landings in simulation, and judge the touchdown.",
)


def main() -> None:
    """Run the command line and leave with its exit code, as `perilune.__main__` does."""
    importlib.import_module("perilune.__main__").main()


def whole_command() -> int:
    """The exit code of the typed command; its streams are set up before and flushed after.

    Garbage collection is off in so short a process: it would cost tracing half a second.
    """
    gc.disable()
    streams.prepare()
    code = run(sys.argv[1:])
    try:
        sys.stdout.flush()
    except streams.StreamError as error:
        return _cut_off(error)
    return code


def run(arguments: Sequence[str]) -> int:
    """The exit code of one command; a mistake is one sentence on standard error."""
    try:
        _check_text(arguments)
        code = _answer(arguments)
    except InputError as error:
        return _refused(str(error), getattr(error, "__notes__", ()))
    except typer.TyperException as error:
        command = getattr(getattr(error, "ctx", None), "command_path", "perilune")
        words = error.format_message().rstrip(".")
        return _refused(f"{words}; see `{command} --help`.") if words else BAD_INPUT
    except streams.StreamError as error:
        return _cut_off(error)
    except BrokenOffError as error:
        sys.stderr.write(f"perilune: {error}.\n")
        return INTERRUPTED
    except KeyboardInterrupt:
        code = INTERRUPTED
    if code == INTERRUPTED:  # typer's own answer to Ctrl-C
        sys.stderr.write("perilune: interrupted; nothing was written.\n")
    return code


def _answer(arguments: Sequence[str]) -> int:
    try:
        code = app(list(arguments) or ["--help"], prog_name="perilune", standalone_mode=False)
    except ValueError as error:
        if not _is_of_jax_settings(error):
            raise
        raise InputError(
            f"A variable that JAX reads must be as it takes it, but: {error}; unset it."
        ) from error
    return code or FLEW


def _is_of_jax_settings(error: BaseException) -> bool:
    """Whether JAX, while it was imported, refused one of its environment variables."""
    last = error.__traceback__
    while last is not None and last.tb_next is not None:
        last = last.tb_next
    if last is None:
        return False
    return Path(last.tb_frame.f_code.co_filename).parts[-3:] == ("jax", "_src", "config.py")


def _check_text(arguments: Iterable[str]) -> None:
    for each in arguments:
        if any("\ud800" <= letter <= "\udfff" for letter in each):
            raise InputError(
                f"The argument {each!a} must be text in this terminal's encoding "
                f"({sys.getfilesystemencoding()}), but is not; write it in that."
            )


def _cut_off(error: streams.StreamError) -> int:
    """Standard output took no more: quietly where its reader went away, as `head` does."""
    streams.give_up()
    if error.is_broken:
        return options.NO_READER
    return _refused(f"Standard output cannot be written ({error}); {signals.kept()}.")


def _refused(sentence: str, notes: Iterable[str] = ()) -> int:
    sys.stderr.write(f"perilune: {' '.join(sentence.split())}\n")
    for note in notes:
        sys.stderr.write(f"note: {' '.join(note.split())}\n")
    return BAD_INPUT


def _show_version(asked: bool) -> None:
    if asked:
        from importlib.metadata import version

        sys.stdout.write(f"perilune {version('perilune')}\n")
        raise typer.Exit


@app.callback()
def _perilune(
    version: Annotated[
        bool,
        typer.Option(
            "--version", is_eager=True, callback=_show_version, help="Show the version and exit."
        ),
    ] = False,
) -> None:
    del version
    try:
        Path.cwd()
    except FileNotFoundError as error:
        raise InputError("The current folder has been deleted; change to another.") from error


@dataclasses.dataclass(frozen=True, kw_only=True)
class FlightOptions:
    """What `fly` takes beside the mission."""

    plan: options.Plan = None
    seed: options.Seed = 0
    run: Annotated[int, typer.Option(min=0, max=options.LARGEST, help="Number of the run.")] = 0
    nominal: Annotated[bool, typer.Option("--nominal", help="Switch every random draw off.")] = (
        False
    )
    fault: options.Faults = None
    settings: options.Settings = None
    engine: options.Engine = None
    out: options.Out = None
    as_json: Annotated[
        bool, typer.Option("--json", help="Print result.json and nothing else on stdout.")
    ] = False
    require_clean: Annotated[
        bool, typer.Option("--require-clean", help="Exit with 3 if the landing is not clean.")
    ] = False


@app.command()
@spread
def fly(asked: FlightOptions, mission: options.MissionOrPlan = None) -> int:
    """Fly one run from lunar orbit to rest, and judge it.

    Writes report.html, result.json and telemetry.parquet into the output folder.

    Exit codes: 0 flown; 2 bad input; 3 not clean, with --require-clean; 5 numerical failure.
    """
    from perilune.app.flight_screen import progress, show_result
    from perilune.app.run_flight import Request, fly_and_write

    request = Request(
        mission or "",
        plan=asked.plan,
        seed=asked.seed,
        run=asked.run,
        nominal=asked.nominal,
        faults=tuple(asked.fault or ()),
        settings=tuple(asked.settings or ()),
        engine=cast("Engine | None", asked.engine),
        out=asked.out,
    )
    with progress() as notify:
        result, folder = fly_and_write(request, notify)
    show_result(result, folder, asked.as_json)
    code = NOT_CLEAN if asked.require_clean and not result["clean"] else FLEW
    return options.exit_code([result["outcome"]], code)


for _each in campaign_commands.ALL:
    app.command()(_each)
catalog_commands.add_to(app)
covariance_command.add_to(app)
envelope_command.add_to(app)
touchdown_command.add_to(app)


@app.command()
def check(
    mission: Annotated[
        str | None,
        typer.Argument(
            metavar="MISSION", help="Name in the catalog or path of a file; default: all."
        ),
    ] = None,
    fault: options.Faults = None,
    settings: options.Settings = None,
) -> int:
    """List what would keep a mission from flying; else its margins, and which limit binds.

    Reads and designs the mission and flies nothing: thrust and throttle of each phase, propellant,
    control authority, margins of the control loops, what each sensor sees. Exit codes: 0 nothing
    is wrong; 2 something is.
    """
    from perilune.app.check_lines import lines_of
    from perilune.design.check import examine_named
    from perilune.environment_variables import named_folders
    from perilune.flight.compile_cache import use_cache
    from perilune.mission import list_missions, notes

    use_cache(typer.echo)
    found, folders = 0, named_folders()
    every = (
        [name for name, _, _ in list_missions(folders.catalog)] if mission is None else [mission]
    )
    for name in every:
        examined = examine_named(name, settings or (), fault or (), folders)
        found += len(examined.problems)
        for problem in examined.problems:
            is_named = problem.startswith((f"{name}: ", f"{name.removeprefix('./')}: "))
            before = "" if is_named else f"{name}: "
            sys.stderr.write(f"{before}{problem}\n")
        if examined.mission is not None:
            line = " ".join([f"{name}: {_well(examined.notes)}", *notes(examined.mission)])
            sys.stdout.write(f"{line}\n")
        for note in examined.notes:
            sys.stdout.write(f"{name}: note: {note}\n")
        if examined.figures is not None:
            sys.stdout.write("".join(f"{line}\n" for line in lines_of(examined.figures)))
    return BAD_INPUT if found else FLEW


def _well(notes: tuple[str, ...]) -> str:
    """The line of `check` where nothing is refused; notes on maps and field change it."""
    if not notes:
        return "nothing is missing or wrong."
    return f"it can be flown, but see the {'notes' if len(notes) > 1 else 'note'} below."


@app.command()
def show(
    mission: options.Mission, fault: options.Faults = None, settings: options.Settings = None
) -> None:
    """Print a mission with every value and its source.

    The text is itself a mission file; values are written as --set takes them. Where a site states
    no height, that of its first map is written.
    """
    from perilune.design.site_height import with_height
    from perilune.environment_variables import named_folders
    from perilune.mission import load_mission, resolved_text
    from perilune.mission.show import kind_counts, sourcing_sentence, tags_of

    loaded = load_mission(mission, settings or (), fault or (), folders=named_folders())
    resolved = with_height(loaded)
    counted = sourcing_sentence(kind_counts(tags_of(resolved).values()))
    streams.write_toml(f"{resolved_text(resolved)}\n# {counted}\n")
