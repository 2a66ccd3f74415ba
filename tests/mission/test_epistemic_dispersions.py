"""Which dispersions are chance, and which are what nobody knows."""

import pytest

from perilune import load_mission, resolved_text
from perilune.design.inputs import inputs_of
from perilune.errors import InputError
from perilune.mission.dispersion_entry import dispersion_json_schema
from perilune.mission.dispersions import rows_of
from perilune.mission.mission_files import catalog_names

HEIGHT = '{ path = "errors.altimeter.bias", distribution = "normal", sigma = "0.2 m"'


@pytest.fixture
def with_entry(own_mission):
    """Athena with one more entry at the end of the mission's own list."""

    def mission(entry):
        return load_mission(own_mission(("dispersions = [", f"dispersions = [\n    {entry},")))

    return mission


def row_at(mission, path):
    (row,) = [row for row in rows_of(mission) if row.path == path]
    return row


def test_what_says_nothing_of_its_kind_is_chance(with_entry):
    assert not row_at(with_entry(HEIGHT + " }"), "errors.altimeter.bias").is_epistemic


def test_a_kind_changes_no_figure_of_the_draw(with_entry):
    chance, unknown = (
        row_at(with_entry(f'{HEIGHT}, kind = "{kind}" }}'), "errors.altimeter.bias")
        for kind in ("aleatory", "epistemic")
    )
    assert (chance.is_epistemic, unknown.is_epistemic) == (False, True)
    assert (chance.scale, chance.low, chance.high, chance.words) == (
        unknown.scale,
        unknown.low,
        unknown.high,
        unknown.words,
    )


def test_another_kind_is_refused_with_the_two_there_are(with_entry):
    with pytest.raises(InputError, match=r"kind.*aleatory.*epistemic"):
        with_entry(HEIGHT + ', kind = "unknown" }')


def test_what_is_drawn_together_cannot_be_held_by_itself(with_entry):
    entry = (
        '{ paths = ["errors.map.east", "errors.map.north"], distribution = "normal", '
        'sigma = "20 m", correlation = [[1.0, 0.5], [0.5, 1.0]], kind = "epistemic" }'
    )
    with pytest.raises(InputError, match="give each path an entry of its own"):
        with_entry(entry)


def test_every_component_of_a_list_is_of_its_entrys_kind():
    inputs = {each.path: each.kind for each in inputs_of(load_mission("athena"))}
    assert {inputs[f"errors.gravity.left_out.{axis}"] for axis in "012"} == {"epistemic"}
    assert inputs["errors.imu.gyro_bias.0"] == "aleatory"


@pytest.mark.parametrize("name", sorted(catalog_names("mission", None)))
def test_the_site_and_its_map_are_not_known_in_every_mission_of_the_catalog(name):
    unknown = {row.path for row in rows_of(load_mission(name)) if row.is_epistemic}
    assert {f"errors.map.{way}" for way in ("east", "north", "height")} <= unknown
    assert {path for path in unknown if path.startswith("site.surface.")}
    assert {path for path in unknown if path.startswith("site.soil.")}
    assert not {path for path in unknown if path.startswith(("start.", "errors.imu."))}


def test_a_resolved_mission_shows_the_kind():
    assert 'kind = "epistemic"' in resolved_text(load_mission("athena"))


def test_the_schema_of_every_distribution_has_both_kinds():
    tables = dispersion_json_schema()["$defs"].values()
    kinds = [table["properties"]["kind"]["enum"] for table in tables]
    assert len(kinds) == 5
    assert all(each == ["aleatory", "epistemic"] for each in kinds)
