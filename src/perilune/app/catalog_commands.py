"""The commands about files: list, missions, inspect, plan, new, draw: what there is to fly."""

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer

from perilune import streams
from perilune.app import options
from perilune.app.quantity_options import quantity

if TYPE_CHECKING:
    from perilune.mission.listing import Entry, Parameter


def list_catalog(
    kind: Annotated[
        str | None,
        typer.Argument(metavar="KIND", help="missions, landers, sites or faults; default: all."),
    ] = None,
    as_json: options.AsJson = False,
) -> None:
    """List missions, landers, sites and faults; faults asked for come with their parameters."""
    from perilune.environment_variables import catalog_folder
    from perilune.mission.listing import entries_of, kinds_asked

    kinds, own = kinds_asked(kind), catalog_folder()
    found = {each: entries_of(each, own) for each in kinds}
    if as_json:
        _print_json({each: [_entry(entry) for entry in found[each]] for each in kinds})
        return
    for each in kinds:
        if kind is None:
            sys.stdout.write(f"{each}:\n")
        width = max((len(entry.name) for entry in found[each]), default=0)
        for entry in found[each]:
            sys.stdout.write(f"{'  ' * (kind is None)}{entry.name:<{width}}  {entry.line}\n")
            if kind is not None:
                _write_parameters(entry.parameters)


def _entry(entry: "Entry") -> dict[str, Any]:
    """An entry for a script: of a fault with its parameters."""
    rows = [vars(each) for each in entry.parameters]
    return {"name": entry.name, "line": entry.line} | ({"parameters": rows} if rows else {})


def _write_parameters(parameters: "Sequence[Parameter]") -> None:
    """A row each: path, value, unit."""
    width = max((len(each.path) for each in parameters), default=0)
    for each in parameters:
        row = f"    {each.path:<{width}}  {each.value} {each.unit}"
        sys.stdout.write(f"{row.rstrip()}\n")


def missions() -> None:
    """List the missions: the same as `list missions`."""
    list_catalog("missions")


def inspect(
    file: Annotated[str, typer.Argument(metavar="FILE", help="A map or a gravity field.")],
    place: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="LATITUDE LONGITUDE", help="A place: degrees, north and east positive."
        ),
    ] = None,
    as_json: options.AsJson = False,
) -> None:
    """Show how a map or a gravity field is read.

    With a place also the height of the map there; latitude and longitude are planetocentric, in
    MOON_ME. Example: perilune inspect map.tif -84.79 29.2
    """
    from perilune.report.inspection import inspection, inspection_lines, place_of

    document = inspection(file, place_of(file, place or []))
    if as_json:
        _print_json(document)
        return
    for line in inspection_lines(document):
        sys.stdout.write(f"{line}\n")


def plan(
    mission: options.Mission,
    fault: options.Faults = None,
    settings: options.Settings = None,
    out: Annotated[
        str | None, typer.Option(metavar="FILE", help="Output file; default: <mission>.plan.")
    ] = None,
) -> None:
    """Design a mission and write its plan to a file, for `fly --plan` and `campaign --plan`.

    Flights from the file are the same on every machine, whatever it would design itself.
    """
    from perilune.app.flight_screen import progress
    from perilune.app.write_plan_file import Asked, plan_and_write

    asked = Asked(mission, settings or (), fault or ())
    with progress() as notify:
        prepared, path = plan_and_write(asked, out, notify)
    sys.stdout.write(f"SHA-256 of the plan {prepared.plan_sha256}\n{path}\n")


def new(
    kind: Annotated[str, typer.Argument(metavar="KIND", help="lander, site or mission.")],
    name: Annotated[str, typer.Argument(metavar="NAME", help="Its name; the file is NAME.toml.")],
    like: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="Begin from this one; default: one of the catalog."),
    ] = None,
    lander: Annotated[
        str | None, typer.Option(metavar="LANDER", help="Of a mission: a name or a path.")
    ] = None,
    site: Annotated[
        str | None, typer.Option(metavar="SITE", help="Of a mission: a name or a path.")
    ] = None,
) -> None:
    """Write a lander, site or mission to start from, every key explained.

    Beside it the schema by which an editor checks and completes keys while you type.

    Example: perilune new lander hopper; perilune new mission first --lander ./hopper.toml
    """
    from perilune.environment_variables import catalog_folder
    from perilune.errors import InputError
    from perilune.mission.new_file import new_file, write_new
    from perilune.mission.schema import write_schema

    parts = {"lander": lander, "site": site}
    changes = {key: value for key, value in parts.items() if value is not None}
    if changes and kind != "mission":
        raise InputError(f"--{next(iter(changes))} is of a new mission, but a {kind} is asked for.")
    place, text = new_file(kind, name, like, changes, catalog_folder())
    write_new(place, text)
    write_schema(kind, place.parent)
    use = "check" if kind == "mission" else f"new mission NAME --{kind}"
    sys.stdout.write(f"{place}\nNext: perilune {use} ./{place}\n")


def schema(
    kind: Annotated[
        str | None,
        typer.Argument(
            metavar="KIND",
            help="lander, site, mission or fault: print its; default: write all here.",
        ),
    ] = None,
) -> None:
    """Print the JSON schema of a kind of file, or write that of every kind into this folder.

    An editor (Taplo, Even Better TOML) that reads the first line `#:schema ./lander.schema.json`
    of a file explains its keys, completes them, and marks what Perilune would refuse.
    """
    from pathlib import Path

    from perilune.mission.schema import MODELS, schema_line, schema_text, write_schema

    if kind is not None:
        streams.write_json(schema_text(kind))
        return
    for each in MODELS:
        place = write_schema(each, Path())
        sys.stdout.write(f"{place}  first line of a {each}: {schema_line(each)}")


def draw(
    lander: Annotated[
        str,
        typer.Argument(
            metavar="LANDER", help="A lander or a mission: a name in the catalog or a path."
        ),
    ],
    settings: options.Settings = None,
    out: Annotated[
        str | None,
        typer.Option(
            metavar="FILE", help="A page (.html) or a picture (.svg); default: <lander>.html."
        ),
    ] = None,
    propellant_kg: Annotated[
        float | None,
        typer.Option(
            "--propellant",
            metavar="KG",
            parser=quantity("--propellant", "kg", 0.0),
            help="In the full tanks; default: what a mission gives them at separation.",
        ),
    ] = None,
) -> None:
    """Draw a lander to scale, from the side, from ahead and from above.

    A wrong sign in its file is a part on the wrong side, or a nozzle that turns it the wrong way.
    """
    from perilune.app.draw_lander import Asked, draw_and_write
    from perilune.environment_variables import named_folders

    asked = Asked(lander, tuple(settings or ()), propellant_kg)
    place, mistakes = draw_and_write(asked, out, named_folders())
    for mistake in mistakes:
        sys.stderr.write(f"{mistake}\n")
    sys.stdout.write(f"{place}\n")


def _print_json(document: Any) -> None:
    import json

    sys.stdout.write(json.dumps(document, indent=2, ensure_ascii=False, allow_nan=False) + "\n")


def add_to(app: typer.Typer) -> None:
    """Give these commands to the command line."""
    app.command("list")(list_catalog)
    app.command()(missions)
    app.command()(plan)
    app.command()(new)
    app.command()(schema)
    app.command()(draw)
    # A negative latitude must not be taken for an option that is not known.
    app.command(context_settings={"ignore_unknown_options": True})(inspect)
