"""Any number of units of a kind: in a file one table named as its kind, or a table of named tables.

`[altimeter]` is one unit, labelled `altimeter`; `[altimeter.left]` and `[altimeter.right]` are two,
labelled `altimeter.left` and `altimeter.right`. A label is the unit's path in the lander's file and
names it wherever it flies: in the plan, in the upload, in its stream of noise and in its columns.
"""

from collections.abc import Iterable, Mapping
from typing import Annotated, Any, TypeVar

from pydantic import Discriminator, Field, Tag

from perilune.interfaces.table import Table

UnitName = Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]*$")]
ONE, SEVERAL = "one unit of a kind", "several units of a kind"
"""How pydantic names the two ways to write a kind, in the place of an error."""

T = TypeVar("T", bound=Table)


def _way(value: Any) -> str:
    """A table of tables holds several units; everything else is meant to be one."""
    inner = value.values() if isinstance(value, Mapping) else ()
    is_several = bool(inner) and all(isinstance(each, Mapping | Table) for each in inner)
    return SEVERAL if is_several else ONE


Units = Annotated[
    Annotated[T, Tag(ONE)]
    | Annotated[
        dict[UnitName, T],
        Tag(SEVERAL),
        Field(json_schema_extra={"additionalProperties": False}),
    ],
    Discriminator(_way),
]
"""The type of a field of a lander: `Units[Spec]` is a `Spec`, or a dict of them by name."""


def units_of(table: type[Table]) -> Any:
    """`Units[table]`, for a field of a class that is made from the list of kinds."""
    units: Any = Units
    return units[table]


def labelled(kind: str, value: Table | Mapping[str, Table] | None) -> dict[str, Any]:
    """The units of one kind by label; none where nothing is fitted."""
    if value is None:
        return {}
    if isinstance(value, Mapping):
        return {f"{kind}.{name}": each for name, each in value.items()}
    return {kind: value}


def labelled_units(holder: Any, kinds: Iterable[str]) -> dict[str, Any]:
    """The units of several kinds of a table such as a lander, by label, kind after kind."""
    return {
        label: each
        for kind in kinds
        for label, each in labelled(kind, getattr(holder, kind)).items()
    }


def labels_in(kind: str, written: Any) -> list[str]:
    """The labels of one kind as a file has it, before it is read."""
    if written is None or written == "none":
        return []
    return [f"{kind}.{name}" for name in written] if _way(written) == SEVERAL else [kind]


def kind_of(label: str) -> str:
    """The kind of a unit."""
    return label.partition(".")[0]


def stem_of(label: str) -> str:
    """How the names of a unit's columns begin: `altimeter_left`."""
    return label.replace(".", "_").replace("-", "_")
