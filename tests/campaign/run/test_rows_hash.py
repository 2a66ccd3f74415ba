"""One hash of all rows: what changes it, what does not, and how it is made."""

import hashlib
import struct
import time

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from perilune.campaign.run import row_store
from perilune.campaign.run.rows_hash import rows_sha256
from perilune.campaign.runner import run_campaign
from tests.campaign.conftest import RUNS, Heard, small_order

QUIET_NAN = struct.pack("<Q", 0x7FF8000000000000)
ROWS = {
    "run": [0, 1, 2],
    "clean": [True, False, True],
    "first_cause": [None, "blind_descent", None],
    "miss_m": [1.5, None, -0.0],
}


def table(**changes):
    return pa.table(ROWS | changes)


def changed_bit(value, bit):
    (word,) = struct.unpack("<Q", struct.pack("<d", value))
    return struct.unpack("<d", struct.pack("<Q", word ^ (1 << bit)))[0]


def test_the_hash_is_of_the_bytes_that_the_page_describes():
    described = b"clean\0bool\x003\0" + bytes([1, 0, 1])
    described += b"first_cause\0text\x003\0" + struct.pack("<3q", -1, 13, -1) + b"blind_descent"
    described += b"miss_m\0float64\x003\0" + struct.pack("<d", 1.5) + QUIET_NAN
    described += struct.pack("<d", -0.0)
    described += b"run\0int64\x003\0" + struct.pack("<3q", 0, 1, 2)
    assert rows_sha256(table()) == hashlib.sha256(described).hexdigest()


@given(st.floats(allow_nan=False, allow_infinity=False), st.integers(0, 63))
def test_one_changed_bit_changes_the_hash(value, bit):
    other = changed_bit(value, bit)
    same = np.isnan(value) and np.isnan(other)
    one, two = (table(miss_m=[1.5, None, each]) for each in (value, other))
    assert (rows_sha256(one) == rows_sha256(two)) == same


@pytest.mark.parametrize(
    "changes",
    [
        {"run": [0, 1, 3]},
        {"clean": [True, True, True]},
        {"first_cause": [None, "blind_descend", None]},
        {"first_cause": ["", "blind_descent", None]},
        {"first_cause": ["blind", "_descent", None]},
        {"miss_m": [1.5, None, 0.0]},
        {"miss_m": [None, 1.5, -0.0]},
        {"more_m": [1.0, 2.0, 3.0]},
    ],
)
def test_other_values_are_another_hash(changes):
    assert rows_sha256(table(**changes)) != rows_sha256(table())


def test_every_not_a_number_and_null_are_one():
    negative = struct.unpack("<d", struct.pack("<Q", 0xFFF8000000000001))[0]
    for value in (None, np.nan, negative):
        array = pa.array([1.5, value, -0.0], pa.float64())
        assert rows_sha256(table(miss_m=array)) == rows_sha256(table())


def test_chunks_columns_and_the_order_in_which_rows_came_change_nothing():
    whole = table()
    pieces = [whole.slice(2, 1), whole.slice(0, 1), whole.slice(1, 1)]
    assert rows_sha256(pa.concat_tables(pieces)) == rows_sha256(whole)
    assert rows_sha256(whole.select(list(reversed(whole.column_names)))) == rows_sha256(whole)


def test_a_type_that_is_not_described_is_refused():
    with pytest.raises(KeyError, match="float"):
        rows_sha256(table(miss_m=pa.array([1.5, 2.5, 3.5], pa.float32())))


def test_ten_thousand_rows_take_well_under_a_second():
    rng = np.random.default_rng(0)
    columns = {f"figure_{i}_m": rng.normal(size=10_000) for i in range(250)}
    wide = pa.table({"run": np.arange(10_000)} | columns)
    start = time.process_time()
    rows_sha256(wide)
    assert time.process_time() - start < 1.0


def test_a_campaign_keeps_the_hash_of_its_rows_and_comes_to_it_again_in_pieces(
    undisturbed, tmp_path
):
    """Begun with fewer runs and completed by one worker: other batches, other sessions."""
    document, folder, _ = undisturbed
    assert document["rows_sha256"] == rows_sha256(row_store.read_rows(folder))
    place = tmp_path / "pieces"
    begun, _ = run_campaign(small_order(place, runs=70), Heard())
    assert begun["rows_sha256"] != document["rows_sha256"]
    order = small_order(place, runs=RUNS, resume=True, workers=1)
    assert run_campaign(order, Heard()).document["rows_sha256"] == document["rows_sha256"]
