"""`compare.json` and `sweep.json`: the models of campaigns compared on the same run numbers."""

from typing import Annotated, Any, Literal

from pydantic import Field

from perilune.campaign.campaign_document import (
    Decision,
    Provenance,
    Required,
    Sampling,
    Spread,
)
from perilune.verdict.document import (
    AtLeastOne,
    Count,
    Document,
    Interval,
    Probability,
    described,
    json_schema_of,
)

SCHEMA = 1

Ends = Annotated[list[float], Field(min_length=2, max_length=2)]
CHANGE = "of the second, less the first"


class SignTest(Document):
    """A sign test of the change of a figure."""

    change: float | None = described("the median change")
    up: Count
    down: Count
    p: Probability | None
    p_adjusted: Probability | None
    moved: bool
    interval: Ends | None


class FigureChange(Document):
    """How a figure changed from the first campaign to the second, run by run."""

    column: str
    kind: Literal["judged", "navigation", "times and places"]
    unit: str
    pairs: Count = described("runs that came to the figure in both")
    a_median: float | None
    b_median: float | None
    sigma: float | None = described("the spread between flights")
    level: SignTest = described("of the figure itself")
    spread: SignTest = described("of its distance from the median of its campaign")
    moved: bool
    size: float | None = described("the larger change that moved, over `sigma`")


class CountChange(Document):
    """How many flights did something, in one campaign and in the other."""

    kind: str
    name: str
    runs: Count
    a: Count
    b: Count
    only_a: Count
    only_b: Count
    difference: float
    p: Probability | None
    p_adjusted: Probability | None
    moved: bool
    interval: Ends


class Together(Document):
    """What holds for all tests of a comparison together."""

    looked_at: Count
    tests: Count
    moved: Count
    same: bool
    least_pairs: Count
    confidence: Probability
    source: str


class Compared(Document):
    """One of two campaigns, in short."""

    mission: str
    seed: Count
    faults: list[str]
    settings: list[str]
    sampling: Sampling
    runs: AtLeastOne
    clean: Count
    probability: Probability
    interval: Interval
    confidence: Probability
    decision: Decision


class CleanCounts(Document):
    """Clean flights of two campaigns on the same runs."""

    runs: AtLeastOne
    both_clean: Count
    only_a_clean: Count
    only_b_clean: Count
    neither_clean: Count
    difference: float = described(f"of the shares of clean flights {CHANGE}")
    interval: Ends = described("of that difference")
    p: Probability | None = described("of McNemar's exact test")
    differ: bool


class ComparisonDocument(CleanCounts):
    """Two campaigns compared run by run."""

    schema_version: Literal[1] = Field(alias="schema", description="version of this format")
    folders: list[str]
    names: list[str]
    better: Literal["a", "b"] | None
    confidence: Probability
    b_share: float | None
    b_share_interval: Ends | None
    source: str
    figures: list[FigureChange]
    counts: list[CountChange]
    together: Together
    sentences: list[str]
    notes: list[str]
    campaigns: list[Compared]


class Vary(Document):
    """A path and the values it takes, as they were given."""

    path: str
    values: list[str]


class Point(Document):
    """A point of a sweep; null throughout where `problem` says why it was not flown."""

    values: dict[str, str]
    folder: str | None
    problem: str | None
    runs: AtLeastOne | None
    clean: Count | None
    probability: Probability | None
    interval: Interval | None
    decision: Decision | None
    outcomes: dict[str, Count] | None
    violations: dict[str, Count] | None
    figures: dict[str, Spread] | None


class PointPair(CleanCounts):
    """Two points on the same runs; `a` and `b` are their places in `points`."""

    a: Count
    b: Count
    p_adjusted: Probability | None
    figures: list[FigureChange]


class PairsTogether(Document):
    """What holds for all pairs of points together."""

    pairs: Count
    tests: Count
    confidence: Probability


class SweepDocument(Document):
    """A campaign at each point of a grid, all on the same run numbers."""

    schema_version: Literal[1] = Field(alias="schema", description="version of this format")
    mission: str
    title: str
    seed: Count
    faults: list[str]
    sampling: Sampling
    confidence: Probability
    requirement: Required | None
    settings: list[str]
    vary: list[Vary]
    points: list[Point]
    pairs: list[PointPair]
    together: PairsTogether | None
    notes: list[str]
    provenance: Provenance


def comparison_json_schema() -> dict[str, Any]:
    """The JSON schema (2020-12) that every `compare.json` satisfies."""
    return json_schema_of(ComparisonDocument, "comparison")


def sweep_json_schema() -> dict[str, Any]:
    """The JSON schema (2020-12) that every `sweep.json` satisfies."""
    return json_schema_of(SweepDocument, "sweep")
