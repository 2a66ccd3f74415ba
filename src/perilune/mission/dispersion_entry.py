"""One entry of a list of dispersions, as a file has it: what is drawn, and from which distribution.

Each distribution is a table of its own, chosen by the key `distribution`. What an entry comes to,
path by path and in SI, is worked out in `mission.dispersions`, which knows the mission.
"""

from typing import Annotated, Any, Literal, Self, get_args

from pydantic import (
    BeforeValidator,
    Discriminator,
    Field,
    Tag,
    TypeAdapter,
    WithJsonSchema,
    model_validator,
)
from pydantic_core import PydanticCustomError

from perilune.interfaces.table import Positive, Table

CHOICE_COUNT = 8
LARGEST_FACTOR = 1_000.0
"""Of a log-normal draw, one sigma: its squares and fourth sigmas stay far inside the numbers."""


def _amount(value: Any) -> str | float:
    """Text or a number, left as it is until the unit of its path is known."""
    if isinstance(value, str | float | int) and not isinstance(value, bool):
        return value
    what = 'must be a quantity such as "40 N", or a path, but is {value}'
    raise PydanticCustomError("quantity", what, {"value": repr(value)})


def _amounts(value: Any) -> Any:
    if isinstance(value, tuple | list):
        return tuple(_amount(each) for each in value)
    return _amount(value)


_ONE = {"type": ["string", "number"]}
_MANY = {"type": "array", "items": _ONE, "minItems": 1, "maxItems": CHOICE_COUNT}
_ONE_OR_MANY = {"anyOf": [_ONE, {"type": "array", "items": _ONE}]}
Amount = Annotated[Any, BeforeValidator(_amount), WithJsonSchema(_ONE)]
Amounts = Annotated[Any, BeforeValidator(_amounts), WithJsonSchema(_ONE_OR_MANY)]
Row = tuple[float, ...]


ALEATORY, EPISTEMIC = "aleatory", "epistemic"


class Uncertain(Table):
    """Why a number is drawn: its value differs by chance, or nobody knows it."""

    kind: Literal["aleatory", "epistemic"] = "aleatory"
    """`aleatory`: it differs from flight to flight by chance. `epistemic`: it has one value, which
    nobody knows; `perilune campaign --band` holds it at its ends in all flights."""

    @property
    def is_epistemic(self) -> bool:
        """Whether it has one value, which nobody knows."""
        return self.kind == EPISTEMIC


class Entry(Uncertain):
    """Something drawn for each flight."""

    path: str
    """What is drawn: a path of the resolved mission, or of the upload after `onboard.`."""

    @property
    def drawn(self) -> tuple[str, ...]:
        """The paths as written."""
        return (self.path,)


class Sigma(Uncertain):
    """How wide a normal draw is."""

    sigma: Amounts = None
    """One sigma, or the path of a number to take for it; or a list, one for each that is drawn."""
    sigma_fraction: Amounts = None
    """In place of `sigma`: one sigma, of the value that the mission has."""

    @model_validator(mode="after")
    def _one_sigma(self) -> Self:
        if (self.sigma is None) == (self.sigma_fraction is None):
            raise PydanticCustomError("entry", "give either `sigma` or `sigma_fraction`.")
        return self


class Normal(Sigma):
    """About the value that the mission has: one path, or several drawn together."""

    path: str | None = None
    """What is drawn: a path of the resolved mission, or of the upload after `onboard.`."""
    paths: tuple[str, ...] = ()
    """In place of `path`: several drawn together, with `correlation`."""
    distribution: Literal["normal"]
    """How it is drawn."""
    correlation: tuple[Row, ...] = ()
    """Between what `paths` name, row by row, ones on the diagonal."""

    @property
    def drawn(self) -> tuple[str, ...]:
        """The paths as written."""
        return self.paths or ((self.path,) if self.path is not None else ())

    @model_validator(mode="after")
    def _path_or_paths(self) -> Self:
        if (self.path is None) == (not self.paths):
            raise PydanticCustomError("entry", 'give either `path = "…"` or `paths = ["…", …]`.')
        if bool(self.correlation) != bool(self.paths):
            raise PydanticCustomError(
                "entry",
                "`correlation` goes with `paths`, and `paths` with `correlation`; give both.",
            )
        if self.paths and self.is_epistemic:
            raise PydanticCustomError(
                "entry",
                "what is epistemic is held by itself, so `paths` cannot be; give each path an "
                "entry of its own, without `correlation`.",
            )
        return self


class TruncatedNormal(Entry, Sigma):
    """About the value that the mission has, cut off at one end or at both."""

    distribution: Literal["truncated-normal"]
    """How it is drawn."""
    low: Amount = None
    """The least value."""
    high: Amount = None
    """The greatest value."""

    @model_validator(mode="after")
    def _an_end(self) -> Self:
        if self.low is None and self.high is None:
            raise PydanticCustomError(
                "entry", "a truncated-normal draw needs `low`, `high` or both; add one."
            )
        return self


class LogNormal(Entry):
    """A factor on the value that the mission has."""

    distribution: Literal["log-normal"]
    """How it is drawn."""
    sigma_factor: Annotated[float, Field(gt=1.0, le=LARGEST_FACTOR)]
    """One sigma up multiplies by it, one sigma down divides."""


class Uniform(Entry):
    """Anywhere between two ends alike."""

    distribution: Literal["uniform"]
    """How it is drawn."""
    low: Amount
    """The least value."""
    high: Amount
    """The greatest value."""


class Choice(Entry):
    """One of several values."""

    distribution: Literal["choice"]
    """How it is drawn."""
    values: Annotated[
        tuple[Any, ...],
        Field(min_length=1, max_length=CHOICE_COUNT),
        BeforeValidator(_amounts),
        WithJsonSchema(_MANY),
    ]
    """Up to eight values to choose from."""
    weights: tuple[Positive, ...] = ()
    """How often each is drawn; alike where none are given."""

    @model_validator(mode="after")
    def _a_weight_each(self) -> Self:
        if self.weights and len(self.weights) != len(self.values):
            raise PydanticCustomError(
                "entry",
                f"`weights` must be as many as `values`, {len(self.values)}, but are "
                f"{len(self.weights)}.",
            )
        return self


def _chosen(entry: object) -> str | None:
    """The word for an entry's distribution, as a file or a table has it."""
    named = entry.get("distribution") if isinstance(entry, dict) else None
    named = getattr(entry, "distribution", named)
    return named if isinstance(named, str) else None


Dispersion = Annotated[
    Annotated[Normal, Tag("normal")]
    | Annotated[TruncatedNormal, Tag("truncated-normal")]
    | Annotated[LogNormal, Tag("log-normal")]
    | Annotated[Uniform, Tag("uniform")]
    | Annotated[Choice, Tag("choice")],
    Discriminator(_chosen),
]
DISTRIBUTIONS: dict[str, type[Table]] = {
    get_args(kind.model_fields["distribution"].annotation)[0]: kind
    for kind in (Normal, TruncatedNormal, LogNormal, Uniform, Choice)
}
"""Each table by the word that chooses it."""


def dispersion_json_schema() -> dict:
    """The JSON schema of an entry: one of the tables, by its `distribution`."""
    return TypeAdapter(Dispersion).json_schema(by_alias=True)
