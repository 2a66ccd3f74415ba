"""What the flight software is told: the one place where the designer's lander becomes its belief."""

import jax.numpy as jnp
import numpy as np

from perilune.design.lander import altimeter_beams, velocimeter_beams
from perilune.onboard.upload import (
    Chart,
    ControlSettings,
    FilterSettings,
    Plan,
    SensorBelief,
    Upload,
    VehicleBelief,
)
from perilune.truth.vehicle.mass_properties import mass_properties

TYPICAL_BRAKING_M_S2 = 3.0
GATE_FACTOR = 4.0
FREEZE_TIME_S = 40.0
TICK_S = 0.1


def build_upload(lander, chart, believed, settings, plan):
    """Assemble the upload; `believed` is (vehicle, start mass, propellant) as designed."""
    return Upload(
        chart=chart,
        vehicle=_vehicle(lander, *believed),
        sensors=_sensors(lander, believed[0]),
        filter=settings,
        plan=plan,
        control=ControlSettings(
            *map(
                jnp.asarray,
                (
                    lander.control.attitude_frequency_rad_s,
                    lander.control.damping_factor,
                    lander.control.rate_limit_rad_s,
                    lander.control.coast_deadband_rad,
                ),
            )
        ),
    )


def _vehicle(lander, vehicle, start_mass_kg, propellant_kg):
    engine, gas_kg = lander.engine, lander.mass.cold_gas_kg
    full = mass_properties(vehicle.mass, jnp.asarray(propellant_kg), gas_kg)
    empty = mass_properties(vehicle.mass, jnp.asarray(0.0), gas_kg)
    return VehicleBelief(
        max_thrust_n=jnp.asarray(engine.max_thrust_n),
        min_thrust_n=jnp.asarray(engine.min_thrust_n),
        specific_impulse_s=jnp.asarray(engine.specific_impulse_s),
        start_mass_kg=jnp.asarray(start_mass_kg),
        empty_mass_kg=empty.mass_kg,
        full_mass_kg=full.mass_kg,
        full_inertia_kg_m2=full.inertia_kg_m2,
        empty_inertia_kg_m2=empty.inertia_kg_m2,
        full_gimbal_arm_m=full.center_body_m[2] - engine.pivot_height_m,
        empty_gimbal_arm_m=empty.center_body_m[2] - engine.pivot_height_m,
        gimbal_limit_rad=jnp.asarray(engine.gimbal_limit_rad),
        thruster_per_torque=jnp.asarray(_pulses_per_torque(vehicle, empty.center_body_m)),
        min_pulse_s=jnp.asarray(lander.thrusters.min_pulse_s),
        foot_below_center_m=_landing_center_m(vehicle, gas_kg)[2],
    )


def _landing_center_m(vehicle, gas_kg):
    """Centre of mass with a tenth of the dry mass left as propellant: about what a landing leaves."""
    left_kg = 0.1 * vehicle.mass.dry_kg
    return mass_properties(vehicle.mass, left_kg, gas_kg).center_body_m


def _pulses_per_torque(vehicle, center_body_m):
    """Twice the pseudo-inverse of the torque table: nozzles come in opposed pairs, one of each fires."""
    thrusters = vehicle.thrusters
    arms = np.asarray(thrusters.position_body_m) - np.asarray(center_body_m)
    torques = float(thrusters.thrust_n) * np.cross(arms, np.asarray(thrusters.direction_body))
    return 2.0 * np.linalg.pinv(torques.T, rcond=1e-9)


def _sensors(lander, vehicle):
    altimeter, velocimeter, tracker = lander.altimeter, lander.velocimeter, lander.star_tracker
    center_m = _landing_center_m(vehicle, lander.mass.cold_gas_kg)
    return SensorBelief(
        jnp.asarray(altimeter_beams(altimeter.cant_rad)),
        jnp.asarray(altimeter.mount_m) - center_m,
        jnp.asarray(altimeter.noise_m),
        jnp.asarray(altimeter.noise_fraction),
        jnp.asarray(velocimeter_beams(velocimeter.half_angle_rad)),
        jnp.asarray(velocimeter.noise_m_s),
        jnp.asarray(lander.camera.noise_m),
        jnp.asarray(tracker.cross_axis_rad),
        jnp.asarray(tracker.roll_rad),
        jnp.asarray(tracker.boresight),
    )


