"""One table of a mission file: strict keys, quantities with units, SI values inside."""

import math
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, field_validator
from pydantic_core import PydanticCustomError

from perilune.errors import InputError
from perilune.mechanics.units import bare_name, suffix_of, unit_of
from perilune.mission.quantities import si_value, wanted


def unit_of_field(name):
    """The unit of a field; "" for a pure number; None for text, tables and listed exceptions."""
    return unit_of(name) if suffix_of(name) else None


def _shown(value):
    return str(value).lower() if isinstance(value, bool) else str(value)


def _read(value, unit):
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
        alias_generator=bare_name, extra="forbid", frozen=True, strict=True, allow_inf_nan=False
    )

    @field_validator("*", mode="before")
    @classmethod
    def _quantity(cls, value, info):
        try:
            return _read(value, unit_of_field(info.field_name))
        except InputError as error:
            raise PydanticCustomError("quantity", "{what}", {"what": str(error)}) from error


def _unit_vector(vector):
    length = math.hypot(*vector)
    if abs(length - 1.0) > 1e-3:
        raise PydanticCustomError(
            "quantity",
            "must be a direction of length 1, but its length is {length}",
            {"length": f"{length:.6g}"},
        )
    return tuple(component / length for component in vector)


Positive = Annotated[float, Field(gt=0.0)]
NotNegative = Annotated[float, Field(ge=0.0)]
Fraction = Annotated[float, Field(ge=0.0, le=1.0)]
Angle = Annotated[float, Field(gt=0.0, le=math.pi / 2)]
Vector = tuple[float, float, float]
Direction = Annotated[Vector, AfterValidator(_unit_vector)]
Name = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]*$")]
