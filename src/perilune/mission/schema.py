"""The JSON schemas of mission, lander, site and fault files, made from the models."""

import json
from pathlib import Path
from typing import Any

from perilune.errors import InputError
from perilune.interfaces.table import Table
from perilune.mission.dispersion_entry import dispersion_json_schema
from perilune.mission.draft import SCHEMA
from perilune.mission.fault import Fault
from perilune.mission.lander import Lander
from perilune.mission.mission import Mission
from perilune.mission.mission_files import nearest
from perilune.mission.sides import BELIEF, TRUTH
from perilune.mission.site import Site

MODELS: dict[str, type[Table]] = {
    "mission": Mission,
    "lander": Lander,
    "site": Site,
    "fault": Fault,
}


def mission_json_schema() -> dict:
    """The JSON schema (draft 2020-12) of a mission file, as it stands before it is resolved."""
    return json_schema("mission")


def json_schema(kind: str) -> dict:
    """The JSON schema of a file of a kind: "mission", "lander", "site" or "fault"."""
    schema = MODELS[kind].model_json_schema(by_alias=True)
    schema["$schema"] = "https://json-schema.org/draft/2020-12/schema"
    properties = schema["properties"]
    properties["schema"] = {"const": SCHEMA, "description": "The version of this format."}
    schema["required"] = sorted({*schema["required"], "schema"})
    if kind != "mission":
        _add_dispersions(schema)
    if kind == "mission":
        properties["lander"] = _named("lander")
        properties["site"] = _named("site")
        properties["faults"] = {"type": "array", "items": _named("fault"), "default": []}
        properties["overrides"] = _overrides()
        properties.update({side: _apart(words) for side, words in _APART.items()})
        _keep_what_is_used(schema)
    return schema


def schema_text(kind: str) -> str:
    """The schema of a kind as a file has it; InputError where there is no such kind."""
    if kind not in MODELS:
        raise InputError(f"There is no schema of a `{kind}`; {nearest(kind, list(MODELS))}")
    return json.dumps(json_schema(kind), indent=1, ensure_ascii=False) + "\n"


def schema_line(kind: str) -> str:
    """The first line of a file by which an editor finds the schema that lies beside it."""
    return f"#:schema ./{schema_name(kind)}\n"


def schema_name(kind: str) -> str:
    """What a schema's file is called."""
    return f"{kind}.schema.json"


def write_schema(kind: str, folder: Path) -> Path:
    """Put the schema of a kind into a folder, over an older one."""
    place, text = folder / schema_name(kind), schema_text(kind)
    try:
        place.write_text(text, encoding="utf-8")
    except OSError as error:
        raise InputError(
            f"{place} cannot be written ({error.strerror}); go to another folder."
        ) from error
    return place


def _add_dispersions(schema: dict[str, Any]) -> None:
    """Lander, site and fault files may carry a list too; it joins the mission's."""
    entry = dispersion_json_schema()
    definitions = schema.setdefault("$defs", {})
    definitions.update(entry.pop("$defs"))
    definitions["Dispersion"] = entry
    words = "What each flight draws; joined to the mission's list."
    items = {"$ref": "#/$defs/Dispersion"}
    schema["properties"]["dispersions"] = {"type": "array", "items": items, "description": words}


def _named(kind: str) -> dict[str, Any]:
    words = f"A {kind} by its name in the catalog, or a path relative to this file."
    return {"type": "string", "minLength": 1, "description": words}


_APART = {
    TRUTH: "Numbers that truth alone has, by their paths in the resolved mission.",
    BELIEF: "Numbers that design and flight software have in the place of truth's, by their paths.",
}


def _apart(words: str) -> dict[str, Any]:
    return {"type": "object", "description": words}


def _overrides() -> dict[str, Any]:
    words = "Values that replace those of the lander's or the site's own file."
    tables = {kind: {"type": "object"} for kind in ("lander", "site")}
    return {
        "type": "object",
        "description": words,
        "properties": tables,
        "additionalProperties": False,
    }


def _keep_what_is_used(schema: dict[str, Any]) -> None:
    """Drop the definitions that nothing points to any more."""
    definitions = schema["$defs"]
    while True:
        text = repr(schema)
        unused = [name for name in definitions if f"#/$defs/{name}'" not in text]
        if not unused:
            return
        for name in unused:
            del definitions[name]
