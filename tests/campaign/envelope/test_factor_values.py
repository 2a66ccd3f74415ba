"""The factors of an envelope on missions: what they move, on which side, how far."""

import pytest

from perilune import load_mission
from perilune.campaign.envelope.factor_values import placed
from perilune.campaign.envelope.factors import FACTORS, Factor
from perilune.mission import list_missions
from perilune.mission.parameters import leaves_of
from perilune.mission.propulsion import engines_of
from perilune.mission.sides import side_of
from tests.test_docs import ROOT

MISSIONS = [name for name, _, _ in list_missions(None)]
HAS = {
    "a gimbal": lambda engine: engine.gimbal_limit_rad > 0.0,
    "a throttle": lambda engine: engine.max_thrust_n > engine.min_thrust_n,
}
BY_NAME = {factor.name: factor for factor in FACTORS}


def read(name, factor, settings=()):
    return load_mission(name, settings, [factor.fault] if factor.fault else [])


def a_tenth_out(where):
    return where.span.start + 0.1 * (where.span.furthest - where.span.start)


@pytest.mark.parametrize("name", MISSIONS)
@pytest.mark.parametrize("factor", FACTORS, ids=lambda each: each.name)
def test_a_factor_moves_its_numbers_and_tells_the_software_only_if_it_is_told(name, factor):
    mission = read(name, factor)
    where = placed(factor, mission)
    if isinstance(where, str):
        engines = engines_of(mission.lander).values()
        assert factor.needs is not None
        assert where == f"no engine of the lander has {factor.needs}"
        assert not any(HAS[factor.needs](each) for each in engines)
        return
    moved = read(name, factor, where.settings_at(a_tenth_out(where)))
    truth, belief = (leaves_of(each) for each in (moved.in_truth, moved.as_believed))
    before = leaves_of(mission)
    for each in where.moved:
        path = side_of(each.path)[1]
        assert truth[path].value != before[path].value
        if factor.told:
            assert belief[path].value == truth[path].value
        elif path.startswith(("lander", "masses")):
            assert belief[path].value == before[path].value


def test_thrust_is_moved_by_a_share_of_each_engines_own(athena):
    where = placed(BY_NAME["thrust"], athena)
    assert where.settings_at(-10.0) == (
        "truth.lander.engine.max_thrust=3600 N",
        "truth.lander.engine.min_thrust=900 N",
    )
    assert where.settings_at(0.0) == ()


def test_a_heavier_lander_has_the_same_propellant(athena):
    settings = placed(BY_NAME["mass"], athena).settings_at(10.0)
    assert settings == ("truth.lander.mass.dry=687.5 kg", "truth.masses.separation=2182.5 kg")


def test_a_lag_begins_at_the_landers_own(athena):
    where = placed(BY_NAME["engine-lag-told"], athena)
    assert where.span.start == pytest.approx(0.15)
    assert where.settings_at(1.5) == ("lander.engine.lag=1.5 s",)


def test_the_bound_of_a_number_ends_the_span(athena):
    far = Factor(
        "far", "Far", ("errors.engine.pointing.0",), change="plus", unit="deg", furthest=60.0
    )
    assert placed(far, athena).span.furthest == pytest.approx(5.7296, abs=1e-4)  # 0.1 rad


PULSED = ("lander.engine.min_thrust=4 kN", "lander.engine.pulsing={min_on='20 ms'}")


@pytest.mark.parametrize(
    ("needs", "settings"),
    [("a gimbal", ("lander.engine.gimbal_limit=0 deg",)), ("a throttle", PULSED)],
)
def test_a_lander_that_lacks_what_a_factor_moves_does_not_have_it(needs, settings):
    for factor in FACTORS:
        lacking = read("athena", factor, settings)
        assert isinstance(placed(factor, lacking), str) == (factor.needs == needs)


def test_the_page_of_the_command_line_has_every_factor_with_its_furthest_value_and_side():
    page = (ROOT / "docs" / "look-up" / "command-line.md").read_text()
    for factor in FACTORS:
        row = next(line for line in page.splitlines() if line.startswith(f"| `{factor.name}` |"))
        *_, how, furthest, side, _ = (cell.strip() for cell in row.split("|"))
        sign = "\N{MINUS SIGN}" if factor.furthest < 0 else "+" * (factor.change != "set")
        assert how == factor.change
        assert furthest == f"{sign}{abs(factor.furthest):g} {factor.unit}"
        assert side == ("told" if factor.told else "not told")
