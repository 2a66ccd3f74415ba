"""What Basilisk is given of our flight, and what is told where it cannot fly."""

import json
import subprocess
import sys

import numpy as np
import pytest

from benchmarks import basilisk, recorded

QUARTER_TURN_ABOUT_Z = np.array([np.sqrt(0.5), 0.0, 0.0, np.sqrt(0.5)])
UPRIGHT = np.array([1.0, 0.0, 0.0, 0.0])


def test_a_peer_that_cannot_run_is_a_reason_and_not_an_error(tmp_path, monkeypatch):
    def refused(folder):
        command = [sys.executable, "-c", f"raise SystemExit('no wheel for {folder.name}')"]
        subprocess.run(command, check=True, capture_output=True, text=True)

    monkeypatch.setattr(basilisk, "_python", refused)
    told = basilisk.basilisk("athena", tmp_path)
    assert told["reason"] == f"Basilisk did not run: no wheel for {tmp_path.name}"
    assert told["rates"] == []


def test_flights_of_processes_that_fly_at_once_add_up():
    end = {"position_m": [3.0, 4.0, 0.0], "velocity_m_s": [0.0, 0.0, 2.0], "propellant_kg": 9.0}
    start = {"position_m": [0.0] * 3, "velocity_m_s": [0.0] * 3, "propellant_kg": 10.0}
    one = {"flights": 6, "wall_s": 12.0, "cpu_s": 11.0, "end": end}
    other = {"flights": 4, "wall_s": 16.0, "cpu_s": 9.0, "end": end}
    row = basilisk.summed_up("ours", [one, other], start, end)
    assert row["flights_per_s"] == 6 / 12.0 + 4 / 16.0
    assert row["cpu_s_a_flight"] == 2.0
    assert row["processes"] == 2
    assert row["from_ours"] == {"position_m": 5.0, "velocity_m_s": 2.0, "propellant_kg": -1.0}
    assert not any(row["from_reference"].values())


def test_a_turn_between_two_attitudes_is_told_in_body_axes():
    quarter = recorded.turn_rad(UPRIGHT, QUARTER_TURN_ABOUT_Z)
    np.testing.assert_allclose(quarter, [0.0, 0.0, np.pi / 2], atol=1e-15)
    back = recorded.turn_rad(QUARTER_TURN_ABOUT_Z, -UPRIGHT)  # the same attitude as upright
    np.testing.assert_allclose(back, [0.0, 0.0, -np.pi / 2], atol=1e-15)
    assert not recorded.turn_rad(UPRIGHT, UPRIGHT).any()


def test_blocks_end_where_the_engine_is_lit_or_cut_and_where_the_stride_changes():
    fine_s = 0.1 * np.arange(200)
    time_s = np.concatenate([fine_s, fine_s[-1] + 2.5 * np.arange(1, 101)])
    burning = (time_s > 4.05) & (time_s < 9.05)
    thrust_n = np.zeros_like(time_s)
    coasting = recorded.long_strides(time_s, thrust_n)
    edges = recorded.block_edges(time_s, coasting, burning)
    assert edges[0] == 0
    assert edges[-1] == len(time_s) - 1
    for place in (40, 90, 199):  # the last row before each change
        assert place in edges
    strides = np.diff(time_s[edges])
    assert (strides[time_s[edges[1:]] < 20.0] < 1.5 * recorded.POWERED_BLOCK_S).all()
    assert (strides < 1.5 * recorded.COAST_BLOCK_S).all()


def test_a_long_tick_is_flown_in_short_steps_while_the_thrust_dies_away():
    time_s = np.array([0.0, 0.1, 0.2, 2.7, 5.2])
    thrust_n = np.array([1000.0, 500.0, 260.0, 1e-5, 0.0])
    coasting = recorded.long_strides(time_s, thrust_n)
    np.testing.assert_array_equal(coasting, [False, False, False, False, True])
    assert recorded.block_edges(time_s, coasting, thrust_n < 0.0) == [0, 3, 4]


def test_an_engine_ordered_below_its_floor_is_held_at_its_floor_and_an_idle_one_gives_nothing():
    class Engine:
        min_thrust_n, max_thrust_n = np.array([1000.0]), np.array([4000.0])

    wanted_n = recorded.ordered_n(Engine, np.array([0.1, 0.5, 0.0]))
    np.testing.assert_array_equal(wanted_n, [1000.0, 2000.0, 0.0])


class Straight:
    """An engine whose mount is the body's axes."""

    pointing_rad, body_from_mount = np.zeros((1, 2)), np.eye(3)[None]


def rows_of(time_s, attitude, gimbal_x_deg, thrust_n):
    """Columns of a telemetry in which the gimbal leans about x alone."""
    return {
        "time_s": time_s,
        "thrust_n": thrust_n,
        "gimbal_x_deg": gimbal_x_deg,
        "gimbal_y_deg": np.zeros_like(time_s),
        **{f"true_attitude_{part}": attitude[:, at] for at, part in enumerate("wxyz")},
    }


def test_a_thrust_that_wavers_pushes_less_along_its_mean_by_the_cosine():
    time_s, lean_deg = np.linspace(0.0, 3.0, 31), 10.0
    gimbal_deg = np.where(np.arange(31) % 2 == 0, lean_deg, -lean_deg)
    rows = rows_of(time_s, np.tile(UPRIGHT, (31, 1)), gimbal_deg, np.full(31, 3000.0))
    along = recorded._along(Straight, rows, 0, 30, np.zeros(3))
    np.testing.assert_allclose(along, [0.0, 0.0, np.cos(np.radians(lean_deg))], atol=1e-9)


def test_an_attitude_that_turns_unevenly_leans_the_thrust_in_the_axes_that_turn_evenly():
    time_s = np.linspace(0.0, 3.0, 3001)
    angle_rad = 0.1 * (time_s / 3.0) ** 2  # about x; evenly turned it would be linear
    zero = np.zeros_like(angle_rad)
    attitude = np.stack([np.cos(angle_rad / 2), np.sin(angle_rad / 2), zero, zero], axis=1)
    rows = rows_of(time_s, attitude, zero, np.full_like(time_s, 3000.0))
    along = recorded._along(Straight, rows, 0, 3000, np.array([0.1, 0.0, 0.0]))
    # s - s² through the block: 1/6 in the mean, its square 1/30
    np.testing.assert_allclose(along, [0.0, 0.1 / 6, 1.0 - 0.01 / 60], atol=5e-6)


def test_vehicle_sensors_and_sky_of_a_flight_are_numbers_json_can_carry(athena, athena_design):
    """Athena's own figures, read where the plan has them now."""
    plan, lander = athena_design.plan, athena.lander
    told = {part: getattr(recorded, f"_{part}")(plan) for part in ("vehicle", "sensors")}
    told = json.loads(json.dumps(told | {"sky": recorded._sky(plan, 100.0)}))
    assert told["vehicle"]["engine_impulse_s"] == pytest.approx(lander.engine.specific_impulse_s)
    assert told["sensors"]["gyro"]["limit"] == pytest.approx(lander.imu.gyro_limit_rad_s)
    assert told["sensors"]["star_tracker_rad"] == pytest.approx(lander.star_tracker.cross_axis_rad)
    assert np.shape(told["sky"]["pa_from_inertial"]) == (3, 3)
