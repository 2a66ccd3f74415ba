"""Basilisk's side of the comparison: our recorded flight, its truth flown again open loop.

Run by Basilisk's own Python, which has nothing of ours: `basilisk_flight.py RECORDED STEPS SECONDS`
prints one line of JSON. SI, J2000 axes, as the recording.
"""

import json
import sys
import time
from importlib.metadata import version
from pathlib import Path

import numpy as np
from Basilisk.architecture import messaging
from Basilisk.utilities import RigidBodyKinematics, macros
from basilisk_craft import build, column, mrp, rotation, turn_the_sky

# seconds between runs of each task: in a coasting block, in a powered one
SENSORS_S = {"imu": (2.5, 0.1), "star": (15.0, 0.6)}
STEPS_S = {
    "ours": {"motion": (1.25, 0.05), **SENSORS_S},  # two Runge-Kutta steps a tick, as we step
    "coarse": {"motion": (1.25, 0.1), **SENSORS_S},  # one a powered tick
    "fine": {"motion": (0.625, 0.025), **SENSORS_S},  # half of ours
}
FOREVER_S = 1e6
STANDARD_GRAVITY_M_S2 = 9.80665


def fly(it):
    """Every block in turn; wall and processor seconds inside Basilisk alone, (2,)."""
    spent_s, now_ns = np.zeros(2), 0
    for block in it.told["blocks"]:
        hold(it, block, now_ns)
        now_ns = macros.sec2nano(block["stop_s"] - it.told["start"]["time_s"])
        before_s = clocks_s()
        it.sim.TotalSim.StepUntilStop(now_ns, -1)
        spent_s += clocks_s() - before_s
    return spent_s


def clocks_s():
    """Wall and processor time, s."""
    return np.array([time.perf_counter(), time.process_time()])


def hold(it, block, now_ns):
    """Order a block: strides, attitude and turn as recorded, thrust, pulses, sky."""
    set_strides(it, 0 if block["coast"] else 1, now_ns)
    center_m = turn_the_craft(it, block)
    throttle(it, block, center_m, now_ns)
    pulse(it, block, now_ns)
    pull(it, block, center_m)
    turn_the_sky(it, block, now_ns)


def set_strides(it, stride, now_ns):
    """Let every task run next one new period from now.

    Basilisk puts a changed task on whole multiples of its new period since the start, unless it
    has not run yet: then it takes the task's first time. Its thread has already chosen the time of
    its next step by the old periods; a new one chooses afresh. A lag shorter than a step is
    stretched to it, or the integrator would be unstable: there the thrust has died away.
    """
    if stride == it.stride:
        return
    it.stride, nexts_ns = stride, []
    lag_s = max(it.told["vehicle"]["engine_lag_s"], it.strides_s["motion"][stride])
    it.nozzle.cutoffFrequency = 1.0 / lag_s
    for name, task in it.tasks.items():
        period_ns = macros.sec2nano(it.strides_s[name][stride])
        task.TaskData.FirstTaskTime, task.TaskData.NextStartTime = now_ns + period_ns, 0
        it.process.updateTaskPeriod(name, period_ns)
        nexts_ns.append(now_ns + period_ns)
    it.process.processData.nextTaskTime = min(nexts_ns)
    it.sim.TotalSim.resetThreads(1)
    it.sim.TotalSim.assignRemainingProcs()


def turn_the_craft(it, block):
    """Set attitude and turn rate about the centre of mass; returns its place in body axes, (3,).

    Basilisk carries the origin of the body axes: that moves, so that the centre of mass does not.
    """
    states, hub, now = it.craft.dynManager, it.craft.hub, it.craft.scStateOutMsg.read()
    center_m = np.array(it.craft.scMassOutMsg.read().c_B)
    before, after = RigidBodyKinematics.MRP2C(now.sigma_BN).T, rotation(block["attitude"])
    arm_m = after @ center_m - before @ center_m
    swing_m_s = after @ np.cross(block["rate_rad_s"], center_m)
    swing_m_s = swing_m_s - before @ np.cross(now.omega_BN_B, center_m)
    for name, value in (
        (hub.nameOfHubSigma, mrp(block["attitude"])),
        (hub.nameOfHubOmega, column(block["rate_rad_s"])),
        (hub.nameOfHubPosition, column(np.array(now.r_BN_N) - arm_m)),
        (hub.nameOfHubVelocity, column(np.array(now.v_BN_N) - swing_m_s)),
    ):
        states.getStateObject(name).setState(value)
    return center_m


