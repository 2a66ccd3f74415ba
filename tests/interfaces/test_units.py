import pytest
from pydantic import ValidationError

from perilune.interfaces.table import Positive, Table, Vector
from perilune.interfaces.units import Units, labelled, labelled_units, labels_in, stem_of


class Radar(Table):
    """A radar."""

    noise_m: Positive
    """One sigma."""
    mount_m: Vector
    """Where it is."""


class Craft(Table):
    """A craft with radars."""

    radar: Units[Radar] | None = None
    """Its radars."""
    sonar: Units[Radar] | None = None
    """Its sonars."""


NEAR = {"noise": "2 m", "mount": ["0 m", "0 m", "1 m"]}
FAR = {"noise": "30 m", "mount": ["0 m", "0 m", "2 m"]}


def test_one_table_is_one_unit_labelled_as_its_kind():
    craft = Craft.model_validate({"radar": NEAR})
    assert isinstance(craft.radar, Radar)
    assert list(labelled("radar", craft.radar)) == ["radar"] == labels_in("radar", NEAR)


def test_a_table_of_tables_is_a_unit_for_each():
    craft = Craft.model_validate({"radar": {"left": NEAR, "right": FAR}})
    units = labelled("radar", craft.radar)
    assert list(units) == ["radar.left", "radar.right"]
    assert units["radar.right"].noise_m == 30.0
    assert labels_in("radar", {"left": NEAR, "right": FAR}) == list(units)
    assert [stem_of(each) for each in units] == ["radar_left", "radar_right"]


@pytest.mark.parametrize("written", [{}, {"radar": "none"}])
def test_what_is_not_fitted_has_no_units(written):
    assert labelled_units(Craft.model_validate(written), ("radar", "sonar")) == {}


def test_units_of_several_kinds_stand_kind_after_kind():
    craft = Craft.model_validate({"sonar": NEAR, "radar": {"b": FAR, "a": NEAR}})
    assert list(labelled_units(craft, ("sonar", "radar"))) == ["sonar", "radar.b", "radar.a"]


def test_a_unit_is_named_in_lower_case_and_begins_with_a_letter():
    with pytest.raises(ValidationError, match="string_pattern_mismatch"):
        Craft.model_validate({"radar": {"0": NEAR}})


def test_the_schema_takes_one_table_several_or_none():
    ways = Craft.model_json_schema()["properties"]["radar"]["anyOf"]
    assert {"const": "none"} in ways
    one, several = ways[0]["oneOf"]
    assert one == {"$ref": "#/$defs/Radar"}
    assert list(several["patternProperties"].values()) == [one]
