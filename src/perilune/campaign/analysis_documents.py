"""Models of the parts of `campaign.json` that analyse rows: bounds, landings, drivers, causes."""

from typing import Annotated, Literal

from pydantic import Field

from perilune.verdict.document import (
    AtLeastOne,
    Count,
    Document,
    OpenDocument,
    Place,
    Probability,
    described,
)

Covariance = Annotated[list[Place], Field(min_length=2, max_length=2)]
TellingRuns = Annotated[list[Count], Field(max_length=3)]
ASSUMES = "what it takes for granted, or why it is a description only"
TOGETHER = "drawn together with others, so that it holds for the group as a whole"


class OrderStatistic(Document):
    """A bound that a fraction of landings stays within."""

    column: str
    unit: str
    fraction: Probability
    confidence: Probability
    sense: Literal["upper", "lower"]
    bound: float | None
    rank: int | None
    count: Count
    reached: bool
    least_count: Count
    assumes: str = described(ASSUMES)


class Ellipse(Document):
    """An ellipse about the mean landing."""

    name: str
    radius_sigma: float
    probability: Probability
    inside: Probability
    semi_major_m: float
    semi_minor_m: float
    azimuth_deg: float
    polygon: list[Place]


class Ellipses(Document):
    """Mean, covariance and ellipses of the landings."""

    mean_m: Place
    covariance_m2: Covariance
    ellipses: list[Ellipse]


class Region(OpenDocument):
    """The region of any shape."""

    fraction: Probability
    confidence: Probability
    count: Count
    left_out: int | None
    reached: float | None
    inside: float | None
    area_m2: float | None
    polygons: list[list[Place]]
    words: str
    assumes: str = described(ASSUMES)


class Scatter(Document):
    """Where landings came to rest."""

    count: Count
    ellipses: Ellipses | None
    region: Region


class Consistency(Document):
    """The mean of NEES of a group of errors at a check point."""

    column: str
    point: str
    group: str
    degrees: AtLeastOne
    count: Count
    mean: float | None
    lo: float | None
    hi: float | None
    verdict: Literal["inside its band", "cautious", "overconfident"] | None
    ratio: float | None
    words: str


class Innovations(Document):
    """The mean of NIS of a sensor's readings."""

    column: str
    unit: str
    count: Count
    mean: float | None
    lo: float | None
    hi: float | None
    words: str


class Driver(OpenDocument):
    """How an input differs between clean and unclean flights."""

    column: str
    path: str
    test: str | None
    statistic: float | None
    p: Probability | None
    p_adjusted: Probability | None
    direction: str | None
    effect: float | None
    clean_median: float | None
    unclean_median: float | None
    significant: bool
    words: str | None
    together: bool = described(TOGETHER)


class Bar(OpenDocument):
    """A figure's mean in the lowest and the highest fifth of an input."""

    column: str
    path: str
    low_mean: float
    low_error: float | None
    low_count: Count
    high_mean: float
    high_error: float | None
    high_count: Count
    span: float
    span_error: float | None


class Tornado(Document):
    """The bars of one figure."""

    figure: str
    count: Count
    bars: list[Bar]
    words: str | None


class Share(OpenDocument):
    """An input's share of a figure's variance."""

    column: str
    path: str
    share: float
    lo: float
    hi: float
    p: Probability | None
    p_adjusted: Probability | None
    significant: bool
    together: bool = described(TOGETHER)


class Indices(OpenDocument):
    """The shares of one figure's variance."""

    figure: str
    count: Count
    mean: float | None
    sigma: float | None
    shares: list[Share]
    rest: float | None
    rest_lo: float | None
    rest_hi: float | None
    words: str | None


class Pair(OpenDocument):
    """Two inputs whose effect together was tested."""

    column_a: str
    path_a: str
    column_b: str
    path_b: str
    p: Probability | None
    p_adjusted: Probability | None
    significant: bool


class Pairs(OpenDocument):
    """The pairs of one figure."""

    figure: str
    count: Count
    looked_at: Count
    found: Count
    pairs: list[Pair]
    words: str | None


class FailureGroup(Document):
    """Unclean flights with one first cause."""

    cause: str
    count: Count
    share: Probability
    words: str
    telling_runs: TellingRuns


class Dispersion(Document):
    """One drawn input."""

    path: str
    column: str
    unit: str
    nominal: float | None
    distribution: str
    kind: Literal["aleatory", "epistemic"] = described(
        "whether it differs by chance, or has one value that nobody knows"
    )
    source: str
