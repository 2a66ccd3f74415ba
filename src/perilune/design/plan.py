"""From a mission to its flight plan: when, from where, along which course, believing what."""

import dataclasses
import math
from dataclasses import dataclass

import jax
import jax.numpy as jnp
import numpy as np

from perilune.design import upload as uploads
from perilune.design.course import Course, Start, find_course
from perilune.design.data import gravity_fields, terrain_sources
from perilune.design.flight_plan import Endings, FlightPlan, Spread, World
from perilune.design.lander import build_sensors, build_vehicle
from perilune.design.orbit import (
    MOON_RADIUS_M,
    Transfer,
    find_transfer,
    half_revolution_s,
    perilune_speed_m_s,
    polar_approach,
)
from perilune.errors import InputError
from perilune.mechanics.map_belief import build_onboard_map, map_mismatch, mismatch_profile
from perilune.mechanics.map_building import heights_on_plane
from perilune.mechanics.projection import direction_from_angles, site_from_fixed_matrix
from perilune.mechanics.rotation import cross, from_matrix
from perilune.mechanics.time import Epoch, after, epoch_from_utc
from perilune.mission.fault import combine
from perilune.onboard.control.attitude import attitude_from_axes
from perilune.truth.faults.faults import Faults
from perilune.truth.motion.state import TrueState
from perilune.truth.world.ephemeris import tabulate
from perilune.truth.world.terrain import TerrainReport, build_terrain

STANDARD_GRAVITY_M_S2 = 9.80665
ONBOARD_POSTING_M = 1_000.0
HEAVY_TAIL_FACTOR = 1.5
"""Map differences have tails far beyond a Gaussian's (five sigma within any 100 km of track)."""
SPARE_S = 900.0
"""How much longer than planned the tables of the sky reach."""


@dataclass(frozen=True)
class Design:
    """A flight plan with what a reader wants to know of how it came about."""

    plan: FlightPlan
    epoch: Epoch
    course: Course
    transfer: Transfer
    terrain: TerrainReport
    planned_landing_s: float
    gravity_name: str


def plan(mission):
    """The nominal `FlightPlan` of a mission; see `design` for how it came about."""
    return design(mission).plan


def design(mission):
    """Find orbit, burn, ignition and course for a mission; InputError where none exists.

    The order: masses by the rocket equation; ground along the meridian; braking course in the
    plane; times back from the landing; orbit back from ignition; upload.
    """
    lander, site = mission.lander, mission.site
    start_mass_kg, propellant_kg = masses(mission)
    fields, gravity_name = gravity_fields(mission.world)
    azimuth_rad = math.pi if mission.orbit.approach == "southbound" else 0.0
    sources = terrain_sources(site)
    terrain, report = build_terrain(site, azimuth_rad, sources)
    course = _course(mission, start_mass_kg, float(fields[0].gm_m3_s2), terrain, azimuth_rad)
    coast_s = half_revolution_s(
        float(fields[0].gm_m3_s2),
        MOON_RADIUS_M + mission.descent.ignition_altitude_m,
        MOON_RADIUS_M + mission.orbit.altitude_m,
    )
    ignition_s = mission.descent.lead_time_s + coast_s
    landing_s = ignition_s + course.braking_time_s + _after_gate_s(mission.descent)
    epoch = after(epoch_from_utc(_zulu(mission.landing_utc)), -landing_s)
    sky = tabulate(epoch, landing_s + SPARE_S)
    direction = direction_from_angles(site.latitude_rad, site.longitude_rad)
    approach = polar_approach(sky, landing_s, direction, mission.orbit.approach)
    ignition = (ignition_s, course.ignition_range_m, mission.descent.ignition_altitude_m)
    transfer = find_transfer(
        fields, sky, approach, ignition, mission.orbit.altitude_m, mission.descent.lead_time_s
    )
    vehicle = build_vehicle(lander)
    start = _start_state(transfer, propellant_kg, lander.mass.cold_gas_kg)
    height_m = report.site_height_m
    axes = site_from_fixed_matrix(site.latitude_rad, site.longitude_rad)
    downrange_site = np.array([math.sin(azimuth_rad), math.cos(azimuth_rad), 0.0])
    track_normal = np.asarray(direction_cross(direction, axes.T @ downrange_site))
    onboard_map = build_onboard_map(site, azimuth_rad, sources, ONBOARD_POSTING_M)
    believed_m = float(heights_on_plane(onboard_map, np.zeros((1, 2)))[0])
    chart = uploads.build_chart(
        sky,
        from_matrix(jnp.asarray(axes)),
        ((MOON_RADIUS_M + believed_m) * direction, believed_m),
        (track_normal, downrange_site),
        (fields[1], onboard_map),
    )
    start_sigma = _start_sigma(transfer, mission.navigation)
    mismatch = _mismatch(mission, transfer, terrain, onboard_map, azimuth_rad)
    upload = uploads.build_upload(
        lander,
        chart,
        (vehicle, start_mass_kg, propellant_kg),
        uploads.build_filter(mission, start, start_sigma, mismatch),
        uploads.build_plan(mission, course, transfer, downrange_site, start_mass_kg),
    )
    flight_plan = FlightPlan(
        World(
            fields[0],
            sky,
            terrain,
            jnp.asarray((MOON_RADIUS_M + height_m) * direction),
            jnp.asarray(track_normal),
        ),
        vehicle,
        build_sensors(lander),
        _faults(mission),
        start,
        upload,
        _endings(lander, vehicle),
        _spread(mission, start_sigma),
    )
    return Design(_strongly_typed(flight_plan), epoch, course, transfer, report, landing_s, gravity_name)


