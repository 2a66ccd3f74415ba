"""Basilisk's side of the comparison: a spacecraft and an IMU round a point-mass Moon, no filter.

Run by Basilisk's own Python, which has nothing of ours: prints one line of JSON.
"""

import json
import statistics
import sys
import time
from importlib.metadata import version

import numpy as np
from Basilisk.simulation import gravityEffector, imuSensor, pointMassGravityModel, spacecraft
from Basilisk.utilities import SimulationBaseClass, macros

GM_M3_S2 = 4.902800066e12
ORBIT_RADIUS_M = 1_837_400.0
DURATION_S, STEP_S = 700.0, 0.02
REPEATS = 5


def simulation():
    """The simulation ready to run, and its parts, which Python must keep alive."""
    sim = SimulationBaseClass.SimBaseClass()
    sim.CreateNewProcess("process").addTask(sim.CreateNewTask("task", macros.sec2nano(STEP_S)))
    craft, moon = spacecraft.Spacecraft(), gravityEffector.GravBodyData()
    pull = pointMassGravityModel.PointMassGravityModel()
    moon.planetName, moon.mu, pull.muBody, moon.isCentralBody = "moon", GM_M3_S2, GM_M3_S2, True
    moon.gravityModel = pull
    craft.gravField.gravBodies = spacecraft.GravBodyVector([moon])
    craft.hub.mHub = 1_610.0
    craft.hub.IHubPntBc_B = np.diag([1_500.0, 1_500.0, 1_000.0]).tolist()
    speed_m_s = (GM_M3_S2 / ORBIT_RADIUS_M) ** 0.5
    craft.hub.r_CN_NInit, craft.hub.v_CN_NInit = (
        [[ORBIT_RADIUS_M], [0], [0]],
        [[0], [0], [speed_m_s]],
    )
    craft.hub.sigma_BNInit, craft.hub.omega_BN_BInit = (
        [[0.1], [0.2], [-0.3]],
        [[0.001], [-0.01], [0.03]],
    )
    imu = imuSensor.ImuSensor()
    imu.scStateInMsg.subscribeTo(craft.scStateOutMsg)
    sim.AddModelToTask("task", craft)
    sim.AddModelToTask("task", imu)
    sim.InitializeSimulation()
    sim.ConfigureStopTime(macros.sec2nano(DURATION_S))
    return sim, (craft, imu, moon, pull)


def main():
    """Fly `REPEATS` times; processor time; the building of a simulation is not timed."""
    taken_s, off_m = [], []
    for _ in range(REPEATS):
        sim, kept = simulation()
        start = time.process_time()
        sim.ExecuteSimulation()
        taken_s.append(time.process_time() - start)
        radius_m = float(np.linalg.norm(kept[0].scStateOutMsg.read().r_BN_N))
        off_m.append(abs(radius_m - ORBIT_RADIUS_M))
    told = {"seconds": statistics.median(taken_s), "circle_missed_m": max(off_m)}
    json.dump({"version": version("bsk"), **told}, sys.stdout)


if __name__ == "__main__":
    main()
