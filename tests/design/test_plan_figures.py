"""The figures that `check` prints of a plan: thrust, propellant, authority, sight, what binds."""

import dataclasses
import math

import numpy as np
import pytest

from perilune import load_mission
from perilune.app import cli
from perilune.design.binding_limits import Limit, _of_all_thrust, limits_of
from perilune.design.control_authority import authorities
from perilune.design.control_report import control_report
from perilune.design.phase_budget import burn_need, phase_needs, propellant_of, rehearsed_steps
from perilune.design.plan import design
from perilune.design.sensor_coverage import SEES, Sights, coverage_of, sights_of
from perilune.mechanics.constants import MOON_RADIUS_M
from perilune.truth.environment.lighting import Lighting

G_M_S2, EXHAUST_M_S = 4.9028e12 / 1_737_400.0**2, 320.0 * 9.80665
ACROSS_M = 0.02


@pytest.fixture(scope="module")
def steps(athena, athena_design):
    return rehearsed_steps(athena, athena_design)


@pytest.fixture(scope="module")
def aside():
    """(design, steps) of Athena with its dry centre of mass 2 cm towards +x."""
    mission = load_mission("athena", [f"lander.mass.dry_center_of_mass.0={ACROSS_M} m"])
    designed = design(mission)
    return designed, rehearsed_steps(mission, designed)


def sights(
    height_m, body_z, over_ground_m_s=(0.0, 0.0, 0.0), turning=0.0, axial=True, sun_rad=1.0, **sky
):
    """One row: x ahead, y to the left, z up; body y to the right of the track as commanded."""
    z = np.array(body_z, float)
    x = np.cross([0.0, -1.0, 0.0], z)
    axes = np.stack([x, np.cross(z, x), z], axis=-1)
    return Sights(
        height_m=np.array([height_m]),
        level_from_body=axes[None],
        over_ground_m_s=np.array([over_ground_m_s], float),
        turning_rad_s=np.array([turning]),
        axial_used=np.array([axial]),
        lighting=Lighting(np.array([sun_rad]), np.ones(1)),
        place_level_m=np.array([[0.0, 0.0, MOON_RADIUS_M + height_m]]),
        sun_level_m=np.array([sky.get("sun", (0.0, 0.0, -1.5e11))]),
        earth_level_m=np.array([sky.get("earth", (0.0, 0.0, -3.8e8))]),
    )


def test_the_steps_end_where_the_rehearsal_does(steps, athena_design):
    ends = athena_design.rehearsal
    assert float(steps.falling.mass_kg[-1]) == ends.end_mass_kg
    assert float(steps.falling.time_s[-1]) == ends.touchdown_s
    assert float(steps.falling.height_m[-1]) <= 0.0 < float(steps.falling.height_m[-2])


def test_each_phase_gains_by_the_rocket_equation_with_thrust_between_floor_and_full(steps):
    needs = phase_needs(steps)
    assert [need.name for need in needs] == ["braking", "approach", "descent"]
    for need in needs:
        gained_m_s = EXHAUST_M_S * math.log(need.start_kg / need.end_kg)
        assert need.gained_m_s == pytest.approx(gained_m_s, rel=1e-4)
        assert need.start_thrust_to_weight_factor == pytest.approx(
            4_000.0 / (need.start_kg * G_M_S2), rel=1e-3
        )
        assert need.floor_fraction == 0.25
        assert 0.25 <= need.least_throttle_fraction <= need.most_throttle_fraction <= 1.0
        mean = (need.start_kg - need.end_kg) * EXHAUST_M_S / need.lasts_s / 4_000.0
        assert need.least_throttle_fraction <= mean * 1.01
        assert mean <= need.most_throttle_fraction * 1.01


def test_propellant_adds_up_from_start_to_touchdown(athena, athena_design, steps):
    propellant, burn = propellant_of(athena, athena_design), burn_need(athena, athena_design)
    spent_kg = propellant.burn_kg + propellant.descent_kg
    assert propellant.start_kg == pytest.approx(spent_kg + propellant.left_kg)
    assert burn.start_kg - burn.end_kg == pytest.approx(propellant.burn_kg)
    gained_m_s = burn.gained_m_s + sum(need.gained_m_s for need in phase_needs(steps))
    assert propellant.needed_m_s == pytest.approx(gained_m_s, rel=2e-3)
    whole_m_s = EXHAUST_M_S * math.log((propellant.start_kg + 742.0) / 742.0)
    assert propellant.needed_m_s + propellant.left_m_s == pytest.approx(whole_m_s, rel=1e-4)


