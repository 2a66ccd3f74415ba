"""How widely each flight's numbers are drawn, and how to switch every draw off."""

import dataclasses

import jax
import jax.numpy as jnp
import numpy as np

from perilune.design.flight_plan import Spread


def start_sigma(transfer, navigation):
    """Square root of the start's covariance, (6, 6), from along, cross and radial sigmas."""
    place, speed = transfer.start_position_m, transfer.start_velocity_m_s
    up = place / np.linalg.norm(place)
    normal = np.cross(place, speed)
    normal = normal / np.linalg.norm(normal)
    axes = np.stack([np.cross(normal, up), normal, up], axis=-1)
    places_m = [navigation.along_track_m, navigation.cross_track_m, navigation.radial_m]
    speeds_m_s = [
        navigation.along_track_speed_m_s,
        navigation.cross_track_speed_m_s,
        navigation.radial_speed_m_s,
    ]
    sigma = np.zeros((6, 6))
    sigma[:3, :3], sigma[3:, 3:] = axes * places_m, axes * speeds_m_s
    return sigma


def build_spread(mission, sigma):
    """One-sigma sizes of everything that is drawn once a flight."""
    dispersed = {each.path: each.sigma_fraction for each in mission.dispersions}
    imu, lander = mission.lander.imu, mission.lander
    return Spread(
        start_sigma=sigma,
        attitude_rad=mission.navigation.attitude_rad,
        max_thrust_fraction=dispersed.get("lander.engine.max_thrust", 0.0),
        specific_impulse_fraction=dispersed.get("lander.engine.specific_impulse", 0.0),
        mass_fraction=dispersed.get("masses.separation", 0.0),
        gyro_bias_rad_s=imu.gyro_bias_rad_s,
        gyro_scale_fraction=imu.gyro_scale_fraction,
        gyro_misalignment_rad=imu.gyro_misalignment_rad,
        accelerometer_bias_m_s2=imu.accelerometer_bias_m_s2,
        accelerometer_scale_fraction=imu.accelerometer_scale_fraction,
        accelerometer_misalignment_rad=imu.accelerometer_misalignment_rad,
        velocimeter_bias_m_s=lander.velocimeter.bias_m_s,
        camera_bias_m=lander.camera.bias_m,
        noise_factor=1.0,
    )


def nominal(flight_plan):
    """The same plan with every draw switched off: no spread, no noise, no dropouts."""
    nothing = jax.tree.map(jnp.zeros_like, flight_plan.spread)
    return dataclasses.replace(flight_plan, spread=nothing)
