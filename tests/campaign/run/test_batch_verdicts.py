"""A batch judged at once says of each flight what `judge` says of it alone."""

import jax
import numpy as np
import pyarrow as pa
import pytest

import perilune


@pytest.fixture(scope="module")
def pair(athena_nominal_flight, athena_flight):
    """Two flights with one leading axis, and the two alone."""
    alone = [athena_nominal_flight[1], athena_flight[1]]
    return jax.tree.map(lambda *leaves: np.stack(leaves), *alone), alone


def test_each_row_is_what_judge_says_of_the_flight_alone(athena, pair):
    batch, alone = pair
    table = perilune.judge_batch(batch, athena, first_run=5)
    assert isinstance(table, pa.Table)
    assert table["run"].to_pylist() == [5, 6]
    for row, summary in zip(table.to_pylist(), alone, strict=True):
        verdict = perilune.judge(summary, athena)
        assert (row["outcome"], row["clean"]) == (verdict.outcome, verdict.clean)
        assert row["rest_map_latitude_deg"] == pytest.approx(
            verdict.touchdown.rest_map_latitude_deg, abs=1e-12
        )
        for criterion in verdict.criteria:
            margin = row[f"margin_{criterion.name}"]
            assert margin == pytest.approx(criterion.margin, abs=1e-6)


def test_east_and_north_of_the_aim_point_make_the_miss(athena, pair):
    table = perilune.judge_batch(pair[0], athena)
    east, north, miss = (
        np.array(table[name]) for name in ("miss_east_m", "miss_north_m", "miss_m")
    )
    np.testing.assert_allclose(np.hypot(east, north), miss, rtol=1e-9)
