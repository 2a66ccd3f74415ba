"""The upload: every number that the flight software receives before the flight."""

from dataclasses import KW_ONLY
from typing import Any

import equinox as eqx
from jaxtyping import Array, Float

from perilune.mechanics.chebyshev import ChebyshevTable
from perilune.mechanics.gravity import GravityField
from perilune.mechanics.terrain_map import TerrainMap
from perilune.mechanics.track_gravity import TrackGravity
from perilune.onboard.phase_table import PhaseTable


class Chart(eqx.Module):
    """Where things are believed to be: the Moon's turning, its pull, the map, the aim point."""

    _: KW_ONLY
    pa_from_inertial: ChebyshevTable
    fixed_from_pa: Float[Array, "4"]
    site_from_fixed: Float[Array, "4"]  # to East-North-Up at the aim point
    aim_fixed_m: Float[Array, "3"]  # the aim point on the believed ground
    aim_height_m: Float[Array, ""]  # of that ground above the reference sphere
    track_normal_fixed: Float[Array, "3"]  # along x position = along the track
    downrange_site: Float[Array, "3"]  # horizontal unit vector of the approach
    gravity: GravityField
    track_gravity: TrackGravity  # the degrees above, near the planned track
    earth_gm_m3_s2: Float[Array, ""]
    earth_pa_m: Float[Array, "3"]  # where it stands at touchdown; it moves by 1 deg in two hours
    terrain_map: TerrainMap


class ThrottleBandBelief(eqx.Module):
    """Throttles that the engines cannot hold, and when guidance crosses them; of full thrust."""

    ceiling_fraction: Float[Array, ""]
    full_above_fraction: Float[Array, ""]
    throttled_below_fraction: Float[Array, ""]


class PulsingBelief(eqx.Module):
    """Which of E engines pulse, and the least times of their valves."""

    pulses_factor: Float[Array, " E"]  # 1 of one that pulses, 0 of one that burns steadily
    min_on_s: Float[Array, " E"]
    min_off_s: Float[Array, " E"]


class VehicleBelief(eqx.Module):
    """The lander as the flight software knows it; `full` and `empty` refer to the main tanks.

    E engines burn together in powered flight; N nozzles pulse.
    """

    _: KW_ONLY
    max_thrust_n: Float[Array, ""]  # of all engines together
    min_thrust_n: Float[Array, ""]
    specific_impulse_s: Float[Array, ""]  # their mean at full thrust
    start_mass_kg: Float[Array, ""]
    empty_mass_kg: Float[Array, ""]
    full_mass_kg: Float[Array, ""]
    full_inertia_kg_m2: Float[Array, "3 3"]
    empty_inertia_kg_m2: Float[Array, "3 3"]
    full_center_body_m: Float[Array, "3"]
    empty_center_body_m: Float[Array, "3"]
    engine_fraction: Float[Array, " E"]  # each one's part of the full thrust
    engine_floor_factor: Float[Array, " E"]  # its least throttle over that of all together
    engine_position_body_m: Float[Array, "E 3"]
    engine_from_mount: Float[Array, "E 3 3"]  # the mount's axes in the body frame, columns
    gimbal_limit_rad: Float[Array, " E"]
    gimballed: bool = eqx.field(static=True, default=True)  # whether any engine swings
    engine_axis_factor: Float[Array, "3"]  # 1 about axes that the engines turn while they burn
    throttle_axis_factor: Float[Array, "3"]  # 1 about those that they turn by their throttles
    nozzle_torque_n_m: Float[Array, "N 3"]  # of each nozzle at full thrust
    nozzle_force_n: Float[Array, "N 3"]  # of each at full thrust, body axes
    multiplier_per_torque: Float[Array, "3 3"]  # such that opposed pairs need no iteration
    nozzle_per_axis: Float[Array, "6 N"]  # shares of full thrust for 1 N m about +x to -z
    min_pulse_s: Float[Array, " N"]
    foot_below_center_m: Float[Array, ""]
    thrust_lag_s: Float[Array, ""]  # time constants, of the slowest
    gimbal_lag_s: Float[Array, ""]
    throttle_band: ThrottleBandBelief | None = None  # None: every throttle from the floor up
    gimbal_rate_rad_s: Float[Array, " E"] | None = None  # of slow drives; None: the lag alone
    pulsing: PulsingBelief | None = None  # None: every engine burns steadily


