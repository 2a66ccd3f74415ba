"""What the flight software is told: where the designer's lander becomes its belief."""

from dataclasses import dataclass

import jax
import numpy as np

from perilune.design import belief
from perilune.design.build_phases import phase_table
from perilune.design.build_sensors import believed_sensors, first_covariance, worst
from perilune.design.engine_axes import engine_axes
from perilune.design.flight_plan import NominalStart
from perilune.design.nozzle_allocation import nozzle_tables
from perilune.design.survey import HEAVY_TAIL_FACTOR, NEARBY_TAIL_FACTOR, map_error
from perilune.interfaces.clock import CLOCK_S
from perilune.mechanics.constants import MOON_RADIUS_M
from perilune.mechanics.rotation import from_matrix
from perilune.mission.propulsion import propulsion_of
from perilune.onboard.navigation.sight import Craft
from perilune.onboard.upload import (
    Chart,
    ControlSettings,
    FilterSettings,
    Plan,
    Upload,
    VehicleBelief,
)
from perilune.truth.vehicle.mass_properties import mass_properties
from perilune.truth.vehicle.vehicle import Vehicle

TYPICAL_BRAKING_M_S2 = 3.0
GATE_FACTOR = 4.0
FREEZE_TIME_S = 40.0


@dataclass(frozen=True)
class Believed:
    """The nominal lander and start, and how unsure of them the filter is to be."""

    vehicle: Vehicle
    nominal_start: NominalStart
    propellant_kg: float
    covariance: np.ndarray  # (9, 9) position, velocity, attitude at the start, inertial
    rows: list  # of `mission.distributions.Row`


_quaternion, _properties = jax.jit(from_matrix), jax.jit(mass_properties)


def build_upload(mission, surveyed, sky, planned, believed):
    """Assemble the upload from the design's own figures.

    `planned` is (course, `Tracked`), `believed` a `Believed`.
    """
    lander, (course, tracked) = mission.lander, planned
    control, start_kg = (
        lander.control,
        mission.masses.separation_kg * believed.nominal_start.kept_fraction,
    )
    craft = _craft(lander, believed, surveyed.downrange_site)
    return Upload(
        chart=_chart(surveyed, sky),
        vehicle=believed_vehicle(lander, believed.vehicle, start_kg, believed.propellant_kg),
        sensors=believed_sensors(lander, believed.rows, craft),
        filter=_filter(
            mission,
            believed,
            (tracked.gravity_walk_m_s_per_sqrt_s, map_error(surveyed)),
            craft,
        ),
        plan=_plan(
            mission,
            (course, tracked.transfer),
            (surveyed.downrange_site, surveyed.believed_height_m),
            start_kg,
        ),
        phases=phase_table(mission.descent.phases),
        control=ControlSettings(
            control.attitude_frequency_rad_s,
            control.damping_factor,
            control.rate_limit_rad_s,
            control.coast_deadband_rad,
        ),
    )


def _chart(surveyed, sky):
    """Where things are believed to be: the aim point stands on the believed ground."""
    height_m = surveyed.believed_height_m
    return Chart(
        sky.pa_from_inertial,
        sky.fixed_from_pa,
        _quaternion(surveyed.site_from_fixed),
        (MOON_RADIUS_M + height_m) * surveyed.aim_fixed,
        height_m,
        surveyed.track_normal_fixed,
        surveyed.downrange_site,
        surveyed.onboard_gravity,
        surveyed.onboard_map,
    )


def believed_vehicle(lander, vehicle, start_mass_kg, propellant_kg):
    """What the flight software knows of a lander; `vehicle` is truth's, with nothing drawn."""
    full = _properties(vehicle.mass, _loads_kg(lander, propellant_kg))
    empty = _properties(vehicle.mass, _loads_kg(lander, 0.0))
    tables = nozzle_tables(vehicle.nozzles, empty.center_body_m)
    nozzles = vehicle.nozzles
    return VehicleBelief(
        start_mass_kg=start_mass_kg,
        empty_mass_kg=empty.mass_kg,
        full_mass_kg=full.mass_kg,
        full_inertia_kg_m2=full.inertia_kg_m2,
        empty_inertia_kg_m2=empty.inertia_kg_m2,
        full_center_body_m=full.center_body_m,
        empty_center_body_m=empty.center_body_m,
        **_engines(propulsion_of(lander), vehicle.engines, empty.center_body_m, tables),
        nozzle_torque_n_m=tables.torque_n_m,
        nozzle_lift_n=nozzles.force_n[:, 2],
        multiplier_per_torque=tables.multiplier_per_torque,
        nozzle_per_axis=tables.per_axis,
        min_pulse_s=nozzles.min_pulse_s,
        foot_below_center_m=_landing_center_m(lander, vehicle)[2],
    )


