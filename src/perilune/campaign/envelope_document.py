"""`envelope.json`: the model of an envelope, factor by factor and point by point."""

from typing import Any, Literal

from pydantic import Field

from perilune.campaign.campaign_document import Provenance
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


class EnvelopePoint(Document):
    """One value of a factor; null throughout where `problem` says why it was not flown."""

    value: float = described("in the factor's unit")
    settings: list[str]
    folder: str | None
    problem: str | None
    runs: AtLeastOne | None
    clean: Count | None
    probability: Probability | None
    interval: Interval | None
    outcomes: dict[str, Count] | None
    causes: dict[str, Count] | None = described("first causes of unclean flights")


class LevelCrossing(Document):
    """Where P(clean) falls through a level; values in the factor's unit."""

    level: Probability
    holds_to: float | None = described("the estimate is no lower up to here; null where never")
    lost_at: float | None = described("the first value tried at which it is lower; null for none")
    shown_to: float | None = described("the interval is above up to here; null where never")
    shown_lost_at: float | None = described("the first at which it is below; null where never")


class LimitOfDesign(Document):
    """A limit of the design on a factor's axis."""

    value: float = described("in the factor's unit")
    words: str


class FactorEnvelope(Document):
    """One factor: what it moves, the values flown, and where the levels are crossed."""

    name: str
    title: str
    paths: list[str]
    change: Literal["times", "plus", "set"]
    unit: str
    told: bool
    fault: str | None
    start: float = described("what the mission has")
    furthest: float
    points: list[EnvelopePoint] = described("from the start outward")
    crossings: list[LevelCrossing]
    limits: list[LimitOfDesign] = described("of the mission as it is")
    returned: Count = described("runs that are clean farther out than where they were not")


class FactorLeftOut(Document):
    """A factor that the mission does not have."""

    name: str
    title: str
    why: str


class EnvelopeDocument(Document):
    """How far one number at a time may move before P(clean) falls."""

    schema_version: Literal[1] = Field(alias="schema", description="version of this format")
    mission: str
    title: str
    seed: Count
    faults: list[str]
    settings: list[str]
    runs: AtLeastOne = described("of each point, the same run numbers")
    confidence: Probability
    factors: list[FactorEnvelope]
    left_out: list[FactorLeftOut]
    wall_s: float
    provenance: Provenance


def envelope_json_schema() -> dict[str, Any]:
    """The JSON schema (2020-12) that every `envelope.json` satisfies."""
    return json_schema_of(EnvelopeDocument, "envelope")
