"""Vehicles that are not as believed, or slow, flown with sensors: most of them land clean.

At a chance of 0.99 of a clean landing, four and fewer of 64 fail but once in 2,100 times. Over the
ground of the map alone: what lies below it tilts a fifth of all landings, whatever the vehicle.
"""

import numpy as np
import pytest

import perilune

RUN_COUNT, LEAST_CLEAN = 64, 60
SMOOTH = "site.surface.largest=1 m"
OFF_NOMINAL = {
    "thrust a tenth below belief": "truth.lander.engine.max_thrust=3.6 kN",
    "centre of mass 5 cm off the axis": (
        "truth.lander.mass.dry_center_of_mass=['5 cm', '0 m', '1.75 m']"
    ),
    "thrust leaning by 4.5 deg": "errors.engine.pointing=['4.5 deg', '0 deg']",
    "engine of 1.5 s": "lander.engine.lag=1.5 s",
    "gimbal of 0.8 s": "lander.engine.gimbal_lag=0.8 s",
}


@pytest.mark.parametrize("case", OFF_NOMINAL)
def test_off_nominal_vehicles_land(case):
    mission = perilune.load_mission("athena", [OFF_NOMINAL[case], SMOOTH])
    _, summary = perilune.fly_batch(perilune.plan(mission), seed=0)
    rows = perilune.judge_batch(summary, mission)
    assert rows.num_rows == RUN_COUNT
    assert np.sum(rows["clean"].to_numpy()) >= LEAST_CLEAN