def _engines(together, engines, center_body_m, tables):
    """The engines' part of the `VehicleBelief`."""
    full_n = np.asarray(engines.max_thrust_n)
    floor = np.asarray(engines.min_thrust_n) / full_n
    turned, throttled = engine_axes(engines, center_body_m, tables.authority_n_m())
    return {
        "max_thrust_n": together.max_thrust_n,
        "min_thrust_n": together.min_thrust_n,
        "specific_impulse_s": together.specific_impulse_s,
        "engine_fraction": full_n / together.max_thrust_n,
        "engine_floor_factor": floor / (together.min_thrust_n / together.max_thrust_n),
        "engine_position_body_m": engines.position_body_m,
        "engine_from_mount": engines.body_from_mount,
        "gimbal_limit_rad": engines.gimbal_limit_rad,
        "engine_axis_factor": turned,
        "throttle_axis_factor": throttled,
    }


def _loads_kg(lander, propellant_kg):
    """What is in each tank, then the cold gas, (T + 1,)."""
    shares = [tank.propellant_fraction * propellant_kg for tank in lander.tanks]
    return np.array([*shares, lander.mass.cold_gas_kg])


def _landing_center_m(lander, vehicle):
    """Centre of mass with a tenth of the dry mass left as propellant, as a landing leaves it."""
    left_kg = 0.1 * float(vehicle.mass.dry_kg)
    loads_kg = _loads_kg(lander, left_kg)
    return np.asarray(_properties(vehicle.mass, loads_kg).center_body_m)


def _craft(lander, believed, downrange_site):
    """What the onboard models of sensors are told of the lander they are on."""
    return Craft(
        landing_center_m=_landing_center_m(lander, believed.vehicle),
        angle_walk_rad_per_sqrt_s=worst(lander, "angle_random_walk_rad_per_sqrt_s"),
        frames_s=belief.STAR_FRAMES_S,
        braking_m_s2=TYPICAL_BRAKING_M_S2,
        map_lie_m2=belief.map_lie_m2(believed.rows, downrange_site),
    )


def _filter(mission, believed, errors, craft):
    """Filter settings; `errors` are (gravity's, the map's)."""
    lander, rows, nominal_start = mission.lander, believed.rows, believed.nominal_start
    gravity_walk, (map_range_m, map_m, map_lengths_m) = errors
    return FilterSettings(
        nominal_start.start_position_inertial_m,
        nominal_start.start_velocity_inertial_m_s,
        nominal_start.start_inertial_from_body,
        first_covariance(lander, rows, craft, believed.covariance, map_m[-1]),
        worst(lander, "angle_random_walk_rad_per_sqrt_s"),
        worst(lander, "velocity_random_walk_m_s_per_sqrt_s"),
        map_range_m,
        gravity_walk,
        map_m,
        map_lengths_m[0],
        belief.map_steady_m(rows),
        map_lengths_m[1],
        NEARBY_TAIL_FACTOR / HEAVY_TAIL_FACTOR,
        GATE_FACTOR,
    )


def deorbit_burn_s(mission, transfer, start_mass_kg):
    """How long the descent-orbit burn lasts at the engine's floor, where the mass hardly falls."""
    thrust_n = propulsion_of(mission.lander).min_thrust_n
    return float(np.linalg.norm(transfer.deorbit_velocity_m_s)) * start_mass_kg / thrust_n


def _plan(mission, planned, site, start_mass_kg):
    """The course in the site's axes; the burn at the engine's floor is centred on its impulse."""
    (course, transfer), (downrange_site, aim_height_m) = planned, site
    burn_s = deorbit_burn_s(mission, transfer, start_mass_kg)
    descent, engine = mission.descent, propulsion_of(mission.lander)
    ahead, up = np.asarray(downrange_site), np.array([0.0, 0.0, 1.0])

    def at_site(planar):
        return planar[0] * ahead + planar[1] * up

    return Plan(
        deorbit_time_s=transfer.deorbit_time_s - 0.5 * burn_s,
        deorbit_velocity_inertial_m_s=transfer.deorbit_velocity_m_s,
        deorbit_throttle=engine.min_thrust_n / engine.max_thrust_n,
        deorbit_tail_s=engine.lag_s + 0.5 * CLOCK_S,
        # The course counts range along the sphere of the maps, flight software along the aim's.
        ignition_range_m=course.ignition_range_m * (1.0 + aim_height_m / MOON_RADIUS_M),
        gate_site_m=at_site(course.gate_m),
        gate_velocity_site_m_s=at_site(course.gate_velocity_m_s),
        gate_deceleration_m_s2=course.gate_deceleration_m_s2,
        freeze_time_s=FREEZE_TIME_S,
        low_gate_height_m=descent.low_gate_height_m,
        descent_rate_m_s=descent.descent_rate_m_s,
        final_descent_rate_m_s=descent.final_descent_rate_m_s,
        final_height_m=descent.final_height_m,
    )