def test_a_gimbal_turns_by_its_arm_and_the_sine_of_its_limit(athena_design, steps):
    """One engine on the axis, 0.95 m up, 6 deg; four nozzles of 10 N turn about z at 0.9 m."""
    for each in authorities(athena_design, steps):
        thrust_n = 4_000.0 * float(
            steps.throttle_fraction[np.isclose(steps.falling.mass_kg, each.mass_kg)][0]
        )
        arm_m = each.engines_n_m[0] / (thrust_n * math.sin(math.radians(6.0)))
        assert 0.95 + arm_m == pytest.approx(1.7, abs=0.12)
        np.testing.assert_allclose(each.trimmed_m, arm_m * math.sin(math.radians(6.0)))
        assert each.engines_n_m[2] == 0.0
        assert each.nozzles_n_m[2] == pytest.approx(36.0)
        np.testing.assert_allclose(each.off_line_m, 0.0, atol=1e-12)
        np.testing.assert_allclose(each.nozzles_rad_s2, each.nozzles_n_m / each.inertia_kg_m2)


def test_a_centre_of_mass_off_the_axis_is_off_the_line_of_thrust_by_its_share(aside):
    """Liquids stand on the axis, so 2 cm of what is dry are 2 cm times its share of the mass."""
    for each in authorities(*aside):
        share = 742.0 / each.mass_kg
        np.testing.assert_allclose(each.off_line_m, [ACROSS_M * share, 0.0], atol=1e-9)


def test_an_upright_lander_ranges_straight_down_within_the_altimeters_reach(athena):
    spec, up = athena.lander.altimeter, (0.0, 0.0, 1.0)
    for height_m, seen in ((0.5, False), (5.0, True), (18_000.0, True), (20_000.0, False)):
        assert SEES["altimeter"](spec, sights(height_m, up)).tolist() == [seen]
    assert not SEES["altimeter"](spec, sights(100.0, up, axial=False))[0]  # 70 deg is too oblique


def test_a_lander_on_its_back_ranges_along_the_canted_beam(athena):
    """Thrust against the motion: the beam is 20 deg from straight down, so range is h / cos 20."""
    spec, back = athena.lander.altimeter, (-1.0, 0.0, 0.0)
    reach_m = spec.max_range_m * math.cos(math.radians(20.0))
    for height_m, seen in ((0.99 * reach_m, True), (1.01 * reach_m, False)):
        assert SEES["altimeter"](spec, sights(height_m, back, axial=False)).tolist() == [seen]
    assert not SEES["altimeter"](spec, sights(1_000.0, back))[0]


def test_the_velocimeter_is_blind_past_its_speed_along_a_beam_and_its_range(athena):
    spec, up = athena.lander.velocimeter, (0.0, 0.0, 1.0)
    limit_m_s = spec.speed_limit_m_s / math.cos(spec.half_angle_rad)
    reach_m = spec.max_range_m * math.cos(spec.half_angle_rad)
    sees = SEES["velocimeter"]
    assert sees(spec, sights(1_000.0, up, (0.0, 0.0, -0.99 * limit_m_s)))[0]
    assert not sees(spec, sights(1_000.0, up, (0.0, 0.0, -1.01 * limit_m_s)))[0]
    assert sees(spec, sights(0.99 * reach_m, up))[0]
    assert not sees(spec, sights(1.01 * reach_m, up))[0]


def test_camera_and_star_tracker_see_within_their_own_limits(athena):
    camera, stars, up = athena.lander.camera, athena.lander.star_tracker, (0.0, 0.0, 1.0)
    assert SEES["camera"](camera, sights(camera.min_height_m + 1.0, up))[0]
    assert not SEES["camera"](camera, sights(camera.min_height_m - 1.0, up))[0]
    assert not SEES["camera"](camera, sights(camera.min_height_m + 1.0, up, sun_rad=0.0))[0]
    assert SEES["star_tracker"](stars, sights(1.0, up, turning=0.9 * stars.rate_limit_rad_s))[0]
    assert not SEES["star_tracker"](stars, sights(1.0, up, turning=1.1 * stars.rate_limit_rad_s))[0]


