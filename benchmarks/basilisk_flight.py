"""Basilisk's side of the comparison: our recorded flight, its truth flown again open loop.

Run by Basilisk's own Python, which has nothing of ours: `basilisk_flight.py RECORDED STEPS SECONDS`
prints one line of JSON. SI, J2000 axes, as the recording.
"""

import json
import sys
import time
from importlib.metadata import version
from pathlib import Path
from types import SimpleNamespace

import numpy as np
from Basilisk.architecture import messaging
from Basilisk.simulation import (
    fuelTank,
    gravityEffector,
    imuSensor,
    spacecraft,
    starTracker,
    thrusterDynamicEffector,
    thrusterStateEffector,
)
from Basilisk.utilities import SimulationBaseClass, macros

# seconds between runs of each task: in a coasting block, in a powered one
SENSORS_S = {"imu": (2.5, 0.1), "star": (15.0, 0.6)}
STEPS_S = {
    "ours": {"motion": (1.25, 0.05), **SENSORS_S},  # two Runge-Kutta steps a tick, as we step
    "coarse": {"motion": (1.25, 0.1), **SENSORS_S},  # one a powered tick: pulses lose their edges
}
TANK_LENGTH_M = 1.0  # of the cylinder that stands for both of our propellant tanks
TANK_HEIGHT_M = 1.5  # of its middle above the footpads
BODIES = ("moon", "earth", "sun")
FOREVER_S = 1e6


def column(vector):
    """A vector as Basilisk takes one."""
    return [[float(each)] for each in vector]


def mrp(quaternion):
    """Modified Rodrigues parameters of a unit quaternion, scalar first."""
    w, *v = quaternion if quaternion[0] >= 0.0 else [-each for each in quaternion]
    return column(each / (1.0 + w) for each in v)


def build(told, folder, strides_s):
    """One simulation ready to run, and all its parts, which Python must keep alive."""
    it = SimpleNamespace(told=told, strides_s=strides_s, craft=spacecraft.Spacecraft())
    it.sim = SimulationBaseClass.SimBaseClass()
    it.process = it.sim.CreateNewProcess("process")
    for name, (_, powered_s) in strides_s.items():
        it.process.addTask(it.sim.CreateNewTask(name, macros.sec2nano(powered_s)))
    fill_hub(it)
    add_gravity(it, folder)
    add_engines(it)
    add_sensors(it)
    for task, model in (
        *(("motion", each) for each in (it.craft, it.engine, it.jets, *it.tanks)),
        ("imu", it.imu),
        ("star", it.star),
    ):
        it.sim.AddModelToTask(task, model)
    it.sim.InitializeSimulation()
    return it


def fill_hub(it):
    """Dry mass, and the recorded start."""
    start, vehicle, hub = it.told["start"], it.told["vehicle"], it.craft.hub
    hub.mHub = vehicle["dry_kg"]
    hub.r_BcB_B = column(vehicle["dry_center_m"])
    hub.IHubPntBc_B = np.diag(vehicle["dry_inertia_kg_m2"]).tolist()
    hub.r_CN_NInit, hub.v_CN_NInit = column(start["position_m"]), column(start["velocity_m_s"])
    hub.sigma_BNInit = mrp(start["attitude"])
    hub.omega_BN_BInit = column(it.told["blocks"][0]["rate_rad_s"])


def add_gravity(it, folder):
    """The Moon's harmonics from the recording's own file, Earth and Sun as point masses."""
    field = it.told["gravity"]
    it.bodies, it.ephemerides = [], []
    for name in BODIES:
        body, told = gravityEffector.GravBodyData(), messaging.SpicePlanetStateMsg()
        body.planetName, body.isCentralBody = name, name == "moon"
        if name == "moon":
            body.useSphericalHarmonicsGravityModel(str(folder / field["file"]), field["degree"])
            body.mu, body.radEquator = field["gm_m3_s2"], field["radius_m"]
        else:
            body.usePointMassGravityModel()
            body.mu = it.told["vehicle"][f"{name}_gm_m3_s2"]
        body.planetBodyInMsg.subscribeTo(told)
        it.bodies.append(body)
        it.ephemerides.append(told)
    turn_the_sky(it, it.told["blocks"][0], 0)
    it.craft.gravField.gravBodies = spacecraft.GravBodyVector(it.bodies)


def turn_the_sky(it, block, now_ns):
    """The Moon's attitude and its rate, Earth and Sun; Basilisk runs the Moon on from there."""
    for name, told in zip(BODIES, it.ephemerides, strict=True):
        payload = messaging.SpicePlanetStateMsgPayload()
        payload.PlanetName = name
        if name == "moon":
            payload.J20002Pfix = block["pa_from_inertial"]
            payload.J20002Pfix_dot = block["pa_from_inertial_rate"]
            payload.computeOrient = 1
        else:
            payload.PositionVector = block[f"{name}_m"]
        told.write(payload, now_ns)


def add_engines(it):
    """One lagged engine and the cold-gas nozzles, each set on a tank of its own."""
    start, vehicle = it.told["start"], it.told["vehicle"]
    it.engine = thrusterStateEffector.ThrusterStateEffector()
    it.jets = thrusterDynamicEffector.ThrusterDynamicEffector()
    pivot_m = [0.0, 0.0, vehicle["pivot_height_m"]]
    it.nozzle = nozzle(pivot_m, [0, 0, 1], 1.0, vehicle["engine_impulse_s"])
    it.engine.addThruster(it.nozzle)
    places = zip(vehicle["jet_positions_m"], vehicle["jet_directions"], strict=True)
    it.small = [nozzle(*at, vehicle["jet_thrust_n"], vehicle["jet_impulse_s"]) for at in places]
    for each in it.small:
        it.jets.addThruster(each)
    it.burn, it.pulses = messaging.THRArrayOnTimeCmdMsg(), messaging.THRArrayOnTimeCmdMsg()
    it.engine.cmdsInMsg.subscribeTo(it.burn)
    it.jets.cmdsInMsg.subscribeTo(it.pulses)
    it.craft.addStateEffector(it.engine)
    it.craft.addDynamicEffector(it.jets)
    it.models, it.tanks = [], []
    add_tank(it, it.engine, start["propellant_kg"], TANK_HEIGHT_M)
    add_tank(it, it.jets, start["cold_gas_kg"], vehicle["dry_center_m"][2])


