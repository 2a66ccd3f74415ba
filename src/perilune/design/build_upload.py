"""The upload of the flight software: where the designer's lander becomes its belief."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import jax.numpy as jnp
import numpy as np
from jaxtyping import Float

from perilune.design import belief
from perilune.design.believed_vehicle import (
    believed_vehicle,
    landing_center_m,
    loads_kg,
    properties,
)
from perilune.design.braking_belief import mean_braking_m_s2
from perilune.design.build_chart import chart
from perilune.design.build_phases import phase_table
from perilune.design.build_sensors import (
    accelerometer_walk_m_s2_per_sqrt_s,
    believed_sensors,
    first_covariance,
    worst,
)
from perilune.design.control_rule import ControlGains
from perilune.design.course import Course
from perilune.design.deorbit_burn import deorbit_burn_s, deorbit_throttle
from perilune.design.descent_loops import lander_gains
from perilune.design.engines_in_use import engines_in_use, sensors_in_use
from perilune.design.flight_plan import NominalStart
from perilune.design.gravity_belief import gravity_walk_m_s_per_sqrt_s
from perilune.design.map_belief import MapError, map_error
from perilune.design.mass_belief import empty_mass_kg, mass_belief
from perilune.design.nozzles_in_use import nozzles_in_use, weakest_turned
from perilune.design.orbit import Transfer
from perilune.design.relief_belief import Relief
from perilune.design.survey import Survey
from perilune.design.transfer import Tracked
from perilune.design.typed_arrays import of_numbers
from perilune.design.waves_belief import believed_waves
from perilune.interfaces.clock import CLOCK_S
from perilune.mechanics.constants import MOON_RADIUS_M
from perilune.mechanics.gravity import degree_of
from perilune.mission.command_units import nozzles_named
from perilune.mission.distributions import Row
from perilune.mission.lander import Control, Lander
from perilune.mission.mission import Mission
from perilune.mission.propulsion import in_orbit_burn
from perilune.onboard.navigation.sight import Craft
from perilune.onboard.phase_table import PhaseTable
from perilune.onboard.upload import (
    ContactPush,
    ControlSettings,
    DescentGains,
    FilterSettings,
    Plan,
    TouchdownSense,
    Upload,
)
from perilune.truth.environment.ephemeris import Sky
from perilune.truth.vehicle.vehicle import Vehicle

GATE_FACTOR = 4.0
FREEZE_TIME_S = 40.0


@dataclass(frozen=True, kw_only=True)
class Believed:
    """The nominal lander and start, and how unsure of them the filter is to be."""

    vehicle: Vehicle
    nominal_start: NominalStart
    start_kg: float
    propellant_kg: float
    covariance: Float[np.ndarray, "9 9"]  # position, velocity, attitude at the start, inertial
    rows: list  # of `mission.distributions.Row`


class PlannedCourse(NamedTuple):
    """The braking course, and the orbit that leads to it."""

    course: Course
    tracked: Tracked


def build_upload(
    mission: Mission,
    surveyed: Survey,
    sky: Sky,
    planned: PlannedCourse,
    believed: Believed,
) -> Upload:
    """Assemble the upload from the design's own figures."""
    lander = mission.lander
    start_kg = believed.start_kg
    vehicle = believed_vehicle(lander, believed.vehicle, start_kg, believed.propellant_kg)
    phases = _phases(mission, believed.vehicle)
    gains = lander_gains(mission, weakest_turned(vehicle, phases))
    of_map = _map_error(mission, surveyed)
    spent_m_s = float(np.linalg.norm(planned.tracked.transfer.deorbit_velocity_m_s))
    braking_m_s2 = mean_braking_m_s2(vehicle, planned.course, spent_m_s)
    craft = _craft(mission.lander, believed, surveyed.downrange_site, of_map.relief, braking_m_s2)
    return Upload(
        chart=chart(surveyed, sky, planned.tracked),
        vehicle=vehicle,
        sensors=believed_sensors(lander, believed.rows, craft),
        filter=_filter(
            mission,
            believed,
            _gravity_walk(surveyed, planned.tracked, believed.rows),
            of_map,
            craft,
        ),
        plan=_plan(mission, surveyed, planned.course, planned.tracked.transfer, start_kg),
        phases=phases,
        control=_control(lander.control, gains),
        descent_gains=of_numbers(
            DescentGains,
            sink_gain_per_s=gains.sink_gain_per_s,
            slowing_per_s=gains.slowing_per_s,
            drift_gain_per_s=gains.drift_gain_per_s,
            position_gain_per_s=gains.position_gain_per_s,
        ),
        contact_push=_contact_push(mission),
        mass=mass_belief(mission, believed.rows, start_kg),
        touchdown=_touchdown_sense(lander),
    )