def _strongly_typed(flight_plan):
    """The same numbers, each of a fixed type, so that every mission runs the same compiled flight."""
    return jax.tree.map(lambda leaf: jnp.asarray(leaf, jnp.asarray(leaf).dtype), flight_plan)


def direction_cross(first, second):
    """Unit vector across two directions."""
    normal = np.cross(first, second)
    return normal / np.linalg.norm(normal)


def masses(mission):
    """Mass and propellant, kg, at the flight's start, by the rocket equation from separation."""
    spent_m_s = mission.masses.corrections_m_s + mission.masses.insertion_m_s
    exhaust_m_s = mission.lander.engine.specific_impulse_s * STANDARD_GRAVITY_M_S2
    start_kg = mission.masses.separation_kg * math.exp(-spent_m_s / exhaust_m_s)
    mass = mission.lander.mass
    propellant_kg = start_kg - mass.dry_kg - mass.payload_kg - mass.cold_gas_kg
    if propellant_kg <= 0.0:
        raise InputError(
            f"{mission.name}: propellant must be left for the descent, but {start_kg:.0f} kg at the "
            f"start leave {propellant_kg:.0f} kg; raise `masses.separation` or lighten "
            "`lander.mass.dry` or `lander.mass.payload`."
        )
    return start_kg, propellant_kg


def _zulu(text):
    return text if text.endswith("Z") else text + "Z"


def _course(mission, start_mass_kg, gm_m3_s2, terrain, azimuth_rad):
    descent, engine = mission.descent, mission.lander.engine
    low_m = MOON_RADIUS_M + descent.ignition_altitude_m
    high_m = MOON_RADIUS_M + mission.orbit.altitude_m
    circular = math.sqrt(gm_m3_s2 / high_m)
    burn_m_s = circular - perilune_speed_m_s(gm_m3_s2, low_m, high_m) * low_m / high_m
    exhaust_m_s = engine.specific_impulse_s * STANDARD_GRAVITY_M_S2
    along_m = np.arange(-10_000.0, 700_000.0, 500.0)
    behind = 2.0 * MOON_RADIUS_M * np.tan(-0.5 * along_m / MOON_RADIUS_M)
    plane_m = behind[:, None] * np.array([math.sin(azimuth_rad), math.cos(azimuth_rad)])
    heights_m = heights_on_plane(terrain.map, plane_m)
    start = Start(
        start_mass_kg * math.exp(-burn_m_s / exhaust_m_s),
        perilune_speed_m_s(gm_m3_s2, low_m, high_m),
        descent.ignition_altitude_m,
        gm_m3_s2,
        float(np.interp(0.0, along_m, heights_m)),
    )
    return find_course(start, engine, descent, lambda m: np.interp(m, along_m, heights_m))


def _after_gate_s(descent):
    """Planned time from the gate to the ground."""
    drop_m = descent.gate_height_m - descent.low_gate_height_m
    approach_s = 2.0 * drop_m / (descent.gate_descent_rate_m_s + descent.descent_rate_m_s)
    slow_m = descent.low_gate_height_m - descent.final_height_m
    final_s = descent.final_height_m / descent.final_descent_rate_m_s
    return approach_s + slow_m / descent.descent_rate_m_s + final_s


