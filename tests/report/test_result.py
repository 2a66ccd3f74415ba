import json
import math

import jsonschema
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from perilune.report.result import plain, result_document, result_json_schema, result_text

# The promise made to users: names may be added one day, none may go or change.
PROMISED = {
    "": "mission lander seed run faults outcome clean aim control touchdown criteria events "
    "provenance",
    "control": "thrust_short_s torque_short_s",
    "touchdown": "utc vertical_speed_m_s horizontal_speed_m_s tilt_at_contact_deg tilt_deg "
    "rest_true_latitude_deg rest_true_longitude_deg rest_map_latitude_deg rest_map_longitude_deg "
    "miss_m miss_east_m miss_north_m propellant_kg peak_leg_load_n secondary_stroke_m "
    "pad_sinkage_m strike_n strike_x_m strike_y_m strike_z_m bell_clearance_m "
    "parts_n",
    "aim": "aim_true_latitude_deg aim_true_longitude_deg aim_map_latitude_deg "
    "aim_map_longitude_deg aim_radius_m map_error_east_m map_error_north_m",
    "criteria": "name value limit margin met",
    "events": "name utc time_s",
}


@pytest.fixture(scope="module")
def schema():
    schema = result_json_schema()
    jsonschema.Draft202012Validator.check_schema(schema)
    return jsonschema.Draft202012Validator(schema)


def test_every_promised_name_is_there(result):
    assert set(PROMISED[""].split()) == set(result)
    for part in ("aim", "control", "touchdown"):
        assert set(PROMISED[part].split()) == set(result[part])
    for part in ("criteria", "events"):
        assert all(set(PROMISED[part].split()) == set(each) for each in result[part])


def test_a_result_satisfies_the_schema(schema, result):
    schema.validate(json.loads(result_text(result)))


def test_without_a_touchdown_it_is_null_and_still_satisfies_the_schema(schema, arguments):
    result = result_document(**(arguments | {"touchdown": None}))
    assert result["touchdown"] is None
    schema.validate(result)


@pytest.mark.parametrize("name", PROMISED[""].split())
def test_the_schema_misses_every_name_that_is_missing(schema, result, name):
    del result[name]
    with pytest.raises(jsonschema.ValidationError, match=name):
        schema.validate(result)


@pytest.mark.parametrize(
    ("part", "name", "wrong"),
    [
        ("touchdown", "utc", "6 March 2025"),
        ("touchdown", "miss_m", "312 m"),
        (None, "outcome", "landed"),
        (None, "clean", "yes"),
        (None, "seed", -1),
    ],
)
def test_the_schema_refuses_a_wrong_value(schema, result, part, name, wrong):
    (result[part] if part else result)[name] = wrong
    with pytest.raises(jsonschema.ValidationError):
        schema.validate(result)


def test_what_did_not_happen_is_null_and_never_not_a_number(schema, arguments):
    arguments["touchdown"] |= {"tilt_deg": math.nan, "miss_m": np.float64("inf")}
    arguments["criteria"][0] |= {"value": np.nan, "margin": np.nan, "met": np.False_}
    result = json.loads(result_text(result_document(**arguments)))
    assert result["touchdown"]["tilt_deg"] is None
    assert result["touchdown"]["miss_m"] is None
    assert result["criteria"][0]["value"] is None
    schema.validate(result)


def test_a_misspelt_name_is_refused_by_its_name(arguments):
    arguments["touchdown"]["tilt_degrees"] = arguments["touchdown"].pop("tilt_deg")
    with pytest.raises(
        ValueError, match=r"missing touchdown\.tilt_deg, extra touchdown\.tilt_degrees"
    ):
        result_document(**arguments)


@given(
    st.recursive(
        st.floats() | st.integers() | st.text() | st.booleans() | st.none(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    )
)
def test_whatever_is_made_plain_is_strict_json(value):
    text = json.dumps(plain({"x": value}), allow_nan=False)
    assert json.loads(text) == plain({"x": value})


def test_numbers_of_numpy_become_plain_numbers_of_the_same_value():
    made = plain({"a": np.float64(0.1), "b": np.int32(7), "c": np.bool_(True), "d": np.arange(3)})
    assert made == {"a": 0.1, "b": 7, "c": True, "d": [0, 1, 2]}
    assert [type(each) for each in made.values()] == [float, int, bool, list]