@pytest.mark.parametrize("body", ["sun", "earth"])
def test_a_star_tracker_is_predicted_blind_where_sun_or_earth_is_near_its_boresight(athena, body):
    """Upright it looks ahead and up by 45 deg; a body is put so far over its boresight."""
    stars, up = athena.lander.star_tracker, (0.0, 0.0, 1.0)
    exclusion_rad = getattr(stars, f"{body}_exclusion_rad")
    for factor, seen in ((1.05, True), (0.95, False)):
        over_rad = math.pi / 4 + factor * exclusion_rad
        there_m = (1e11 * math.cos(over_rad), 0.0, 1e11 * math.sin(over_rad))
        assert SEES["star_tracker"](stars, sights(1.0, up, **{body: there_m})).tolist() == [seen]


def test_a_star_tracker_is_predicted_blind_where_it_looks_at_the_ground(athena):
    """Lying on its back it looks up by 45 deg, on its front down by as much."""
    stars = athena.lander.star_tracker
    for body_z, seen in (((-1.0, 0.0, 0.0), True), ((1.0, 0.0, 0.0), False)):
        assert SEES["star_tracker"](stars, sights(1_000.0, body_z)).tolist() == [seen]


def test_along_the_descent_the_canted_beam_sees_in_braking_and_the_camera_above_its_floor(
    athena, athena_design, steps
):
    seen = {each.label: each for each in coverage_of(steps, sights_of(steps, athena_design.plan))}
    shares = {label: dict(each.seen_fraction) for label, each in seen.items()}
    assert shares["altimeter"]["braking"] == 1.0
    assert shares["camera"]["descent"] == 0.0
    floor_m = athena.lander.camera.min_height_m
    assert floor_m < seen["camera"].last_height_m < 1.05 * floor_m
    assert shares["velocimeter"]["braking"] < 0.05
    assert shares["velocimeter"]["approach"] > 0.9


def test_margins_are_shares_of_the_bound_whichever_side_is_allowed():
    most = Limit(what="a", value=90.0, limit=100.0, unit="%", is_most=True)
    least = Limit(what="b", value=9.0, limit=6.0, unit="dB", is_most=False)
    assert most.margin_fraction == pytest.approx(0.1)
    assert least.margin_fraction == pytest.approx(0.5)


def test_the_tightest_limit_comes_first(athena, athena_design, steps):
    report = control_report(athena, athena_design.plan.upload.vehicle)
    found = limits_of(
        athena,
        athena_design,
        phase_needs(steps),
        propellant_of(athena, athena_design),
        (authorities(athena_design, steps), report),
    )
    margins = [each.margin_fraction for each in found]
    assert margins == sorted(margins)
    assert len({each.what for each in found}) == len(found)
    assert found[0].what == "peak thrust of the course"
    assert found[0].limit == pytest.approx(90.0)
    assert "chosen" in found[0].meaning
    assert "throttle in braking" in found[0].cure


def test_a_step_of_full_thrust_is_no_need_of_a_phase_and_seconds_of_it_are_explained(athena, steps):
    """Of 0.2 s each: five steps are the second that is let pass."""
    descent = next(i for i, each in enumerate(athena.descent.phases) if each.name == "descent")
    rows = np.flatnonzero(steps.is_in(descent))

    def need_of(full_steps):
        throttle = np.full_like(steps.throttle_fraction, 0.5)
        throttle[rows[:full_steps]] = 1.0
        needs = phase_needs(dataclasses.replace(steps, throttle_fraction=throttle))
        return next(each for each in needs if each.name == "descent")

    short, long = need_of(5), need_of(20)
    assert (short.most_throttle_fraction, short.held_throttle_fraction) == (1.0, 0.5)
    assert long.held_throttle_fraction == 1.0
    assert long.full_s == pytest.approx(4.0)
    assert _of_all_thrust(athena, short) == ("", "")
    meaning, cure = _of_all_thrust(athena, long)
    assert "during 4.0 s of" in meaning
    assert "higher or slower" in cure


@pytest.mark.usefixtures("data_folder")
def test_check_prints_its_tables_within_80_columns_and_what_binds_last(told):
    code, out, err = told("check", "athena")
    assert (code, err) == (cli.FLEW, "")
    assert max(map(len, out.splitlines())) <= 80
    heads = ["phases with thrust", "propellant:", "control authority", "margins", "sensors from"]
    heads += ["light at the site at touchdown: Sun at 2.5 deg", "Sun over the ground below"]
    places = [out.index(head) for head in [*heads, "tightest:"]]
    assert places == sorted(places)
