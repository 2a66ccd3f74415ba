import json
import math

import jsonschema
import pytest
import tomlkit

from perilune import load_mission
from perilune.errors import InputError
from perilune.interfaces.units import kind_of
from perilune.mission import mission_json_schema, resolved_text
from perilune.mission.fault import ALWAYS_THERE
from perilune.mission.mission_files import catalog_names, tag_of
from perilune.mission.schema import json_schema
from perilune.mission.settings import leaves
from perilune.mission.show import is_sourced, kind_counts, sourcing_sentence, tags_of
from tools.fault_programs import fitting, kinds_of

FILES = [
    (kind, name)
    for kind in ("mission", "lander", "site", "fault")
    for name in catalog_names(kind, None)
]
FAULTS = catalog_names("fault", None)


def fitted(name):
    """What the lander of a mission has that faults may be of."""
    return {*ALWAYS_THERE, *map(kind_of, load_mission(name).lander.sensors)}


@pytest.mark.parametrize("name", catalog_names("mission", None))
def test_every_fault_of_an_instrument_that_a_lander_lacks_is_refused_and_every_other_is_not(name):
    for fault in FAULTS:
        if kinds_of(fault) <= fitted(name):
            load_mission(name, faults=[fault])
        else:
            with pytest.raises(InputError, match="only what is not fitted"):
                load_mission(name, faults=[fault])


@pytest.mark.parametrize("name", catalog_names("mission", None))
def test_every_number_in_the_catalog_has_a_source_tag(name):
    known = fitting(name)
    for faults in (known[::2], known[1::2]):  # all together draw more than a flight has room for
        assert_sourced(load_mission(name, faults=faults))


def assert_sourced(mission):
    numbers = [path for path, value in leaves(mission.written) if is_sourced(path, value)]
    assert len(numbers) > 100
    assert [path for path in numbers if tag_of(mission.sources, path) is None] == []


@pytest.mark.parametrize(("kind", "name"), FILES)
def test_every_file_of_the_catalog_satisfies_the_json_schema(catalog, kind, name):
    text = (catalog / f"{kind}s" / f"{name}.toml").read_text(encoding="utf-8")
    schema = json_schema(kind)
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.validate(tomlkit.parse(text).unwrap(), schema)


@pytest.mark.parametrize(("kind", "name"), FILES)
def test_every_file_of_the_catalog_is_named_as_it_names_itself(catalog, kind, name):
    text = (catalog / f"{kind}s" / f"{name}.toml").read_text(encoding="utf-8")
    assert tomlkit.parse(text)["name"] == name


@pytest.mark.parametrize(
    ("table", "key", "value"),
    [
        ("orbit", "altitude", 100_000),
        ("orbit", "altitude", "100"),
        ("orbit", "altitud", "100 km"),
        ("orbit", "approach", "sideways"),
        ("descent", "peak_thrust_fraction", 1.5),
    ],
)
def test_the_json_schema_refuses_what_loading_refuses(catalog, table, key, value):
    text = (catalog / "missions" / "athena.toml").read_text(encoding="utf-8")
    values = tomlkit.parse(text).unwrap()
    values[table][key] = value
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(values, mission_json_schema())


def test_the_json_schema_is_json():
    assert json.loads(json.dumps(mission_json_schema())) == mission_json_schema()


def test_a_resolved_mission_is_shown_with_each_value_and_its_tag():
    text = resolved_text(load_mission("athena", ["lander.engine.lag=0.2 s"]))
    shown = tomlkit.parse(text)["lander"]["engine"]
    assert shown["max_thrust"] == "4.0 kN"
    assert shown["max_thrust"].trivia.comment == "# [sourced: LORS / press kit]"
    assert shown["lag"].trivia.comment == "# [--set]"


@pytest.mark.parametrize("first", [0, 1])
def test_a_shown_mission_carries_every_number_of_the_mission(first):
    """With every other fault: all together draw more than a flight has room for."""
    mission = load_mission("athena", faults=fitting("athena")[first::2])
    text = resolved_text(mission)
    for path, value in leaves(mission.written):
        assert f"{path.rpartition('.')[2]} = {json.dumps(value, ensure_ascii=False)}" in text


def test_every_value_is_counted_once_and_only_sourced_and_computed_have_a_source(athena):
    tags = tags_of(athena)
    counts = kind_counts(tags.values())
    assert sum(counts.values()) == len(tags)
    first = [tag.split(":")[0].strip("[]") for tag in tags.values()]
    assert 0 < counts["sourced"] <= first.count("sourced")
    assert 0 < counts["computed"] <= first.count("computed")
    assert counts["default"] == first.count("default")
    assert sourcing_sentence(counts).startswith(f"Of {len(tags)} values ")


def test_a_number_nobody_gave_a_source_is_shown_as_untagged(own_mission):
    mine = own_mission(("# [recalled]", ""))
    assert 'perilune = "100 km"' + " " * 29 + " # [untagged]" in resolved_text(load_mission(mine))


def test_the_thrusters_of_nova_c_make_pure_couples_about_every_axis():
    """Eight nozzles of the sixteen that turn one way about an axis give no force together."""
    lander = load_mission("athena").lander
    for axis in range(3):
        for sign in (1.0, -1.0):
            turning = [n for n in lander.thrusters.nozzles if sign * _torque(n)[axis] > 1e-9]
            force = [sum(n.direction[k] for n in turning) for k in range(3)]
            torque = [sum(_torque(n)[k] for n in turning) for k in range(3)]
            assert force == pytest.approx([0.0] * 3, abs=1e-12)
            expected = [sign * abs(torque[axis]) if k == axis else 0.0 for k in range(3)]
            assert torque == pytest.approx(expected, abs=1e-12)


def _torque(nozzle):
    """About the body axis at the height of the quads, where the quads' couples are pure."""
    (x, y, _), (u, v, w) = nozzle.position_m, nozzle.direction
    return y * w, -x * w, x * v - y * u


def test_the_legs_of_nova_c_stop_900_kg_at_2_m_s_on_three_legs_within_their_stroke():
    """Work of crushing = kinetic energy + weight over the same way."""
    legs = load_mission("athena").lander.legs
    stroke_m = 0.5 * 900.0 * 2.0**2 / (3 * legs.crush_force_n - 900.0 * 1.624)
    assert stroke_m < 0.7 * legs.stroke_m


def test_odysseus_can_stop_from_its_orbit_with_the_propellant_it_has_left():
    """Rocket equation with the 1.84 km/s of the descent, after corrections and insertion."""
    odysseus = load_mission("odysseus")
    mass, engine = odysseus.lander.mass, odysseus.lander.engine
    spent_m_s = odysseus.masses.corrections_m_s + odysseus.masses.insertion_m_s + 1840.0
    left_kg = odysseus.masses.separation_kg * math.exp(
        -spent_m_s / (engine.specific_impulse_s * 9.80665)
    )
    assert left_kg > mass.dry_kg + mass.payload_kg + mass.cold_gas_kg + 50.0
