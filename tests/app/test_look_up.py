"""The look-up pages of campaigns name exactly what files and rows have."""

import itertools
import re
from pathlib import Path

from perilune.app import cli
from perilune.campaign.campaign_document import campaign_json_schema
from perilune.campaign.run import row_store

PAGES = Path(__file__).resolve().parents[2] / "docs" / "look-up"
WHOLE = "The document"


def cells_by_section(page):
    """{heading: first cells in backquotes of the table below it}."""
    parts = re.split(r"^## `?([^`\n]+)`?$", (PAGES / page).read_text(), flags=re.MULTILINE)
    return {
        name: re.findall(r"^\| `([^`]+)` \|", text, re.MULTILINE)
        for name, text in zip(parts[1::2], parts[2::2], strict=True)
    }


def tables_of(schema, path=""):
    """(path, names) of every object that a schema gives names."""
    names = schema.get("properties", {})
    if names:
        yield path or WHOLE, list(names)
    for name, inner in names.items():
        yield from tables_of(object_in(inner), f"{path}.{name}".lstrip("."))


def object_in(schema):
    """The object that a value is, or is a list or a table of."""
    for inner in schema.get("anyOf", ()):
        if inner.get("type") == "object":
            return object_in(inner)
    for key in ("items", "additionalProperties"):
        if isinstance(schema.get(key), dict):
            return object_in(schema[key])
    return schema


def spelt_out(name):
    """`event_{start,end}_s` is two names."""
    parts = [part.split(",") for part in re.split(r"[{}]", name)]
    return ["".join(each) for each in itertools.product(*parts)]


def test_the_page_of_the_campaign_names_every_name_in_order():
    sections = {
        name: cells for name, cells in cells_by_section("campaign-json.md").items() if cells
    }
    assert sections == dict(tables_of(campaign_json_schema()))
    assert len(sections) > 15


def test_the_page_of_the_rows_names_every_column_in_order(flown):
    cells = itertools.chain.from_iterable(cells_by_section("campaign-rows.md").values())
    named = [name for cell in cells for name in spelt_out(cell)]
    columns = [name for name in row_store.column_names(flown[0]) if not name.startswith("input_")]
    assert named == columns


def test_the_page_of_the_command_line_names_every_command_and_option():
    page = (PAGES / "command-line.md").read_text()
    import typer

    for name, command in typer.main.get_command(cli.app).commands.items():
        assert re.search(rf"^\| `{name}\b", page, re.MULTILINE), name
        for option in [word for each in command.params for word in each.opts if word[:2] == "--"]:
            rows = re.findall(rf"^\| `{option}\b.*$", page, re.MULTILINE)
            assert any(f"`{name}`" in row for row in rows), (name, option)
