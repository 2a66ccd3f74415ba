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
    one = {"flights": 6, "wall_s": 12.0, "cpu_s": 11.0, "apart": {}}
    other = {"flights": 4, "wall_s": 16.0, "cpu_s": 9.0, "apart": {}}
    row = basilisk.summed_up("ours", [one, other])
    assert row["flights_per_s"] == 6 / 12.0 + 4 / 16.0
    assert row["cpu_s_a_flight"] == 2.0
    assert row["processes"] == 2


def test_a_turn_between_two_attitudes_is_told_in_body_axes():
    quarter = recorded._turn_rad(UPRIGHT, QUARTER_TURN_ABOUT_Z)
    np.testing.assert_allclose(quarter, [0.0, 0.0, np.pi / 2], atol=1e-15)
    back = recorded._turn_rad(QUARTER_TURN_ABOUT_Z, -UPRIGHT)  # the same attitude as upright
    np.testing.assert_allclose(back, [0.0, 0.0, -np.pi / 2], atol=1e-15)
    assert not recorded._turn_rad(UPRIGHT, UPRIGHT).any()


def test_blocks_end_where_the_engine_is_lit_or_cut_and_where_the_stride_changes():
    fine_s = 0.1 * np.arange(200)
    time_s = np.concatenate([fine_s, fine_s[-1] + 2.5 * np.arange(1, 101)])
    burning = (time_s > 4.05) & (time_s < 9.05)
    edges = recorded.block_edges(time_s, burning)
    assert edges[0] == 0
    assert edges[-1] == len(time_s) - 1
    for place in (40, 90, 199):  # the last row before each change
        assert place in edges
    strides = np.diff(time_s[edges])
    assert (strides[time_s[edges[1:]] < 20.0] < 1.5 * recorded.POWERED_BLOCK_S).all()
    assert (strides < 1.5 * recorded.COAST_BLOCK_S).all()


def test_an_engine_ordered_below_its_floor_is_held_at_its_floor_and_an_idle_one_gives_nothing():
    class Engine:
        min_thrust_n, max_thrust_n = np.array([1000.0]), np.array([4000.0])

    assert recorded._ordered_n(Engine, np.array([0.1, 0.5])) == 1500.0
    assert recorded._ordered_n(Engine, np.array([0.0, 0.5])) == 1000.0


def test_vehicle_sensors_and_sky_of_a_flight_are_numbers_json_can_carry(athena, athena_design):
    """Athena's own figures, read where the plan has them now."""
    plan, lander = athena_design.plan, athena.lander
    told = {part: getattr(recorded, f"_{part}")(plan) for part in ("vehicle", "sensors")}
    told = json.loads(json.dumps(told | {"sky": recorded._sky(plan, 100.0)}))
    assert told["vehicle"]["engine_impulse_s"] == pytest.approx(lander.engine.specific_impulse_s)
    assert told["sensors"]["gyro"]["limit"] == pytest.approx(lander.imu.gyro_limit_rad_s)
    assert told["sensors"]["star_tracker_rad"] == pytest.approx(lander.star_tracker.cross_axis_rad)
    assert np.shape(told["sky"]["pa_from_inertial"]) == (3, 3)