def nozzle(place_m, along, thrust_n, impulse_s):
    """A thruster of Basilisk's, opening and closing at once."""
    made = thrusterDynamicEffector.THRSimConfig()
    made.thrLoc_B, made.thrDir_B = column(place_m), column(along)
    made.MaxThrust, made.steadyIsp, made.MinOnTime = thrust_n, impulse_s, 0.0
    return made


def add_tank(it, effector, fuel_kg, height_m):
    """A tank that empties through `effector`."""
    tank, model = fuelTank.FuelTank(), fuelTank.FuelTankModelUniformBurn()
    model.propMassInit = model.maxFuelMass = fuel_kg
    model.radiusTankInit, model.lengthTank = it.told["vehicle"]["tank_radius_m"], TANK_LENGTH_M
    model.r_TcT_TInit = column([0.0, 0.0, 0.0])
    tank.setTankModel(model)
    tank.setR_TB_B(column([0.0, 0.0, height_m]))
    tank.setNameOfMassState(f"fuel {len(it.tanks)}")
    tank.addThrusterSet(effector)
    it.craft.addStateEffector(tank)
    it.models.append(model)
    it.tanks.append(tank)


def add_sensors(it):
    """IMU with noise, limits and quanta, and a star tracker with noise."""
    told, step_s = it.told["sensors"], it.strides_s["imu"][1]
    gyro, accelerometer = told["gyro"], told["accelerometer"]
    it.imu, it.star = imuSensor.ImuSensor(), starTracker.StarTracker()
    it.imu.scStateInMsg.subscribeTo(it.craft.scStateOutMsg)
    it.imu.PMatrixGyro = np.diag([gyro["walk"] / step_s**0.5] * 3).tolist()
    it.imu.PMatrixAccel = np.diag([accelerometer["walk"] / step_s**0.5] * 3).tolist()
    it.imu.setErrorBoundsGyro(column([1.0] * 3))
    it.imu.setErrorBoundsAccel(column([1.0] * 3))
    it.imu.setLSBs(accelerometer["quantum"] / step_s, gyro["quantum"] / step_s)
    it.imu.senRotMax, it.imu.senTransMax = gyro["limit"], accelerometer["limit"]
    it.star.scStateInMsg.subscribeTo(it.craft.scStateOutMsg)
    it.star.PMatrix = np.diag([told["star_tracker_rad"]] * 3).tolist()
    it.star.setWalkBounds(column([1.0] * 3))


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
    """Order a block: strides, attitude and turn as recorded, thrust, pulses, sky.

    A lag shorter than a step is stretched to it, as ours is: the engine is off there.
    """
    stride = 0 if block["coast"] else 1
    for name, strides_s in it.strides_s.items():
        it.process.updateTaskPeriod(name, macros.sec2nano(strides_s[stride]))
    states, hub = it.craft.dynManager, it.craft.hub
    states.getStateObject(hub.nameOfHubSigma).setState(mrp(block["attitude"]))
    states.getStateObject(hub.nameOfHubOmega).setState(column(block["rate_rad_s"]))
    lag_s = max(it.told["vehicle"]["engine_lag_s"], it.strides_s["motion"][stride])
    it.nozzle.cutoffFrequency = 1.0 / lag_s
    burning = block["thrust_n"] > 0.0
    it.nozzle.MaxThrust = block["thrust_n"] if burning else it.nozzle.MaxThrust
    order(it.burn, [FOREVER_S * burning], now_ns)
    order(it.pulses, [block["nozzle_s"]] * len(it.small), now_ns)
    turn_the_sky(it, block, now_ns)


def order(message, open_s, now_ns):
    """Open nozzles for so many seconds each, from now."""
    message.write(messaging.THRArrayOnTimeCmdMsgPayload(OnTimeRequest=open_s), now_ns)


def apart(it):
    """How far the end is from the recorded one: m, m/s, kg of propellant, kg of cold gas."""
    end, reached = it.told["end"], it.craft.scStateOutMsg.read()
    left_kg = [tank.fuelTankOutMsg.read().fuelMass for tank in it.tanks]
    return {
        "position_m": float(np.linalg.norm(np.subtract(reached.r_CN_N, end["position_m"]))),
        "velocity_m_s": float(np.linalg.norm(np.subtract(reached.v_CN_N, end["velocity_m_s"]))),
        "propellant_kg": left_kg[0] - end["propellant_kg"],
        "cold_gas_kg": left_kg[1] - end["cold_gas_kg"],
    }


def main(path, steps, least_s):
    """Fly until `least_s` of wall time are spent inside; building a simulation is not timed."""
    told, spent_s, flown = json.loads(path.read_text()), np.zeros(2), 0
    while spent_s[0] < least_s or not flown:
        it = build(told, path.parent, STEPS_S[steps])
        spent_s, flown = spent_s + fly(it), flown + 1
    line = {"version": version("bsk"), "flights": flown, "wall_s": spent_s[0]}
    json.dump({**line, "cpu_s": spent_s[1], "apart": apart(it)}, sys.stdout)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], float(sys.argv[3]))