def _touchdown_sense(lander: Lander) -> TouchdownSense | None:
    """From when on footpad switches are acted on; None where always and at once."""
    spec = lander.contact_switches
    if spec is None:
        return None
    below_m = np.inf if spec.listened_below_m is None else spec.listened_below_m
    numbers = {
        "listened_below_m": below_m,
        "confirmed_s": spec.confirmed_s,
        "latched_factor": float(spec.latched),
    }
    return TouchdownSense(
        **{name: jnp.asarray(each, float) for name, each in numbers.items()},
        leg_count=lander.legs.count,
    )


def _contact_push(mission: Mission) -> ContactPush | None:
    """The nozzles that stay open after touchdown; None where none do."""
    push = mission.descent.contact_push
    if push is None:
        return None
    open_ = np.array(nozzles_named(mission.lander, push.nozzles), float)
    return of_numbers(ContactPush, open_factor=open_, duration_s=push.duration_s)


def _control(settings: Control, gains: ControlGains) -> ControlSettings:
    return of_numbers(
        ControlSettings,
        attitude_frequency_rad_s=settings.attitude_frequency_rad_s,
        vehicle_frequency_rad_s=gains.vehicle_frequency_rad_s,
        damping_factor=settings.damping_factor,
        rate_limit_rad_s=settings.rate_limit_rad_s,
        coast_deadband_rad=settings.coast_deadband_rad,
        disturbance_time_s=gains.disturbance_time_s,
    )


def _phases(mission: Mission, vehicle: Vehicle) -> PhaseTable:
    """The list of phases, with the engines, nozzles and sensors that each uses."""
    lander, phases = mission.lander, mission.descent.phases
    center_m = properties(vehicle.mass, loads_kg(lander, 0.0)).center_body_m
    turning = nozzles_in_use(lander, phases, vehicle.nozzles, center_m)
    return phase_table(
        phases,
        engines_in_use(lander, phases, vehicle.engines, center_m, turning.authority_n_m),
        sensors_in_use(lander.sensors, phases),
        turning.in_use,
    )


def _gravity_walk(
    surveyed: Survey, tracked: Tracked, rows: Sequence[Row]
) -> Float[np.ndarray, " knots"]:
    """For the pull above the degrees carried, and what is drawn of it."""
    steady_m_s2 = math.sqrt(belief.drawn_variance(rows, "errors.gravity.left_out") / 3.0)
    return gravity_walk_m_s_per_sqrt_s(
        surveyed.gm_m3_s2, degree_of(surveyed.gravity), tracked.track, steady_m_s2
    )


def _map_error(mission: Mission, surveyed: Survey) -> MapError:
    """Of the map carried, which is all that is looked at beside the site's statistics."""
    return map_error(
        surveyed.onboard_map,
        surveyed.azimuth_rad,
        mission.site.surface,
        surveyed.terrain_report.resolution_m,
    )


def _craft(
    lander: Lander,
    believed: Believed,
    downrange_site: Float[np.ndarray, "3"],
    relief: Relief,
    braking_m_s2: float,
) -> Craft:
    """What the onboard models of sensors know of their lander."""
    return Craft(
        landing_center_m=landing_center_m(lander, believed.vehicle),
        braking_m_s2=braking_m_s2,
        map_lie_m2=belief.map_lie_m2(believed.rows, downrange_site),
        relief_m=relief.sigma_m,
        relief_length_m=relief.length_m,
        empty_mass_kg=empty_mass_kg(believed.rows),
        waves_m=believed_waves(believed.rows).sigma_m,
    )


