"""Turning what pydantic found into one sentence with the place and the cure."""

import json
from typing import get_args, get_origin

from perilune.mission.files import nearest
from perilune.mission.quantities import in_words, wanted
from perilune.mission.table import Table, unit_of_field

_BOUNDS = {
    "greater_than": ("gt", "above"),
    "greater_than_equal": ("ge", "at least"),
    "less_than": ("lt", "below"),
    "less_than_equal": ("le", "at most"),
}
_KINDS = {
    "string_type": "text in quotes",
    "bool_type": "true or false",
    "int_type": "a whole number",
    "int_from_float": "a whole number",
    "float_type": "a bare number",
    "tuple_type": "a list in square brackets",
    "model_type": "a table",
    "model_attributes_type": "a table",
    "dict_type": "a table",
}


def sentences(error, model, origins, values):
    """One sentence per mistake of a pydantic error, unknown keys first.

    `origins` maps paths of the resolved mission to the file that set them.
    """
    found = sorted(error.errors(), key=lambda each: each["type"] != "extra_forbidden")
    return [_sentence(each, model, origins, values) for each in found]


def _sentence(each, model, origins, values):
    path = [str(step) for step in each["loc"]]
    place = ": ".join([origin_of(path, origins), *path[:-1]])
    table, field = _locate(model, path)
    unit = unit_of_field(field) if field else None
    came = _came(values, path)
    return f"{place}: {_half(each, path[-1], table, unit, came)}"


def origin_of(path, origins):
    """The file that set a path, or the nearest table above it, or anything inside it."""
    for length in range(len(path), 0, -1):
        above = ".".join(path[:length])
        for known, origin in origins.items():
            if known == above or known.startswith(above + "."):
                return origin
    return next(iter(origins.values()), "mission")


def _half(each, key, table, unit, came):
    kind = each["type"]
    if kind == "extra_forbidden":
        keys = [field.alias for field in table.model_fields.values()]
        return f"there is no `{key}` here; {nearest(key, keys)}"
    if kind == "missing":
        return f"`{key}` is missing; add it{f', {wanted(unit)}' if unit is not None else ''}."
    if kind in _BOUNDS:
        name, words = _BOUNDS[kind]
        return f"`{key}` must be {words} {in_words(each['ctx'][name], unit or '')}, but is {came}."
    if kind in _KINDS:
        return f"`{key}` must be {_KINDS[kind]}, but is {came}."
    if kind == "quantity":
        return f"`{key}` {each['msg']}."
    if kind == "literal_error":
        return f"`{key}` must be {each['ctx']['expected']}, but is {came}."
    return f"`{key}` is not as it must be: {each['msg'][:1].lower()}{each['msg'][1:]}; it is {came}."


def _locate(model, path):
    """The table that holds the last key of a path, and the Python name of that field, if any."""
    table, inside, field = model, model, None
    skip = False
    for step in path:
        if skip or step.isdigit():
            skip = False
            continue
        table = inside or table
        field = next((name for name, f in table.model_fields.items() if f.alias == step), None)
        annotation = table.model_fields[field].annotation if field else None
        inside, skip = _table_in(annotation), get_origin(annotation) is dict
    return table, field


def _table_in(annotation):
    """The table class inside an annotation such as `tuple[Tank, ...]`, or None."""
    if isinstance(annotation, type) and issubclass(annotation, Table):
        return annotation
    return next(filter(None, map(_table_in, get_args(annotation))), None)


def _came(values, path):
    """What the file had there, as text."""
    for step in path:
        try:
            values = values[int(step) if isinstance(values, list | tuple) else step]
        except (KeyError, IndexError, ValueError, TypeError):
            return "absent"
    if isinstance(values, dict):
        return "a table"
    return str(values).lower() if isinstance(values, bool) else json.dumps(values, default=str)