def build_filter(mission, start, start_sigma, mismatch):
    """Filter settings; `start` is the nominal TrueState, `mismatch` is (gravity m/s2,
    its time s, map (ranges m, sigmas m), its length m).

    Scale errors of the accelerometers act like biases while braking is steady, and are counted so.
    """
    imu, navigation = mission.lander.imu, mission.navigation
    gravity_m_s2, gravity_s, (map_range_m, map_m), map_length_m = mismatch
    scale_m_s2 = imu.accelerometer_scale_fraction * TYPICAL_BRAKING_M_S2
    skew_m_s2 = imu.accelerometer_misalignment_rad * TYPICAL_BRAKING_M_S2
    bias2 = imu.accelerometer_bias_m_s2**2 + scale_m_s2**2 + skew_m_s2**2
    covariance = np.zeros((21, 21))
    covariance[:6, :6] = start_sigma @ start_sigma.T
    variances = [navigation.attitude_rad**2] * 3 + [imu.gyro_bias_rad_s**2] * 3 + [bias2] * 3
    variances += [map_m[-1] ** 2] + [mission.lander.camera.bias_m**2] * 2
    variances += [mission.lander.velocimeter.bias_m_s**2] * 3
    covariance[6:, 6:] = np.diag(variances)
    return FilterSettings(
        start.position_inertial_m,
        start.velocity_inertial_m_s,
        start.inertial_from_body,
        *map(
            jnp.asarray,
            (
                covariance,
                imu.angle_random_walk_rad_per_sqrt_s,
                imu.velocity_random_walk_m_s_per_sqrt_s,
                imu.gyro_scale_fraction,
                imu.accelerometer_scale_fraction,
                gravity_m_s2,
                gravity_s,
                map_range_m,
                map_m,
                map_length_m,
                GATE_FACTOR,
            ),
        ),
    )


def build_plan(mission, course, transfer, downrange_site, start_mass_kg):
    """The course in the site's axes; the burn at the engine's floor is centred on its impulse."""
    thrust_n = mission.lander.engine.min_thrust_n
    burn_s = np.linalg.norm(transfer.deorbit_velocity_m_s) * start_mass_kg / thrust_n
    descent, engine = mission.descent, mission.lander.engine
    ahead, up = np.asarray(downrange_site), np.array([0.0, 0.0, 1.0])

    def at_site(planar):
        return jnp.asarray(planar[0] * ahead + planar[1] * up)

    return Plan(
        deorbit_time_s=jnp.asarray(transfer.deorbit_time_s - 0.5 * burn_s),
        deorbit_velocity_inertial_m_s=jnp.asarray(transfer.deorbit_velocity_m_s),
        deorbit_throttle=jnp.asarray(engine.min_thrust_n / engine.max_thrust_n),
        deorbit_tail_s=jnp.asarray(engine.lag_s + 0.5 * TICK_S),
        ignition_range_m=jnp.asarray(course.ignition_range_m),
        gate_site_m=at_site(course.gate_m),
        gate_velocity_site_m_s=at_site(course.gate_velocity_m_s),
        gate_deceleration_m_s2=jnp.asarray(course.gate_deceleration_m_s2),
        braking_time_s=jnp.asarray(course.braking_time_s),
        freeze_time_s=jnp.asarray(FREEZE_TIME_S),
        low_gate_height_m=jnp.asarray(descent.low_gate_height_m),
        descent_rate_m_s=jnp.asarray(descent.descent_rate_m_s),
        final_descent_rate_m_s=jnp.asarray(descent.final_descent_rate_m_s),
        final_height_m=jnp.asarray(descent.final_height_m),
    )


def build_chart(sky, site_axes, aim, track, belief):
    """Where things are believed to be; `aim` is (fixed m, height m), `belief` (gravity, map)."""
    track_normal_fixed, downrange_site = track
    return Chart(
        sky.pa_from_inertial,
        sky.fixed_from_pa,
        site_axes,
        jnp.asarray(aim[0]),
        jnp.asarray(aim[1]),
        jnp.asarray(track_normal_fixed),
        jnp.asarray(downrange_site),
        *belief,
    )
