import base64

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from perilune.report.figures.decimate import every, packed, thinned

SERIES = st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=500)


@given(SERIES, st.integers(4, 60))
def test_thinning_keeps_both_ends_and_both_extremes_in_order(values, points):
    y = np.array(values)
    x = np.arange(len(y), dtype=float)
    kept_x, kept_y = thinned(x, y, points)
    assert (kept_x[0], kept_x[-1]) == (0, len(y) - 1)
    assert (kept_y.min(), kept_y.max()) == (y.min(), y.max())
    assert (np.diff(kept_x) > 0).all()
    np.testing.assert_array_equal(y[kept_x.astype(int)], kept_y)
    assert len(kept_x) <= points + 2


def test_a_long_gap_stays_a_gap():
    y = np.sin(np.arange(10_000) / 50)
    y[4000:6000] = np.nan
    x, kept = thinned(np.arange(10_000.0), y, 200)
    assert np.isnan(kept[(x > 4100) & (x < 5900)]).all()
    assert np.isfinite(kept[(x < 3900) | (x > 6100)]).all()


@given(st.integers(1, 400), st.integers(2, 90))
def test_points_taken_evenly_are_few_and_start_and_end_with_the_series(count, points):
    kept = every(np.zeros(count), points)
    assert len(kept) <= points
    assert (kept[0], kept[-1]) == (0, count - 1)


@pytest.mark.parametrize("shape", [(5,), (3, 4)])
def test_packed_numbers_unpack_to_themselves(shape):
    values = np.arange(np.prod(shape), dtype=float).reshape(shape) / 4
    body = packed(values)
    back = np.frombuffer(base64.b64decode(body["bdata"]), "<f4").reshape(shape)
    np.testing.assert_array_equal(back, values)
    assert body.get("shape") == (None if len(shape) == 1 else "3,4")