class FilterSettings(eqx.Module):
    """How the error-state filter starts, forgets and gates."""

    _: KW_ONLY
    start_position_inertial_m: Float[Array, "3"]
    start_velocity_inertial_m_s: Float[Array, "3"]
    start_inertial_from_body: Float[Array, "4"]
    start_covariance: Float[Array, "errors errors"]  # SI, as `navigation.estimate` lays them out
    angle_walk_rad_per_sqrt_s: Float[Array, ""]
    velocity_walk_m_s_per_sqrt_s: Float[Array, ""]
    accelerometer_walk_m_s2_per_sqrt_s: Float[Array, "3"]  # of their biases in powered flight
    map_mismatch_range_m: Float[Array, " knots"]  # along the approach, rising
    gravity_walk_m_s_per_sqrt_s: Float[Array, " knots"]  # for the gravity left out, at those ranges
    map_mismatch_m: Float[Array, " knots"]  # one sigma of the map's varying error at those ranges
    map_mismatch_length_m: Float[Array, ""]  # over which it decorrelates from strike to strike
    map_bend_factor: Float[Array, ""]  # rms second difference of its nodes over that sigma
    map_steady_m: Float[Array, ""]  # one sigma of the error that is the same everywhere
    waves_m: Float[Array, ""]  # one sigma of the map's error over tens of kilometres
    waves_length_m: Float[Array, ""]  # its correlation nearby is exp(-(d/L)^2)
    waves_independent_m: Float[Array, ""]  # over which it decorrelates from strike to strike
    map_correlation_length_m: Float[Array, ""]  # between places nearby, where exp(-(d/L)^2) is 1/e
    relief_m: Float[Array, ""]  # one sigma of the ground below any map's resolution
    relief_length_m: Float[Array, ""]  # its correlation is exp(-(d/L)^2)
    gate_factor: Float[Array, ""]


class MassBelief(eqx.Module):
    """How sure the mass is; one sigma."""

    start_mass_kg: Float[Array, ""]
    exhaust_fraction: Float[Array, ""]  # of the exhaust speed


class Plan(eqx.Module):
    """The course: burn, ignition, gates and rates, all in the site's East-North-Up axes."""

    _: KW_ONLY
    deorbit_time_s: Float[Array, ""]
    deorbit_velocity_inertial_m_s: Float[Array, "3"]  # to be gained
    deorbit_throttle: Float[Array, ""]
    deorbit_tail_s: Float[Array, ""]  # thrust still to come after cut-off, as seconds of it
    ignition_range_m: Float[Array, ""]
    gate_site_m: Float[Array, "3"]
    gate_velocity_site_m_s: Float[Array, "3"]
    gate_deceleration_m_s2: Float[Array, ""]  # planned along-track deceleration at the gate
    freeze_time_s: Float[Array, ""]
    low_gate_height_m: Float[Array, ""]
    descent_rate_m_s: Float[Array, ""]
    final_descent_rate_m_s: Float[Array, ""]
    final_height_m: Float[Array, ""]


class ControlSettings(eqx.Module):
    """Bandwidths and limits of the attitude loop."""

    _: KW_ONLY
    attitude_frequency_rad_s: Float[Array, ""]  # at most, as the lander's file has it
    vehicle_frequency_rad_s: Float[Array, ""]  # at most, by `design.control_rule`
    damping_factor: Float[Array, ""]
    rate_limit_rad_s: Float[Array, ""]
    coast_deadband_rad: Float[Array, ""]
    disturbance_time_s: Float[Array, ""]  # time constant of what is felt of thrust and torque


class DescentGains(eqx.Module):
    """Gains of vertical descent, by `design.control_rule`."""

    sink_gain_per_s: Float[Array, ""]  # acceleration up for each m/s of the rate of descent
    slowing_per_s: Float[Array, ""]  # rate of descent for each metre over the final height
    drift_gain_per_s: Float[Array, ""]  # acceleration across for each m/s of drift
    position_gain_per_s: Float[Array, ""]  # drift for each metre off the aim point


class ContactPush(eqx.Module):
    """Nozzles that stay open after touchdown."""

    open_factor: Float[Array, " N"]  # 1 of those that do
    duration_s: Float[Array, ""]


class TouchdownSense(eqx.Module):
    """From when on footpad switches are acted on, and how long one has to be closed."""

    _: KW_ONLY
    listened_below_m: Float[Array, ""]  # believed height; infinite: always
    confirmed_s: Float[Array, ""]
    latched_factor: Float[Array, ""]  # 1 where a closing before that is kept, else 0
    leg_count: int = eqx.field(static=True)


class Upload(eqx.Module):
    """Everything the flight software believes at the start."""

    _: KW_ONLY
    chart: Chart
    vehicle: VehicleBelief
    sensors: dict[str, Any]  # by label: the `Belief` of the unit's onboard model
    filter: FilterSettings
    plan: Plan
    phases: PhaseTable
    control: ControlSettings
    descent_gains: DescentGains
    contact_push: ContactPush | None = None
    mass: MassBelief | None = None  # None: no gauge is to correct it
    touchdown: TouchdownSense | None = None  # None: any closed switch, at any time
