"""`order.json`: the model that declares what a campaign was asked to fly, and by what."""

from typing import Any, Literal

from pydantic import Field

from perilune.verdict.document import AtLeastOne, Count, Document, Probability, described

SCHEMA = 1


class Identity(Document):
    """What decides the rows; `--resume` and `replay` compare it."""

    mission: str
    seed: Count
    faults: list[str]
    sampling: Literal["random", "sobol", "lhs"]
    held: dict[str, Probability] = described(
        "by path, the quantile of its distribution at which all flights have an input"
    )
    require: float | None
    confidence: float | None = described("null where nothing is required")
    runs: AtLeastOne | None = described("null where their number decides no row")
    engine: Literal["native", "xla"] = described("the compiler whose program flew it")
    batch_size: AtLeastOne
    perilune: str
    code: str = described("SHA-256 of the source")
    libraries: dict[str, str] = described("versions of those that decide a row")
    compiler: dict[str, str] = described("variables of the environment that decide a row's bits")
    data: dict[str, str] = described("SHA-256 of each map, field and kernel")
    values: dict[str, Any] = described("every value of the mission by its path")
    plan: str = described("SHA-256 of the flight plan, every number of it")


class OrderDocument(Document):
    """What was asked for, where and when it was begun, and everything that decides a row."""

    schema_version: Literal[1] = Field(alias="schema", description="version of this format")
    digest: str = described("SHA-256 of `identity`, which every file of rows names too")
    identity: Identity = described("what decides the rows")
    mission: str = described("the mission's name, or the path of its file")
    runs: AtLeastOne = described("how many runs are flown at most")
    runs_asked: list[AtLeastOne] = described("every number of runs asked for, in order")
    settings: list[str] = described("values changed, as PATH=VALUE")
    mission_text_sha256: str = described("of the mission's text with all values filled in")
    software: dict[str, str | None] = described("versions, and the commit where there is one")
    files: dict[str, Any] = described("every file read, with its hash and size")
    host: dict[str, Any] = described("the machine that began the campaign")
    begun: str = described("when, UTC")