def _filter(
    mission: Mission,
    believed: Believed,
    gravity_walk_m_s_per_sqrt_s: Float[np.ndarray, " knots"],
    of_map: MapError,
    craft: Craft,
) -> FilterSettings:
    """What the filter begins with, and the errors of gravity and map that it allows for."""
    lander, rows, nominal_start = mission.lander, believed.rows, believed.nominal_start
    waves = believed_waves(rows)
    varying_m = math.hypot(of_map.sigma_m[-1], of_map.relief.sigma_m, waves.sigma_m)
    return of_numbers(
        FilterSettings,
        start_position_inertial_m=nominal_start.start_position_inertial_m,
        start_velocity_inertial_m_s=nominal_start.start_velocity_inertial_m_s,
        start_inertial_from_body=nominal_start.start_inertial_from_body,
        start_covariance=first_covariance(lander, rows, craft, believed.covariance, varying_m),
        angle_walk_rad_per_sqrt_s=worst(lander, "angle_random_walk_rad_per_sqrt_s"),
        velocity_walk_m_s_per_sqrt_s=worst(lander, "velocity_random_walk_m_s_per_sqrt_s"),
        accelerometer_walk_m_s2_per_sqrt_s=accelerometer_walk_m_s2_per_sqrt_s(
            lander, craft.braking_m_s2
        ),
        map_mismatch_range_m=of_map.range_m,
        gravity_walk_m_s_per_sqrt_s=gravity_walk_m_s_per_sqrt_s,
        map_mismatch_m=of_map.sigma_m,
        map_mismatch_length_m=of_map.independent_m,
        map_bend_factor=of_map.bend_factor,
        map_steady_m=belief.map_steady_m(rows),
        waves_m=waves.sigma_m,
        waves_length_m=waves.length_m,
        waves_independent_m=waves.independent_m,
        map_correlation_length_m=of_map.alike_m,
        relief_m=of_map.relief.sigma_m,
        relief_length_m=of_map.relief.length_m,
        gate_factor=GATE_FACTOR,
    )


def _plan(
    mission: Mission,
    surveyed: Survey,
    course: Course,
    transfer: Transfer,
    start_mass_kg: float,
) -> Plan:
    """The course in the site's axes; the burn is centred on its impulse."""
    burn_s = deorbit_burn_s(mission, transfer, start_mass_kg)
    descent, engine = mission.descent, in_orbit_burn(mission)
    ahead, up = np.asarray(surveyed.downrange_site), np.array([0.0, 0.0, 1.0])

    def at_site(planar: Sequence[float]) -> Float[np.ndarray, "3"]:
        return planar[0] * ahead + planar[1] * up

    return of_numbers(
        Plan,
        deorbit_time_s=transfer.deorbit_time_s - 0.5 * burn_s,
        deorbit_velocity_inertial_m_s=transfer.deorbit_velocity_m_s,
        deorbit_throttle=deorbit_throttle(mission),
        deorbit_tail_s=engine.lag_s + 0.5 * CLOCK_S,
        # The course counts range along the sphere of the maps, flight software along the aim's.
        ignition_range_m=course.ignition_range_m
        * (1.0 + surveyed.believed_height_m / MOON_RADIUS_M),
        gate_site_m=at_site(course.gate_m),
        gate_velocity_site_m_s=at_site(course.gate_velocity_m_s),
        gate_deceleration_m_s2=course.gate_deceleration_m_s2,
        freeze_time_s=FREEZE_TIME_S,
        low_gate_height_m=descent.low_gate_height_m,
        descent_rate_m_s=descent.descent_rate_m_s,
        final_descent_rate_m_s=descent.final_descent_rate_m_s,
        final_height_m=descent.final_height_m,
    )
