"""The flight plan: everything a flight knows, already numbers."""

import equinox as eqx
import jax

from perilune.mechanics.gravity import GravityField
from perilune.onboard.upload import Upload
from perilune.truth.faults.faults import Faults
from perilune.truth.motion.state import TrueState
from perilune.truth.sensors.altimeter import Altimeter
from perilune.truth.sensors.camera import Camera
from perilune.truth.sensors.imu import Imu
from perilune.truth.sensors.star_tracker import StarTracker
from perilune.truth.sensors.velocimeter import Velocimeter
from perilune.truth.vehicle.vehicle import Vehicle
from perilune.truth.world.ephemeris import Sky
from perilune.truth.world.terrain import Terrain


class World(eqx.Module):
    """Gravity, sky and ground of this flight."""

    gravity: GravityField
    sky: Sky
    terrain: Terrain
    aim_fixed_m: jax.Array  # (3,)
    track_normal_fixed: jax.Array  # (3,)


class SensorSuite(eqx.Module):
    """Every instrument on board."""

    imu: Imu
    star_tracker: StarTracker
    altimeter: Altimeter
    velocimeter: Velocimeter
    camera: Camera


class Endings(eqx.Module):
    """Where the models stop being valid and a flight is over."""

    crash_speed_m_s: jax.Array
    tip_over_tilt_rad: jax.Array


class Spread(eqx.Module):
    """One-sigma sizes of what is drawn once a flight; all zero sizes leave the plan as it is."""

    start_sigma: jax.Array  # (6, 6) matrix square root, inertial position and velocity
    attitude_rad: jax.Array
    max_thrust_fraction: jax.Array
    specific_impulse_fraction: jax.Array
    mass_fraction: jax.Array  # of the whole at the start; it is propellant that varies
    gyro_bias_rad_s: jax.Array
    gyro_scale_fraction: jax.Array
    gyro_misalignment_rad: jax.Array
    accelerometer_bias_m_s2: jax.Array
    accelerometer_scale_fraction: jax.Array
    accelerometer_misalignment_rad: jax.Array
    velocimeter_bias_m_s: jax.Array
    camera_bias_m: jax.Array
    noise_factor: jax.Array  # 1, or 0 when every draw is switched off


class FlightPlan(eqx.Module):
    """What `fly` needs beside a key."""

    world: World
    vehicle: Vehicle
    sensors: SensorSuite
    faults: Faults
    start: TrueState
    upload: Upload
    endings: Endings
    spread: Spread
