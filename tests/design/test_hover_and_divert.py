"""A hover costs its time and its weight in propellant; a phase leads to its own target."""

from pathlib import Path

import numpy as np
import pytest

import perilune
from perilune import load_mission
from perilune.design import design
from perilune.errors import InputError
from perilune.mechanics.constants import MOON_GM_M3_S2

CATALOG = Path(perilune.__file__).parent / "catalog" / "missions" / "athena.toml"
HOVER = """
[[descent.phases]]
name = "hover"
law = "vertical_descent"
engine = true
attitude = "thrust"
altimeter_beam = "axial"
descent_rate = "0 m/s"
ends = {{ {ends} }}

[[descent.phases]]
name = "descent"
"""
LAST = '\n[[descent.phases]]\nname = "descent"\n'


def hovering(folder, ends):
    """Athena with a hover before its vertical descent."""
    text = CATALOG.read_text()
    assert text.count(LAST) == 1
    path = folder / "athena.toml"
    path.write_text(text.replace(LAST, HOVER.format(ends=ends)))
    return path


def test_a_longer_hover_lands_later_by_its_time_and_burns_the_weight_over_the_exhaust_speed(
    tmp_path,
):
    """m' = -m g / v of the exhaust while thrust holds the weight: ln(m1 / m2) = g t / v.

    Times are those of the rehearsals, which end at a step.
    """
    short, long = (
        design(load_mission(str(hovering(tmp_path, f'duration = "{s} s"')))) for s in (10, 20)
    )
    later_s = long.rehearsal.touchdown_s - short.rehearsal.touchdown_s
    assert long.planned_landing_s - short.planned_landing_s == pytest.approx(10.0, abs=0.2)
    radius_m = float(np.linalg.norm(short.plan.upload.chart.aim_fixed_m))
    exhaust_m_s = 9.80665 * float(short.plan.upload.vehicle.specific_impulse_s)
    burnt = np.log(short.rehearsal.end_mass_kg / long.rehearsal.end_mass_kg)
    weight_s = MOON_GM_M3_S2 / radius_m**2 * later_s / exhaust_m_s
    assert burnt == pytest.approx(weight_s, rel=2e-3)
    for each in (short, long):
        assert each.rehearsal.touched
        assert each.rehearsal.vertical_speed_m_s == pytest.approx(1.0, abs=0.05)
    assert int(long.plan.caps.frame_count) > int(short.plan.caps.frame_count)


@pytest.mark.parametrize("ends", ['height = "20 m"', 'speed = "0.1 m/s"', 'at = "final_height"'])
def test_a_hover_that_may_never_end_is_refused(tmp_path, ends):
    with pytest.raises(InputError, match="`hover` the rate of descent comes to 0 m/s before"):
        load_mission(str(hovering(tmp_path, ends)))


@pytest.mark.parametrize("rate", ["descent_rate", "final_descent_rate"])
def test_a_last_phase_that_never_reaches_the_ground_is_refused(rate):
    with pytest.raises(InputError, match="must end on the ground, but in the last, `descent`"):
        load_mission("athena", [f"descent.phases.descent.{rate}=0 m/s"])


def test_a_slow_down_to_a_stop_may_end_above_it(tmp_path):
    path = hovering(tmp_path, 'height = "15 m"')
    path.write_text(
        path.read_text().replace('\ndescent_rate = "0 m/s"\n', '\nfinal_descent_rate = "0 m/s"\n')
    )
    assert load_mission(str(path)).descent.phases[6].final_descent_rate_m_s == 0.0


TARGET = [
    f"descent.phases.{which}.target_{way}"
    for which in ("approach", "descent")
    for way in ("east=200 m", "north=-100 m")
]


def test_a_divert_touches_down_at_its_target_and_plans_without_one_carry_none(athena_design):
    """From a gate 1.5 km off, 224 m aside: the rehearsal counts from the target of its phase."""
    diverted = design(load_mission("athena", TARGET))
    assert athena_design.plan.upload.phases.target_site_m is None
    assert diverted.plan.upload.phases.target_site_m[5:7].tolist() == [[200.0, -100.0, 0.0]] * 2
    assert diverted.rehearsal.off_target_m < 3.0  # a hundredth of the way aside
    assert diverted.notes == ()
    aside_kg = athena_design.rehearsal.end_mass_kg - diverted.rehearsal.end_mass_kg
    assert abs(aside_kg) > 1e-3


def test_the_aim_point_is_the_target_of_the_last_phase_and_the_course_that_of_the_site(
    athena_design,
):
    """On the sphere through the site, 224 m off: 14 mm lower than its plane. Truth's follows, by
    the map's error, and the flight software keeps the site."""
    diverted = design(load_mission("athena", TARGET)).plan
    site, aim = athena_design.plan.nominal_start, diverted.nominal_start
    aside_m = site.site_from_fixed @ (aim.aim_fixed_m - site.aim_fixed_m)
    np.testing.assert_allclose(aside_m, [200.0, -100.0, -0.0144], atol=1e-3)
    error_m = athena_design.plan.world.aim_fixed_m - site.aim_fixed_m
    np.testing.assert_allclose(diverted.world.aim_fixed_m - aim.aim_fixed_m, error_m, atol=1e-3)
    np.testing.assert_array_equal(
        diverted.upload.chart.aim_fixed_m, athena_design.plan.upload.chart.aim_fixed_m
    )
    last_alone = design(load_mission("athena", TARGET[2:])).plan
    np.testing.assert_allclose(last_alone.nominal_start.aim_fixed_m, aim.aim_fixed_m)
    not_last = design(load_mission("athena", TARGET[:2])).plan
    np.testing.assert_array_equal(not_last.nominal_start.aim_fixed_m, site.aim_fixed_m)


def test_a_target_that_the_descent_does_not_reach_is_noted():
    """At 1 m/s aside there is time for some 10 m in the vertical descent alone."""
    (note,) = design(load_mission("athena", TARGET[2:3])).notes
    assert "m from the target of its last phase" in note


def test_a_target_where_the_course_leads_to_the_gate_is_refused():
    with pytest.raises(InputError, match="`braking` has one with law `braking`"):
        load_mission("athena", ["descent.phases.braking.target_east=1 m"])
