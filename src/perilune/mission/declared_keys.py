"""Which keys a mission may have, whether its files write them or not."""

from collections.abc import Sequence
from typing import Any, get_args, get_origin

from perilune.interfaces.table import Table


def located(model: type[Table], path: Sequence[str]) -> tuple[type[Table], str | None]:
    """The table that holds the last key of a path, and the Python name of that field, if any."""
    table, field = model, None
    inside: type[Table] | None = model
    named: bool | str = False
    for place, step in enumerate(path):
        known = {f.alias: name for name, f in (inside or table).model_fields.items()}
        is_unit = named and step not in known and place < len(path) - 1
        if named is True or step.isdigit() or is_unit:
            named = False  # the name of a fault or of a unit
            continue
        table = inside or table
        field = known.get(step)
        annotation = table.model_fields[field].annotation if field else None
        inside, named = table_in(annotation), takes_names(annotation)
    return table, field


def takes_names(annotation: Any) -> bool | str:
    """True where a name must follow in the path, "maybe" where one may: several units of a kind."""
    if get_origin(annotation) is dict:
        return True
    inner = [takes_names(each) for each in get_args(annotation)]
    return "maybe" if any(inner) else False


def table_in(annotation: Any) -> type[Table] | None:
    """The table class inside an annotation such as `tuple[Tank, ...]`, or None."""
    if isinstance(annotation, type) and issubclass(annotation, Table):
        return annotation
    return next(filter(None, map(table_in, get_args(annotation))), None)


def declared_key(model: type[Table], path: Sequence[str]) -> bool:
    """Whether the last step of a path is a key that the table there may have."""
    return located(model, path)[1] is not None


def may_be_left_out(model: type[Table], path: Sequence[str]) -> bool:
    """Whether a path is one of a table with no key that must be written."""
    table, field = located(model, path)
    inner = table_in(table.model_fields[field].annotation) if field else None
    return inner is not None and not any(f.is_required() for f in inner.model_fields.values())


def takes_units(model: type[Table], path: Sequence[str]) -> bool:
    """Whether a path is that of a kind, of which there may be one unit or several by name."""
    table, field = located(model, path)
    return field is not None and takes_names(table.model_fields[field].annotation) == "maybe"


def keys_beside(model: type[Table], path: Sequence[str]) -> list[str]:
    """The keys of the table that a path ends in."""
    table, _ = located(model, path)
    return [field.alias or name for name, field in table.model_fields.items()]
