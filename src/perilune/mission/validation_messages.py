"""Turning what pydantic found into one sentence with the place and the cure."""

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any, get_args

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from perilune.interfaces.quantities import in_words, wanted
from perilune.interfaces.table import Table, Why, unit_of_field
from perilune.interfaces.units import ONE, SEVERAL
from perilune.mission.declared_keys import located
from perilune.mission.dispersion_entry import DISTRIBUTIONS
from perilune.mission.entry_mistakes import mistake_of, names_of
from perilune.mission.mission_files import nearest

_BOUNDS = {
    "greater_than": ("gt", "above"),
    "greater_than_equal": ("ge", "at least"),
    "less_than": ("lt", "below"),
    "less_than_equal": ("le", "at most"),
}
_COUNTS = {"too_short": ("min_length", "at least"), "too_long": ("max_length", "at most")}
_PATTERNS = {
    "^[a-z0-9][a-z0-9-]*$": "lower-case letters, digits and hyphens, beginning with a letter or "
    "digit",
    "^[a-z0-9][a-z0-9_-]*$": "lower-case letters, digits, hyphens and underscores, beginning with "
    "a letter or digit",
    "^[a-z][a-z0-9-]*$": "lower-case letters, digits and hyphens, beginning with a letter",
    "^[a-z][a-z0-9_]*$": "lower-case letters, digits and underscores, beginning with a letter",
}
"""Patterns of names, in words."""
_COMPASS = re.compile(r'"?\s*([\d.]+)\s*(?:deg|°|\\u00b0)?\s*([NSEW])\s*"?')
"""A coordinate as maps print it, such as 19.51 W."""
_KINDS = {
    "string_type": "text in quotes",
    "bool_type": "true or false",
    "int_type": "a whole number",
    "int_from_float": "a whole number",
    "float_type": "a bare number",
    "finite_number": "a finite number",
    "tuple_type": "a list in square brackets",
    "model_type": "a table",
    "model_attributes_type": "a table",
    "dict_type": "a table",
}


def sentences(
    error: ValidationError, model: type[Table], origins: Mapping[str, str], values: Mapping
) -> list[str]:
    """One sentence per mistake of a pydantic error, unknown keys first.

    `origins` maps paths of the resolved mission to the file that set them.
    """
    found = [_of_a_unit(each) for each in error.errors()]
    found = sorted(found, key=lambda each: each["type"] != "extra_forbidden")
    places = [each["loc"] for each in found]
    found = [each for each in found if not _only_follows(each, places)]
    return [_sentence(each, model, origins, values) for each in found]


def _of_a_unit(each: ErrorDetails) -> ErrorDetails:
    """The error with the path that the file has: pydantic puts in how the kind is written."""
    return each | {"loc": tuple(step for step in each["loc"] if step not in (ONE, SEVERAL))}


def _only_follows(each: ErrorDetails, places: Sequence[tuple[Any, ...]]) -> bool:
    """Whether a list is found too short only because an entry of it was refused."""
    size = len(each["loc"])
    inside = any(len(place) > size and place[:size] == each["loc"] for place in places)
    return each["type"] == "too_short" and inside


def _sentence(
    each: ErrorDetails, model: type[Table], origins: Mapping[str, str], values: Any
) -> str:
    path = [str(step) for step in each["loc"]]
    if path[0] == "dispersions" and len(path) > 1:
        return _of_an_entry(each, path, origins, values)
    place = ": ".join([origin_of(path, origins), *path[:-1]])
    table, field = located(model, path)
    unit = unit_of_field(field) if field else None
    came = _came(values, path)
    half = _half(each, path[-1], table, unit, came)
    why = _why(table, field) if each["type"] in _BOUNDS else None
    return f"{place}: {half.removesuffix('.') + f': {why}.' if why else half}"


def _of_an_entry(
    each: ErrorDetails, path: list[str], origins: Mapping[str, str], values: Any
) -> str:
    """A mistake in the list of dispersions, by what the entry draws."""
    entry, steps = values["dispersions"][int(path[1])], path[2:]
    place = f"{origin_of(path[:2], origins)}: dispersions: {names_of(entry, int(path[1]))}"
    own = mistake_of(each["type"], each["msg"], steps, entry)
    if own is None:
        table, field = located(DISTRIBUTIONS[steps[0]], steps[1:])
        unit = unit_of_field(field) if field else None
        own = _half(each, path[-1], table, unit, _came(entry, steps[1:]))
    return f"{place}: {own}"


def _why(table: type[Table], field: str | None) -> str | None:
    """Why the bounds of a field, or of the entries of its list, are what they are; or None."""
    if field is None:
        return None
    info = table.model_fields[field]
    inside = (getattr(entry, "__metadata__", ()) for entry in get_args(info.annotation))
    found = [*info.metadata, *(each for entry in inside for each in entry)]
    return next((each.words for each in found if isinstance(each, Why)), None)


def origin_of(path: Sequence[str], origins: Mapping[str, str]) -> str:
    """The file that set a path, or the nearest table above it, or anything inside it."""
    for length in range(len(path), 0, -1):
        above = ".".join(path[:length])
        if above in origins:
            return origins[above]
        for known, origin in origins.items():
            if known.startswith(above + "."):
                return origin
    return next(iter(origins.values()), "mission")


def _half(each: ErrorDetails, key: str, table: type[Table], unit: str | None, came: str) -> str:
    """The sentence after the place."""
    kind = each["type"]
    if kind == "extra_forbidden":
        keys = [field.alias or name for name, field in table.model_fields.items()]
        return f"there is no `{key}` here; {nearest(key, keys)}"
    if kind == "missing":
        return f"`{key}` is missing; add it{f', {wanted(unit)}' if unit is not None else ''}."
    if kind == "quantity":
        return f"`{key}` {each['msg']}{_signed(key, came)}."
    return f"`{key}` must be {_wish(each, unit)}, but is {came}."


def _signed(key: str, came: str) -> str:
    """The sign in place of a letter, where a coordinate has one behind its degrees."""
    found = _COMPASS.fullmatch(came) if key in ("latitude", "longitude") else None
    if found is None:
        return ""
    sign = "-" if found[2] in "SW" else ""
    return f'; west and south are negative, without a letter: "{sign}{found[1]} deg"'


def _wish(each: ErrorDetails, unit: str | None) -> str:
    """What a value must be, from pydantic's word for the mistake."""
    kind, context = each["type"], each.get("ctx", {})
    if kind in _BOUNDS:
        name, words = _BOUNDS[kind]
        return f"{words} {in_words(context[name], unit or '')}"
    if kind in _COUNTS:
        name, words = _COUNTS[kind]
        return f"a list of {words} {context[name]}"
    if kind == "literal_error":
        return context["expected"]
    if kind == "string_pattern_mismatch":
        return _PATTERNS.get(context["pattern"], f"text like {context['pattern']}")
    if kind in ("float_type", "finite_number") and unit:
        return wanted(unit)
    return _KINDS.get(kind) or f"otherwise ({each['msg']})"


def _came(values: Any, path: Sequence[str]) -> str:
    """What the file had there, as text."""
    for step in path:
        try:
            values = values[int(step) if isinstance(values, list | tuple) else step]
        except (KeyError, IndexError, ValueError, TypeError):
            return "absent"
    if isinstance(values, dict):
        return "a table"
    return str(values).lower() if isinstance(values, bool) else json.dumps(values, default=str)
