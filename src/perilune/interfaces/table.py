"""One table of a mission file: strict keys, quantities with units, SI values inside.

A table is also a pytree, so that the numbers which fly are the tables themselves. Its leaves are
its numbers, in the order of its fields. A choice of words (`Literal`) is structure: it is compiled.
Free text does not fly.
"""

import functools
import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Annotated, Any, Literal, get_args, get_origin

import jax
from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    GetJsonSchemaHandler,
    ValidationInfo,
    create_model,
    field_validator,
)
from pydantic.fields import FieldInfo
from pydantic_core import PydanticCustomError

from perilune.errors import InputError
from perilune.interfaces.quantities import NUMBER_AND_UNIT, si_value, wanted
from perilune.mechanics.si_units import bare_name, suffix_of, unit_of

NEVER = "never"
NONE = "none"


def _stands_for_nothing(table: type[BaseModel], name: str, value: Any) -> bool:
    """Whether a value is the word for what a field may lack.

    That is "never" for a moment that does not come, and "none" for a table that may be left out.
    """
    kinds = get_args(table.model_fields[name].annotation)
    if type(None) not in kinds or not isinstance(value, str):
        return False
    return value == (NONE if holds_table(table.model_fields[name].annotation) else NEVER)


def holds_table(annotation: Any) -> bool:
    """Whether a field's annotation names a table among others, such as `Camera | None`."""
    kinds = get_args(annotation)
    return any(_is_table(kind) or holds_table(kind) for kind in kinds)


def tables_in(annotation: Any) -> Iterator[type["Table"]]:
    """The tables that an annotation is or names, as they stand in it."""
    if _is_table(annotation):
        yield annotation
    for inner in get_args(annotation):
        yield from tables_in(inner)


def _is_table(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, Table)


def unit_of_field(name: str) -> str | None:
    """The unit of a field; "" for a pure number; None for text, tables and listed exceptions."""
    return unit_of(name) if suffix_of(name) else None