def throttle(it, block, center_m, now_ns):
    """Order the engine's thrust: what it gives now goes to that with the engine's lag.

    Its force passes through the centre of mass, as the attitude is given.
    """
    burning, now_s = block["thrust_n"] > 0.0, now_ns * macros.NANO2SEC
    kappa = it.craft.dynManager.getStateObject(it.engine.nameOfKappaState)
    if burning:
        share = it.nozzle.MaxThrust / block["thrust_n"]
        kappa.setState([[kappa.getState()[0][0] * share]])
        it.nozzle.MaxThrust = block["thrust_n"]
    it.nozzle.thrDir_B, it.nozzle.thrLoc_B = column(block["along"]), column(center_m)
    it.engine.computeDerivatives(now_s, *[column(np.zeros(3))] * 3)  # takes the new share up
    it.engine.calcForceTorqueOnBody(now_s, column(block["rate_rad_s"]))
    order(it.burn, [FOREVER_S * burning], now_ns)


def pulse(it, block, now_ns):
    """Open all nozzles together, without torque, to use what the recording has used by the end.

    Basilisk opens a nozzle for whole stages of its steps: less than a short step's worth waits.
    """
    vehicle, step_s = it.told["vehicle"], it.strides_s["motion"][1]
    exhaust_m_s = vehicle["jet_impulse_s"] * STANDARD_GRAVITY_M_S2
    flow_kg_s = len(it.small) * vehicle["jet_thrust_n"] / exhaust_m_s
    open_s = (it.tanks[1].fuelTankOutMsg.read().fuelMass - block["cold_gas_kg"]) / flow_kg_s
    opens = not block["coast"] and open_s > step_s
    order(it.pulses, [open_s if opens else 0.0] * len(it.small), now_ns)


def pull(it, block, center_m):
    """Gravity of the field's short waves, as a force through the centre of mass."""
    force_n = it.craft.scMassOutMsg.read().massSC * np.array(block["pull_m_s2"])
    force_body_n = rotation(block["attitude"]).T @ force_n
    it.waves.extForce_N = column(force_n)
    it.waves.extTorquePntB_B = column(np.cross(center_m, force_body_n))


def order(message, open_s, now_ns):
    """Open nozzles for so many seconds each, from now."""
    message.write(messaging.THRArrayOnTimeCmdMsgPayload(OnTimeRequest=open_s), now_ns)


def reached(it):
    """The end: position and velocity of the centre of mass, propellant and cold gas left."""
    state = it.craft.scStateOutMsg.read()
    left_kg = [tank.fuelTankOutMsg.read().fuelMass for tank in it.tanks]
    return {
        "position_m": list(state.r_CN_N),
        "velocity_m_s": list(state.v_CN_N),
        "propellant_kg": left_kg[0],
        "cold_gas_kg": left_kg[1],
    }


def main(path, steps, least_s):
    """Fly until `least_s` of wall time are spent inside; building a simulation is not timed."""
    told, spent_s, flown = json.loads(path.read_text()), np.zeros(2), 0
    while spent_s[0] < least_s or not flown:
        it = build(told, path.parent, STEPS_S[steps])
        spent_s, flown = spent_s + fly(it), flown + 1
    line = {"version": version("bsk"), "flights": flown, "wall_s": spent_s[0]}
    json.dump({**line, "cpu_s": spent_s[1], "end": reached(it)}, sys.stdout)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], float(sys.argv[3]))
