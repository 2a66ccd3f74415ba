"""A batch of flights judged at once, as an Arrow table."""

import numpy as np
import pyarrow as pa

from perilune.campaign.run.row_columns import Judging, table_of
from perilune.flight.fly import FlightSummary
from perilune.mission import Mission
from perilune.verdict.limits import limits_of


def judge_batch(summary: FlightSummary, mission: Mission, first_run: int = 0) -> pa.Table:
    """A `pyarrow.Table` of a batch of flights, one row each, by a mission's limits.

    `summary` is a `FlightSummary` whose arrays have one leading axis, as `fly_batch` or `jax.vmap`
    of `fly` gives it. The columns are those of a campaign's rows but for what was drawn: run,
    clean, outcome, first cause, figures, events, consistency, margins; SI but for degrees, null for
    what did not happen. Runs are numbered from `first_run`. `to_pandas()`, `polars.from_arrow` and
    `duckdb` take it as it is.

    >>> import perilune
    >>> mission = perilune.load_mission("athena")
    >>> values, summary = perilune.fly_batch(perilune.plan(mission), seed=4)
    >>> perilune.judge_batch(summary, mission).num_rows
    64
    """
    count = len(summary.outcome)
    judging = Judging((), limits_of(mission))
    return table_of(judging, first_run, (np.empty((count, 0)), summary), count)