def _shown(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _read(value: Any, unit: str | None) -> Any:
    """A value as the file has it, with quantities turned into SI and lists into tuples."""
    if isinstance(value, list | tuple):
        return tuple(_read(entry, unit) for entry in value)
    if isinstance(value, str) and unit is not None:
        return si_value(value, unit)
    if unit and isinstance(value, bool | int | float):
        raise InputError(f"must be {wanted(unit)}, but is {_shown(value)}")
    return value


class Table(BaseModel):
    """Fields end in their SI unit; the key in the file is the name without it."""

    model_config = ConfigDict(
        alias_generator=bare_name,
        allow_inf_nan=False,
        extra="forbid",
        frozen=True,
        strict=True,
        use_attribute_docstrings=True,
    )

    @classmethod
    def __pydantic_init_subclass__(cls, **_: Any) -> None:
        """Every table is a pytree."""
        jax.tree_util.register_pytree_with_keys(
            cls,
            _children_with_keys,
            lambda words, numbers: rebuilt_table(cls, words, numbers),
            parts_of_table,
        )

    @field_validator("*", mode="before")
    @classmethod
    def _quantity(cls, value: Any, info: ValidationInfo) -> Any:
        if _stands_for_nothing(cls, str(info.field_name), value):
            return None
        try:
            return _read(value, unit_of_field(str(info.field_name)))
        except InputError as error:
            raise PydanticCustomError("quantity", "{what}", {"what": str(error)}) from error

    @classmethod
    def __get_pydantic_json_schema__(
        cls, core_schema: Any, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        """A quantity stands in a file as text: say so in the schema, with an example."""
        reference = handler(core_schema)
        schema = handler.resolve_ref_schema(reference)
        for name, field in cls.model_fields.items():
            unit, properties = unit_of_field(name), schema["properties"]
            if unit:
                properties[field.alias] = _as_text(properties[field.alias], unit)
            elif holds_table(field.annotation) and "anyOf" in properties[field.alias]:
                every = properties[field.alias]["anyOf"]
                kinds = [each for each in every if each != {"type": "null"}]
                properties[field.alias] = {"anyOf": [*kinds, {"const": NONE}]}
        return reference


def table_of(
    name: str, base: type[Any], fields: dict[str, Any], doc: str | None = None
) -> type[Any]:
    """A table whose fields, `{name: (type, Field)}`, are known only when Perilune starts.

    There is no source whose docstrings could be read: pydantic would search every module for it,
    which costs two seconds for ten tables.
    """
    unread = {"use_attribute_docstrings": False}
    made = create_model(name, __base__=base, __doc__=doc, __cls_kwargs__=unread, **fields)
    made.model_config = base.model_config  # for the tables derived from it, which have a source
    return made


@functools.cache
def names_in(cls: type[Table]) -> tuple[list[str], list[str]]:
    """(fields of a table that hold its numbers and inner tables, fields that hold a choice)."""
    fields = cls.model_fields
    numbers = [name for name in fields if not _is_text(fields[name].annotation)]
    return numbers, [name for name in fields if _is_choice(fields[name].annotation)]


def parts_of_table(table: Table) -> tuple[tuple, tuple]:
    """A table's numbers and inner tables, and what is structure of it: names and words."""
    fields, values = type(table).model_fields, vars(table)
    numbers, choices = names_in(type(table))
    names = tuple(name for name in numbers if name in values)
    words = tuple((name, values[name]) for name in choices if name in values)
    return tuple(_number_of(fields[name], values[name]) for name in names), (names, words)


def _children_with_keys(table: Table) -> tuple[tuple, tuple]:
    children, structure = parts_of_table(table)
    keys = map(jax.tree_util.GetAttrKey, structure[0])
    return tuple(zip(keys, children, strict=True)), structure


def _number_of(field: FieldInfo, value: Any) -> Any:
    """A moment that never comes is infinitely late; a table that is not there has no leaves."""
    return math.inf if value is None and not holds_table(field.annotation) else value


def _is_text(annotation: Any) -> bool:
    """Whether a field holds text: free, which does not fly, or a choice, which is structure."""
    if get_origin(annotation) is dict:
        return False
    kinds = get_args(annotation)
    return annotation is str or _is_choice(annotation) or any(map(_is_text, kinds))


def _is_choice(annotation: Any) -> bool:
    """Whether a field holds one of some words, or such a word or nothing."""
    kinds = get_args(annotation)
    return get_origin(annotation) is Literal or any(get_origin(kind) is Literal for kind in kinds)


def rebuilt_table(
    cls: type[Table],
    structure: tuple[tuple[str, ...], tuple[tuple[str, Any], ...]],
    children: Iterable[Any],
) -> Table:
    """The table of these numbers and words, as `parts_of_table` gives them; nothing is checked."""
    names, words = structure
    table = cls.__new__(cls)
    values = dict(zip(names, children, strict=True)) | dict(words)
    for slot, value in (
        ("__dict__", values),
        ("__pydantic_fields_set__", set(values)),
        ("__pydantic_extra__", None),
        ("__pydantic_private__", None),
    ):
        object.__setattr__(table, slot, value)
    return table


def _as_text(schema: dict[str, Any], unit: str) -> dict[str, Any]:
    """The schema of a quantity's text in place of that of its number."""
    if schema.get("type") == "number":
        words = f"{schema.get('description', '')} It is {wanted(unit)}.".strip()
        return {"type": "string", "pattern": NUMBER_AND_UNIT, "description": words}
    if "anyOf" in schema:
        plain = {key: value for key, value in schema.items() if key != "anyOf"}
        text = _as_text({**plain, **schema["anyOf"][0]}, unit)
        return {"anyOf": [text, {"const": NEVER}], "description": text["description"]}
    kept = {key: value for key, value in schema.items() if key not in ("prefixItems", "items")}
    return {**kept, "items": _as_text({"type": "number"}, unit)}


def _unit_vector(vector: tuple[float, ...]) -> tuple[float, ...]:
    length = math.hypot(*vector)
    if abs(length - 1.0) > 1e-3:
        raise PydanticCustomError(
            "quantity",
            "must be a direction of length 1, but its length is {length}",
            {"length": f"{length:.6g}"},
        )
    return tuple(component / length for component in vector)


@dataclass(frozen=True)
class Why:
    """Why a value may not leave the bounds beside it: half a sentence, for whoever breaks them."""

    words: str


Positive = Annotated[float, Field(gt=0.0)]
NotNegative = Annotated[float, Field(ge=0.0)]
Fraction = Annotated[float, Field(ge=0.0, le=1.0)]
Angle = Annotated[float, Field(gt=0.0, le=math.pi / 2)]
SmallAngle = Annotated[float, Field(gt=0.0, le=0.1), Why("errors are added as small angles")]
SmallTurn = Annotated[float, Field(ge=-0.1, le=0.1), Why("turns are added as small angles")]
Slack = Annotated[float, Field(ge=0.0, le=0.1), Why("errors are added as small angles")]
Scale = Annotated[float, Field(ge=-0.5, le=0.5), Why("half of a reading is no scale error")]
SpecificImpulse = Annotated[
    float, Field(ge=10.0, le=1_000.0), Why("no chemical or cold-gas jet is outside of that")
]
Friction = Annotated[float, Field(ge=0.0, le=5.0), Why("no two surfaces grip harder")]
Reach = Annotated[float, Field(gt=0.0, le=1e6), Why("no beam comes back from further off")]
Length = Annotated[float, Field(gt=0.0, le=50.0), Why("no lander is larger")]
Vector = tuple[float, float, float]
Direction = Annotated[Vector, AfterValidator(_unit_vector)]
NAME_PATTERN = r"^[a-z0-9][a-z0-9-]*$"
Name = Annotated[str, Field(pattern=NAME_PATTERN)]
