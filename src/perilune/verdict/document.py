"""Documents kept as JSON: each is a pydantic model, which checks what is written and is its schema.

A model is the one declaration of its document: names, kinds, limits, and what each name is. A
document itself stays a plain dictionary, so that no number changes on its way to the disk.
"""

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

DIALECT = "https://json-schema.org/draft/2020-12/schema"

Text = Annotated[str, Field(min_length=1)]
Utc = Annotated[str, Field(pattern=r"^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?Z$")]
Count = Annotated[int, Field(ge=0)]
AtLeastOne = Annotated[int, Field(ge=1)]
Probability = Annotated[float, Field(ge=0, le=1)]
Interval = Annotated[list[Probability], Field(min_length=2, max_length=2)]
Place = Annotated[list[float], Field(min_length=2, max_length=2)]


class Document(BaseModel):
    """Every name is required and no other is allowed; no number is infinite or not-a-number."""

    model_config = ConfigDict(
        extra="forbid", strict=True, allow_inf_nan=False, validate_by_name=True
    )


class OpenDocument(Document):
    """One that may hold other names too."""

    model_config = ConfigDict(extra="allow")


def described(description: str) -> Any:
    """A required name, and what it is."""
    return Field(description=description)


def checked(model: type[Document], document: Mapping) -> dict[str, Any]:
    """The document as it is; ValueError naming what is missing, too much or of another kind."""
    try:
        model.model_validate(document)
    except ValidationError as error:
        raise ValueError(f"{model.__name__}: {_words(error)}.") from error
    return dict(document)


def json_schema_of(model: type[Document], title: str) -> dict[str, Any]:
    """The JSON schema (2020-12) that every document of the model satisfies, without references."""
    schema = model.model_json_schema()
    parts = schema.pop("$defs", {})
    return {"$schema": DIALECT, **_inlined(schema, parts), "title": title}


def _inlined(node: Any, parts: Mapping[str, Any]) -> Any:
    """The schema with each reference replaced by what it names, and no class by its name."""
    if isinstance(node, list):
        return [_inlined(each, parts) for each in node]
    if not isinstance(node, dict):
        return node
    if "$ref" in node:
        named = parts[node["$ref"].rpartition("/")[2]]
        node = {**named, **{key: value for key, value in node.items() if key != "$ref"}}
    return {
        key: _inlined(value, parts)
        for key, value in node.items()
        if not (key == "title" and isinstance(value, str))
    }


def _words(error: ValidationError) -> str:
    """What is wrong, by its path: names that are missing, names too much, and the rest."""
    found: dict[str, list[str]] = {"missing": [], "extra": [], "wrong": []}
    for each in error.errors():
        path = ".".join(map(str, each["loc"]))
        kind = {"missing": "missing", "extra_forbidden": "extra"}.get(each["type"], "wrong")
        found[kind].append(path if kind != "wrong" else f"{path} ({each['msg'].lower()})")
    return ", ".join(f"{kind} {' and '.join(names)}" for kind, names in found.items() if names)
