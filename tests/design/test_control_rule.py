"""The rule of the gains: what limits each size of lander, and margins over the floor for all."""

import dataclasses

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from perilune.design.check import examine
from perilune.design.control_report import below_the_floor, control_report, lines_of
from perilune.design.control_rule import TICK_S, actuations, control_gains, hover_masses_kg
from perilune.design.descent_loops import GAIN_FLOOR_DB, PHASE_FLOOR_DEG, lander_gains
from perilune.mechanics.constants import MOON_GM_M3_S2, MOON_RADIUS_M
from perilune.onboard.control.attitude import attitude_frequency_rad_s
from tests.scaled_landers import SIZES, scaled_athena
from validation import landers

START_KG = {"light": 388.0, "athena": 1_627.0, "heavy": 15_300.0}


def believed(mission, start_kg):
    return landers.vehicles(mission, start_kg)[1]


@pytest.fixture(scope="module")
def sizes():
    """Name → (mission, believed vehicle)."""
    missions = {name: scaled_athena(name) for name in SIZES}
    return {name: (each, believed(each, START_KG[name])) for name, each in missions.items()}


def test_the_three_sizes_are_those_meant(sizes):
    masses_kg = {name: float(vehicle.full_mass_kg) for name, (_, vehicle) in sizes.items()}
    assert 300.0 < masses_kg["light"] < 500.0
    assert masses_kg["heavy"] == pytest.approx(15_300.0)
    assert float(sizes["heavy"][1].max_thrust_n) == 45_000.0


@pytest.mark.parametrize("name", list(SIZES))
def test_every_loop_of_every_size_is_over_the_floor(sizes, name):
    mission, vehicle = sizes[name]
    report = control_report(mission, vehicle)
    assert {row.loop.split()[0] for row in report.rows} == {"attitude", "drift", "rate"}
    for row in report.rows:
        assert row.margins.stable
        assert row.margins.gain_margin_db > GAIN_FLOOR_DB
        assert row.margins.gain_reduction_db > GAIN_FLOOR_DB
        assert row.margins.phase_margin_deg > PHASE_FLOOR_DEG


def test_the_side_force_has_the_frequency_of_thrust_times_arm_over_inertia(sizes):
    """One engine at an arm l under the centre of mass: the root of T l/I, in a hover T = m g."""
    for mission, vehicle in sizes.values():
        full_kg = float(vehicle.full_mass_kg)
        pivot_m = mission.lander.engine.pivot_height_m
        arm_m = float(vehicle.full_center_body_m[2]) - pivot_m
        weight_n = full_kg * MOON_GM_M3_S2 / MOON_RADIUS_M**2
        for each in actuations(mission.lander, vehicle, full_kg):
            axis = "xy".index(each.axis)
            inertia_kg_m2 = float(vehicle.full_inertia_kg_m2[axis, axis])
            assert each.by == "gimbal"
            by_hand_rad_s = np.sqrt(weight_n * arm_m / inertia_kg_m2)
            assert each.side_frequency_rad_s == pytest.approx(by_hand_rad_s, rel=1e-6)
            limit_rad = mission.lander.engine.gimbal_limit_rad
            turn = weight_n * arm_m * limit_rad / inertia_kg_m2
            assert each.turn_limit_rad_s2 == pytest.approx(turn, rel=1e-6)


def test_of_like_landers_the_larger_turns_more_slowly_by_the_root_of_its_length():
    """T l/I = m g l/I goes as 1/length where mass goes as its cube and inertia as its fifth."""
    thrust = ("lander.engine.max_thrust=36841 N", "lander.engine.min_thrust=9210 N")
    like = scaled_athena("heavy", *thrust)
    athena = scaled_athena("athena")
    scale = 2.096**3
    found = [
        control_gains(mission.lander, believed(mission, start_kg)).vehicle_frequency_rad_s
        for mission, start_kg in ((athena, 1_627.0), (like, 1_627.0 * scale))
    ]
    assert found[0] / found[1] == pytest.approx(2.096**0.5, rel=1e-3)


