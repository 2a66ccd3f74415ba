"""`campaign.json`: the models that declare what a campaign concludes."""

from typing import Any, Literal

from pydantic import Field

from perilune.campaign.analysis_documents import (
    Consistency,
    Dispersion,
    Driver,
    FailureGroup,
    Indices,
    Innovations,
    OrderStatistic,
    Pairs,
    Scatter,
    Tornado,
)
from perilune.campaign.band_document import BandDocument
from perilune.verdict.document import (
    AtLeastOne,
    Count,
    Document,
    Interval,
    OpenDocument,
    Probability,
    described,
    json_schema_of,
)

SCHEMA = 1

Sampling = Literal["random", "sobol", "lhs"]


class Method(Document):
    """How an interval is made."""

    name: str
    assumes: str
    source: str


class Required(Document):
    """What was required of P(clean)."""

    probability: Probability
    confidence: Probability
    most_runs: Count


class Decision(Document):
    """Whether the requirement is met."""

    verdict: Literal["met", "refuted", "undecided", "none"]
    sentence: str
    after_runs: int | None


class Settled(Document):
    """The estimate after so many runs."""

    runs: Count
    clean: Count
    probability: Probability
    lo: Probability
    hi: Probability


class Spread(Document):
    """Moments and percentiles of a figure."""

    mean: float | None
    sigma: float | None
    min: float | None
    p01: float | None
    p50: float | None
    p99: float | None
    max: float | None
    count: Count


class Timing(OpenDocument):
    """How long the last session took."""

    wall_s: float
    flown: Count
    resumed_from: Count
    flights_per_s: float | None
    compile_s: float | None
    ready_s: float | None
    workers: int | None
    lost_workers: Count


class Provenance(Document):
    """What the rows were made from."""

    order_digest: str
    begun: str
    concluded: str
    software: dict[str, Any]
    code_sha256: str
    files: dict[str, Any]
    mission_text_sha256: str
    engine: Literal["native", "xla"]
    batch_size: AtLeastOne
    host: dict[str, Any]
    device: str
    data_folder: Literal["given", "none"]
    gravity: str
    terrain: str


class CampaignDocument(Document):
    """What a campaign flew, what it proves and what its failures have in common; null where not."""

    schema_version: Literal[1] = Field(alias="schema", description="version of this format")
    mission: str = described("the mission's name")
    title: str = described("the mission, for people")
    seed: Count = described("the campaign's seed")
    faults: list[str] = described("names of the faults that were put in")
    settings: list[str] = described("values changed, as PATH=VALUE")
    sampling: Sampling = described("how inputs were drawn")
    runs: AtLeastOne = described("flights that count, from run 0 on")
    clean: Count = described("how many of them were clean")
    probability: Probability = described("clean / runs")
    confidence: Probability = described("of the interval, both sides together")
    interval: Interval = described(
        "[lo, hi] of the probability of a clean touchdown, of this model and these dispersions, "
        "two-sided"
    )
    method: Method = described("how the interval was made")
    requirement: Required | None = described("what was required, and how many runs were allowed")
    decision: Decision = described("whether the requirement is met")
    band: BandDocument | None = described(
        "P(clean) over what is not known, and what moves it most; null where none was flown"
    )
    settled: list[Settled] = described("the estimate as runs came in, thinned")
    outcomes: dict[str, Count] = described("how many flights ended how")
    violations: dict[str, Count] = described(
        "how many flights missed each criterion, or never came to it"
    )
    figures: dict[str, Spread] = described(
        "each figure over the flights that came to it, in the unit its name ends in"
    )
    order_statistics: list[OrderStatistic] = described(
        "what a fraction of landings stays below or above, with confidence; none where runs are "
        "not independent"
    )
    scatter: Scatter = described("where landings came to rest, east and north of the aim point, m")
    consistency: list[Consistency] = described(
        "whether the filter's variance matched its errors: the mean of NEES at each check point "
        "against the band of a consistent filter"
    )
    innovations: list[Innovations] = described(
        "whether readings came as the filter expected them: the mean of NIS of each sensor"
    )
    drivers: list[Driver] = described(
        "how differently each input is distributed in clean and unclean flights, the surest first"
    )
    tornado: list[Tornado] = described(
        "how far each figure moves between the lowest and the highest fifth of every input"
    )
    indices: list[Indices] = described("first-order variance shares of inputs")
    pairs: list[Pairs] = described("pairs of inputs that matter together")
    failure_groups: list[FailureGroup] = described(
        "unclean flights by what went wrong first, the most frequent first"
    )
    rows_sha256: str = described(
        "SHA-256 of all rows: two campaigns have the same rows, to the bit, if it is the same"
    )
    plan_sha256: str = described("SHA-256 of the flight plan that they were flown from")
    dispersions: list[Dispersion] = described("what was drawn, and from which source")
    timing: Timing = described("of the last session; the rate from when the program was compiled")
    provenance: Provenance = described("what the rows were made from")


def campaign_json_schema() -> dict[str, Any]:
    """The JSON schema (2020-12) that every `campaign.json` satisfies."""
    return json_schema_of(CampaignDocument, "campaign")
