"""One entry of a list of dispersions, as a file has it: what is drawn, and from which distribution.

What it comes to, path by path and in SI, is worked out in `mission.drawn`: that needs the mission.
"""

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, WithJsonSchema
from pydantic_core import PydanticCustomError

from perilune.interfaces.table import Positive, Table


def _amount(value):
    """Text or a number, left as it is until the unit of its path is known."""
    if isinstance(value, str | float | int) and not isinstance(value, bool):
        return value
    what = 'must be a quantity such as "40 N", or a path, but is {value}'
    raise PydanticCustomError("quantity", what, {"value": repr(value)})


def _amounts(value):
    if isinstance(value, tuple | list):
        return tuple(_amount(each) for each in value)
    return _amount(value)


_ONE = {"type": ["string", "number"]}
_MANY = {"type": "array", "items": _ONE}
Amount = Annotated[Any, BeforeValidator(_amount), WithJsonSchema(_ONE)]
Amounts = Annotated[Any, BeforeValidator(_amounts), WithJsonSchema({"anyOf": [_ONE, _MANY]})]
Row = tuple[float, ...]


class Dispersion(Table):
    """Something drawn anew for each flight; each distribution takes its own of these keys."""

    path: str | None = None
    """What is drawn: a path of the resolved mission, or of the upload after `onboard.`."""
    paths: tuple[str, ...] = ()
    """In place of `path`: several drawn together, with `correlation`."""
    distribution: Literal["normal", "truncated-normal", "log-normal", "uniform", "choice"]
    """How it is drawn; normal and log-normal about the value that the mission has."""
    sigma: Amounts = None
    """One sigma, or the path of a number to take for it; or a list, one for each that is drawn."""
    sigma_fraction: Amounts = None
    """In place of `sigma`: one sigma, of the value that the mission has."""
    sigma_factor: Annotated[float, Field(gt=1.0)] | None = None
    """Log-normal: one sigma up multiplies by it, one sigma down divides."""
    low: Amount = None
    """The least value of a uniform or truncated-normal draw."""
    high: Amount = None
    """The greatest value of a uniform or truncated-normal draw."""
    values: Annotated[Any, BeforeValidator(_amounts), WithJsonSchema(_MANY)] = ()
    """Choice: up to eight values to choose from."""
    weights: tuple[Positive, ...] = ()
    """Choice: how often each; alike where nothing is said."""
    correlation: tuple[Row, ...] = ()
    """Between what `paths` name, row by row, ones on the diagonal."""

    @property
    def drawn(self):
        """The paths as written."""
        return self.paths or ((self.path,) if self.path is not None else ())