def test_athenas_gains_are_nearly_those_once_fitted_to_it(sizes):
    """1.2 rad/s, and 0.8, 0.25, 0.35 and 0.08 per second were chosen by flying it.

    The gain on drift, and with it that on position, is less since thrust and torque are felt.
    """
    gains = control_gains(sizes["athena"][0].lander, sizes["athena"][1])
    assert gains.attitude_frequency_rad_s == pytest.approx(1.2, rel=0.12)
    assert gains.sink_gain_per_s == 0.8
    assert gains.slowing_per_s == 0.25
    assert gains.drift_gain_per_s == pytest.approx(0.28 * 1.06, rel=0.02)
    assert gains.position_gain_per_s == pytest.approx(0.07 * 1.06, rel=0.02)


def test_a_slow_gimbal_limits_the_attitude_by_its_lag(sizes):
    mission, vehicle = scaled_athena("athena", "lander.engine.gimbal_lag=0.5 s"), sizes["athena"][1]
    gains = control_gains(mission.lander, vehicle)
    assert gains.vehicle_frequency_rad_s == pytest.approx(0.25 / (0.5 + TICK_S))
    assert "lag of its gimbal" in gains.limited_by


def test_a_slow_engine_slows_the_rate_of_descents_loop_whichever_way_it_is_slow(sizes):
    vehicle = sizes["athena"][1]
    slow = scaled_athena("athena", "lander.engine.lag=1 s")
    falling = scaled_athena("athena", "lander.engine.lag=0.5 s", "lander.engine.lag_down_factor=2")
    for mission in (slow, falling):
        gains = control_gains(mission.lander, vehicle)
        assert gains.sink_gain_per_s == pytest.approx(0.2 / (1.0 + 0.5 * TICK_S))
        assert gains.slowing_per_s == pytest.approx(0.3125 * gains.sink_gain_per_s)


def test_a_small_gimbal_limits_the_attitude_by_its_torque(sizes):
    mission = scaled_athena("athena", "lander.engine.gimbal_limit=3 deg")
    vehicle = believed(mission, START_KG["athena"])
    gains = control_gains(mission.lander, vehicle)
    wide = control_gains(*_of(sizes["athena"]))
    assert "torque of its gimbal" in gains.limited_by
    ratio = gains.vehicle_frequency_rad_s / wide.vehicle_frequency_rad_s
    assert ratio == pytest.approx(np.sqrt(np.radians(3.0) / 0.1), rel=1e-6)


def test_an_engine_without_a_gimbal_takes_nothing_from_one_with(tmp_path):
    """The turn there is, is that of the one that swings: its thrust, arm and angle over inertia."""
    beside = {**landers.fixed(), "max_thrust": "1 kN", "min_thrust": "0.2 kN"}
    swung = {**landers.fixed(), "gimbal_limit": "6 deg", "gimbal_lag": "0.1 s"}
    mission = landers.mission_with(tmp_path, engine={"fixed": beside, "swung": swung})
    vehicle = believed(mission, 1_042.0)
    full_kg = float(vehicle.full_mass_kg)
    for each in actuations(mission.lander, vehicle, full_kg):
        axis = "xy".index(each.axis)
        thrust_n = 0.8 * full_kg * MOON_GM_M3_S2 / MOON_RADIUS_M**2
        arm_m = float(vehicle.full_center_body_m[2]) - 0.95
        turn = thrust_n * arm_m * np.radians(6.0) / vehicle.full_inertia_kg_m2[axis, axis]
        assert each.by == "gimbal"
        assert each.turn_limit_rad_s2 == pytest.approx(float(turn), rel=1e-6)


def _of(size):
    mission, vehicle = size
    return mission.lander, vehicle


def test_four_throttled_engines_have_their_lag_and_no_side_force(tmp_path):
    mission = landers.mission_with(tmp_path, engine=landers.four_throttled())
    vehicle = believed(mission, 1_042.0)
    for each in actuations(mission.lander, vehicle, float(vehicle.full_mass_kg)):
        assert (each.by, each.lag_s, each.side_frequency_rad_s) == ("throttles", 0.05, np.inf)
    report = control_report(mission, vehicle)
    assert not any(row.is_low for row in report.rows)


def test_a_fixed_engine_leaves_the_turning_to_the_nozzles(tmp_path):
    parts = {"engine": landers.fixed(), "thrusters": landers.eight_pulsed()}
    mission = landers.mission_with(tmp_path, **parts)
    vehicle = believed(mission, 1_042.0)
    each = actuations(mission.lander, vehicle, float(vehicle.full_mass_kg))
    assert [one.by for one in each] == ["nozzles", "nozzles"]
    assert not any(row.is_low for row in control_report(mission, vehicle).rows)


