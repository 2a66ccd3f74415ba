"""The recorded vehicle and its surroundings as one simulation of Basilisk's; see basilisk_flight.

Imported by Basilisk's own Python. SI, J2000 axes, quaternions scalar first.
"""

from types import SimpleNamespace

import numpy as np
from Basilisk.architecture import messaging
from Basilisk.simulation import (
    extForceTorque,
    fuelTank,
    gravityEffector,
    imuSensor,
    spacecraft,
    starTracker,
    thrusterDynamicEffector,
    thrusterStateEffector,
)
from Basilisk.utilities import SimulationBaseClass, macros

TANK_LENGTH_M = 1.0  # of the cylinder that stands for both of our propellant tanks
TANK_HEIGHT_M = 1.5  # of its middle above the footpads
BODIES = ("moon", "earth", "sun")


def column(vector):
    """A vector as Basilisk takes one."""
    return [[float(each)] for each in vector]


def mrp(quaternion):
    """Modified Rodrigues parameters of a unit quaternion, scalar first."""
    w, *v = quaternion if quaternion[0] >= 0.0 else [-each for each in quaternion]
    return column(each / (1.0 + w) for each in v)


def rotation(quaternion):
    """Matrix that takes body axes to inertial ones, (3, 3), of a unit quaternion, scalar first."""
    w, x, y, z = quaternion
    cross = np.array([[0.0, -z, y], [z, 0.0, -x], [-y, x, 0.0]])
    return np.eye(3) + 2.0 * w * cross + 2.0 * cross @ cross


def build(told, folder, strides_s):
    """One simulation ready to run, and all its parts, which Python must keep alive."""
    it = SimpleNamespace(told=told, strides_s=strides_s, stride=None, craft=spacecraft.Spacecraft())
    it.sim = SimulationBaseClass.SimBaseClass()
    it.process = it.sim.CreateNewProcess("process")
    it.tasks = {
        name: it.sim.CreateNewTask(name, macros.sec2nano(powered_s))
        for name, (_, powered_s) in strides_s.items()
    }
    for task in it.tasks.values():
        it.process.addTask(task)
    fill_hub(it)
    add_gravity(it, folder)
    add_engines(it)
    add_sensors(it)
    for task, model in (
        *(("motion", each) for each in (it.waves, it.engine, it.jets, *it.tanks, it.craft)),
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
    it.waves = extForceTorque.ExtForceTorque()
    it.craft.addDynamicEffector(it.waves)
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