def _start_state(transfer, propellant_kg, cold_gas_kg):
    place, speed = jnp.asarray(transfer.start_position_m), jnp.asarray(transfer.start_velocity_m_s)
    side = -cross(place, speed)
    axis = jnp.asarray(transfer.deorbit_velocity_m_s)
    return TrueState(
        place,
        speed,
        attitude_from_axes(axis, side / jnp.linalg.norm(side)),
        jnp.zeros(3),
        jnp.asarray(propellant_kg),
        jnp.asarray(cold_gas_kg),
        jnp.asarray(0.0),
        jnp.zeros(2),
        jnp.zeros(3),
        jnp.zeros(3),
    )


def _start_sigma(transfer, navigation):
    """Square root of the start's covariance, (6, 6), from along, cross and radial sigmas."""
    up = transfer.start_position_m / np.linalg.norm(transfer.start_position_m)
    normal = direction_cross(transfer.start_position_m, transfer.start_velocity_m_s)
    axes = np.stack([np.cross(normal, up), normal, up], axis=-1)
    place = [navigation.along_track_m, navigation.cross_track_m, navigation.radial_m]
    speed = [
        navigation.along_track_speed_m_s,
        navigation.cross_track_speed_m_s,
        navigation.radial_speed_m_s,
    ]
    sigma = np.zeros((6, 6))
    sigma[:3, :3], sigma[3:, 3:] = axes * place, axes * speed
    return sigma


def _mismatch(mission, transfer, terrain, onboard_map, azimuth_rad):
    """What the filter is told of its own models: gravity (m/s2, s) and map (m, m)."""
    apart = map_mismatch(terrain.map, onboard_map, azimuth_rad)
    ranges_m, sigmas_m = mismatch_profile(terrain.map, onboard_map, azimuth_rad)
    next_degree = mission.world.onboard_gravity_degree + 1
    correlation_s = MOON_RADIUS_M / (next_degree * transfer.ignition_speed_m_s)
    length_m = max(apart.correlation_length_m, ONBOARD_POSTING_M)
    told_m = HEAVY_TAIL_FACTOR * sigmas_m
    return transfer.gravity_mismatch_m_s2, correlation_s, (ranges_m, told_m), length_m


def _faults(mission):
    effects = combine(mission.faults.values())
    altimeter = mission.lander.altimeter

    def time_s(value):
        return math.inf if value is None else value

    return Faults(
        *map(
            jnp.asarray,
            (
                time_s(effects.altimeter_lost_after_s),
                effects.altimeter_noise_factor,
                altimeter.noise_m,
                altimeter.noise_fraction,
                time_s(effects.velocimeter_lost_after_s),
            ),
        )
    )


def _endings(lander, vehicle):
    center = np.asarray(lander.mass.dry_center_of_mass_m)
    reach_m = np.max(np.linalg.norm(np.asarray(vehicle.contact.position_body_m) - center, axis=-1))
    return Endings(
        jnp.asarray(lander.limits.crash_speed_m_s),
        jnp.asarray(lander.limits.tip_over_tilt_rad),
        jnp.asarray(reach_m + 0.5),
    )


def _spread(mission, start_sigma):
    sigma = {each.path: each.sigma_fraction for each in mission.dispersions}
    imu = mission.lander.imu
    return Spread(
        *map(
            jnp.asarray,
            (
                start_sigma,
                mission.navigation.attitude_rad,
                sigma.get("lander.engine.max_thrust", 0.0),
                sigma.get("lander.engine.specific_impulse", 0.0),
                sigma.get("lander.mass.dry", 0.0),
                imu.gyro_bias_rad_s,
                imu.gyro_scale_fraction,
                imu.gyro_misalignment_rad,
                imu.accelerometer_bias_m_s2,
                imu.accelerometer_scale_fraction,
                imu.accelerometer_misalignment_rad,
                mission.lander.velocimeter.bias_m_s,
                mission.lander.camera.bias_m,
                1.0,
            ),
        )
    )


def nominal(flight_plan):
    """The same plan with every draw switched off: no spread, no noise, no dropouts."""
    nothing = dataclasses.replace(
        flight_plan.spread,
        **{
            field.name: 0.0 * getattr(flight_plan.spread, field.name)
            for field in dataclasses.fields(Spread)
        },
    )
    return dataclasses.replace(flight_plan, spread=nothing)