@given(
    damping=st.floats(0.7, 1.2),
    gimbal_lag_s=st.floats(0.01, 0.5),
    lag_s=st.floats(0.02, 2.0),
    size=st.sampled_from(list(SIZES)),
    inertia_factor=st.floats(0.5, 3.0),
)
def test_whatever_the_vehicle_the_rule_leaves_the_margins_of_the_floor(
    sizes, damping, gimbal_lag_s, lag_s, size, inertia_factor
):
    """The rule knows no slosh, so its tanks are rigid here; `test_slosh_margins` has the others."""
    mission, vehicle = sizes[size]
    tanks = tuple(tank.model_copy(update={"slosh": None}) for tank in mission.lander.tanks)
    lander = mission.lander.model_copy(update={"tanks": tanks})
    engine = lander.engine.model_copy(update={"gimbal_lag_s": gimbal_lag_s, "lag_s": lag_s})
    control = lander.control.model_copy(update={"damping_factor": damping})
    lander = lander.model_copy(update={"engine": engine, "control": control})
    vehicle = dataclasses.replace(
        vehicle,
        full_inertia_kg_m2=inertia_factor * vehicle.full_inertia_kg_m2,
        empty_inertia_kg_m2=inertia_factor * vehicle.empty_inertia_kg_m2,
    )
    report = control_report(mission.model_copy(update={"lander": lander}), vehicle)
    assert not [row for row in report.rows if row.is_low]


def test_what_flies_are_the_gains_of_the_rule(athena, athena_design):
    upload = athena_design.plan.upload
    gains = lander_gains(athena, upload.vehicle)
    found = float(attitude_frequency_rad_s(upload.control))
    assert found == pytest.approx(gains.attitude_frequency_rad_s, rel=1e-12)
    for name in ("sink_gain_per_s", "slowing_per_s", "drift_gain_per_s", "position_gain_per_s"):
        assert float(getattr(upload.descent_gains, name)) == pytest.approx(getattr(gains, name))


def test_a_slower_loop_may_be_set_and_a_faster_one_is_not_flown(sizes):
    vehicle = sizes["athena"][1]
    slow, fast = (
        control_gains(
            scaled_athena("athena", f"lander.control.attitude_frequency={each} rad/s").lander,
            vehicle,
        )
        for each in (0.6, 1.5)
    )
    assert slow.attitude_frequency_rad_s == 0.6
    assert slow.drift_gain_per_s == pytest.approx(0.168)
    assert fast.attitude_frequency_rad_s == fast.vehicle_frequency_rad_s < 1.2


def test_masses_of_a_hover_run_from_landing_to_full(sizes):
    mission, vehicle = sizes["athena"]
    masses_kg = hover_masses_kg(mission.lander, vehicle)
    assert masses_kg[0] == pytest.approx(742.0 + 72.5)
    assert masses_kg[-1] == pytest.approx(1_627.0)


def test_low_damping_is_named_before_baffles_where_a_rigid_lander_lacks_margin_too(sizes):
    """At 0.5 the loops have 27 deg with rigid liquid: no baffles can help."""
    mission = scaled_athena("athena", "lander.control.damping_factor=0.5")
    (note,) = below_the_floor(mission, control_report(mission, sizes["athena"][1]))
    assert "nearer to 0.8" in note
    assert "baffle" not in note


@pytest.mark.usefixtures("data_folder")
def test_check_says_where_margins_fall_below_the_floor_and_what_cures_it():
    examined = examine(scaled_athena("athena", "lander.control.damping_factor=0.3"))
    assert not examined.problems
    (note,) = [each for each in examined.notes if "margin" in each]
    assert "`lander.control.damping_factor`" in note
    assert "nearer to 0.8" in note
    assert examined.figures is not None
    assert any("below the floor" in line for line in lines_of(examined.figures.control))


def test_the_lines_of_check_name_every_loop_with_its_margins(sizes):
    report = control_report(*sizes["heavy"])
    lines = lines_of(report)
    assert "limited by the side force of its gimbal" in lines[0]
    assert "6 dB and 30 deg" in lines[1]
    of_loops = lines[3 : 3 + len(report.rows)]
    assert all("dB" in line and "deg" in line and "rad/s" in line for line in of_loops)
    assert lines[3 + len(report.rows)].startswith("slosh, loops closed")
