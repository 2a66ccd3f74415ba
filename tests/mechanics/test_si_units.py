import pytest

from perilune.mechanics.si_units import BY_SUFFIX, bare_name, printed, printed_unit_of, unit_of


@pytest.mark.parametrize(
    ("name", "unit", "bare"),
    [
        ("velocity_site_m_s", "m/s", "velocity_site"),
        ("bias_m_s2", "m/s**2", "bias"),
        ("radius_m", "m", "radius"),
        ("inertia_kg_m2", "kg*m**2", "inertia"),
        ("angle_random_walk_rad_per_sqrt_s", "rad/s**0.5", "angle_random_walk"),
        ("velocity_random_walk_m_s_per_sqrt_s", "m/s**1.5", "velocity_random_walk"),
        ("friction_factor", "", "friction_factor"),
        ("count", "", "count"),
    ],
)
def test_the_longest_suffix_is_the_unit_and_is_left_out_of_the_bare_name(name, unit, bare):
    assert unit_of(name) == unit
    assert bare_name(name) == bare


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("kg*m**2", "kg m²"),
        ("normal, sigma 3 m/s**2, about 2 deg", "normal, sigma 3 m/s², about 2°"),
        ("0.07 rad/s**0.5", "0.07 rad/√s"),
        ("deg/s", "°/s"),
        ("5 m over 3 s", "5 m over 3 s"),
        ("degree 8 of the field", "degree 8 of the field"),
    ],
)
def test_units_in_words_are_printed_as_the_table_has_them(words, expected):
    assert printed(words) == expected


def test_a_name_without_a_unit_is_refused_with_the_units_there_are():
    with pytest.raises(LookupError, match="`altitude` names no unit; end it in one of m, "):
        unit_of("altitude")


def test_every_unit_is_one_that_pint_knows():
    from perilune.interfaces.quantities import registry

    for unit in BY_SUFFIX.values():
        registry().Unit(unit.pint)


def test_an_example_of_a_quantity_has_the_dimension_of_its_unit():
    from perilune.interfaces.quantities import si_value

    for unit in BY_SUFFIX.values():
        if unit.example:
            assert si_value(unit.example, unit.pint) > 0.0


def test_reports_write_units_as_pint_prints_them():
    from perilune.interfaces.quantities import registry

    pints = {"°": "deg", "m/s/√s": "m/s**1.5", "rad/√s": "rad/s**0.5"}
    for unit in BY_SUFFIX.values():
        spelt = pints.get(unit.printed, unit.printed.replace(" ", "*").replace("°", "deg"))
        spelt = spelt.replace("²", "**2").replace("³", "**3")
        assert registry().Unit(spelt) == registry().Unit(unit.pint)


def test_a_name_without_a_unit_is_printed_without_one():
    assert printed_unit_of("throttle") == printed_unit_of("friction_factor") == ""
    assert printed_unit_of("vertical_speed_m_s") == "m/s"
