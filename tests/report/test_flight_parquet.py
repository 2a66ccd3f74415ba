import json
import re

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from perilune.campaign.statistics.columns import numbers_if_any
from perilune.mechanics.si_units import suffix_of
from perilune.report.flight_parquet import telemetry_table, write_telemetry
from perilune.telemetry.channels import CHANNELS

DIMENSIONLESS = re.compile(r"phase|mode|throttle(_\d+)?|.*(_valid|_used)|.*_attitude_.")


def test_every_channel_names_its_unit_or_is_known_to_have_none():
    unnamed = [name for name in CHANNELS if suffix_of(name) is None]
    assert all(DIMENSIONLESS.fullmatch(name) for name in unnamed)


def test_columns_come_back_from_the_file_as_they_went_in(tmp_path, columns, telemetry):
    write_telemetry(telemetry, tmp_path / "telemetry.parquet")
    back = pq.read_table(tmp_path / "telemetry.parquet")
    assert back.column_names == list(columns)
    for name, values in columns.items():
        np.testing.assert_array_equal(
            numbers_if_any(back, name), values.astype(float), err_msg=name
        )


def test_units_and_metadata_are_in_the_file(tmp_path, telemetry):
    write_telemetry(telemetry, tmp_path / "telemetry.parquet")
    schema = pq.read_schema(tmp_path / "telemetry.parquet")
    assert schema.field("vertical_speed_m_s").metadata[b"unit"].decode() == "m/s"
    assert schema.field("true_rate_x_deg_s").metadata[b"unit"].decode() == "°/s"
    assert schema.field("throttle").metadata[b"unit"].decode() == ""
    assert json.loads(schema.metadata[b"perilune"])["modes"] == {"0": "coast"}


def test_what_did_not_exist_is_null():
    table = telemetry_table({"time_s": [0.0, 1.0, 2.0], "range_m": [5.0, np.nan, np.inf]}, {})
    assert table["range_m"].to_pylist() == [5.0, None, None]
    assert table["range_m"].null_count == 2


def test_flags_are_true_or_false_and_modes_are_whole():
    table = telemetry_table({"camera_valid": [0.0, 1.0], "mode": [2.0, 3.0]}, {})
    assert table["camera_valid"].to_pylist() == [False, True]
    assert table.schema.field("mode").type == pa.int16()


def test_an_undeclared_column_is_refused_with_the_nearest_name():
    with pytest.raises(LookupError, match="did you mean `altitude_m`"):
        telemetry_table({"altitud_m": [1.0]}, {})


def test_columns_of_unequal_length_are_refused():
    with pytest.raises(ValueError, match="of one length"):
        telemetry_table({"time_s": [0.0, 1.0], "range_m": [1.0]}, {})
