"""Truth built from the numbers of a flight: at design time once, and again for each flight's draw.

Everything here works on arrays and traced values alike; nothing is linearised.
"""

import dataclasses
from dataclasses import KW_ONLY

import equinox as eqx
import jax.numpy as jnp
from jaxtyping import Array, Float

from perilune.design.build_contact import engine_units
from perilune.design.build_lander import build_vehicle, slosh_of, tank_loads_kg
from perilune.design.build_sensors import build_faults, build_sensors
from perilune.design.build_stops import build_stops
from perilune.design.build_surface import build_rocks, build_surface
from perilune.design.flight_plan import FaultsOf, Fitted, FlightPlan, NominalStart
from perilune.design.typed_arrays import Tables
from perilune.mechanics.rotation import from_rotation_vector, multiply
from perilune.truth.dynamics.state import TrueState, slosh_at_rest
from perilune.truth.dynamics.stop_faces import Stops
from perilune.truth.environment.map_warp import MapWarp
from perilune.truth.environment.rocks import Rocks
from perilune.truth.environment.surface import Surface
from perilune.truth.vehicle.vehicle import Vehicle


class WorldErrors(eqx.Module):
    """What of the world differs from map and field."""

    _: KW_ONLY
    aim_fixed_m: Float[Array, "3"]  # on the true ground
    turn_fixed_rad: Float[Array, "3"]  # of the true ground against the map
    heights_turn_fixed_rad: Float[Array, "3"]  # against the map's heights
    rise_m: Float[Array, ""]
    warp: MapWarp
    slope_fixed_fraction: Float[Array, "3"]
    left_out_m_s2: Float[Array, "3"]
    stops: Stops | None
    surface: Surface
    rocks: Rocks


class Truth(eqx.Module):
    """All of truth that a draw can change."""

    vehicle: Vehicle
    sensors: dict[str, Fitted]
    faults: FaultsOf
    start: TrueState
    ground: WorldErrors


def build_truth(numbers: Tables, nominal_start: NominalStart) -> Truth:
    """`Truth` of a tree of numbers; `nominal_start` says what the numbers leave out."""
    return Truth(
        build_vehicle(numbers.lander, numbers.layout, numbers.errors, numbers.site.soil),
        build_sensors(numbers),
        build_faults(numbers),
        build_start(numbers, nominal_start),
        _ground(numbers, nominal_start),
    )


def put_truth(plan: FlightPlan, truth: Truth) -> FlightPlan:
    """The plan with this truth in it; its upload stays."""
    ground, world = truth.ground, plan.world
    moved = dataclasses.replace(
        world,
        terrain=dataclasses.replace(
            world.terrain,
            turn_fixed_rad=ground.turn_fixed_rad,
            heights_turn_fixed_rad=ground.heights_turn_fixed_rad,
            rise_m=ground.rise_m,
            warp=ground.warp,
            surface=ground.surface,
            rocks=ground.rocks,
        ),
        aim_fixed_m=ground.aim_fixed_m,
        slope_fixed_fraction=ground.slope_fixed_fraction,
        left_out_m_s2=ground.left_out_m_s2,
        stops=ground.stops,
    )
    return dataclasses.replace(
        plan,
        world=moved,
        vehicle=truth.vehicle,
        sensors=truth.sensors,
        faults=truth.faults,
        start=truth.start,
    )


def build_start(numbers: Tables, nominal_start: NominalStart) -> TrueState:
    """The flight's true start: believed place and attitude, moved by the start's errors.

    The whole vehicle's mass at separation, less what was burnt before the flight, leaves as
    propellant what is neither dry mass, payload nor cold gas.
    """
    off, mass = numbers.start, numbers.lander.mass
    engine_count = len(engine_units(numbers.lander))
    axes = local_axes(nominal_start)
    place_m = jnp.stack([off.along_track_m, off.cross_track_m, off.radial_m])
    speed_m_s = jnp.stack(
        [off.along_track_speed_m_s, off.cross_track_speed_m_s, off.radial_speed_m_s]
    )
    start_kg = nominal_start.kept_fraction * numbers.masses.separation_kg
    propellant_kg = start_kg - mass.dry_kg - mass.payload_kg - mass.cold_gas_kg
    turn = from_rotation_vector(off.attitude_rad @ axes)
    none = jnp.zeros(3)
    return TrueState(
        position_inertial_m=nominal_start.start_position_inertial_m + place_m @ axes,
        velocity_inertial_m_s=nominal_start.start_velocity_inertial_m_s + speed_m_s @ axes,
        inertial_from_body=multiply(turn, nominal_start.start_inertial_from_body),
        rate_body_rad_s=none,
        tank_kg=tank_loads_kg(numbers.lander, jnp.maximum(propellant_kg, 0.0)),
        thrust_n=jnp.zeros(engine_count),
        gimbal_rad=jnp.zeros((engine_count, 2)),
        sensed_velocity_body_m_s=none,
        sensed_rotation_body_rad=none,
        slosh=slosh_at_rest(slosh_of(numbers.lander)),
    )


def local_axes(nominal_start: NominalStart) -> Float[Array, "3 3"]:
    """Along track, cross track and up at the start, rows of a (3, 3) matrix, inertial."""
    place, normal = nominal_start.start_position_inertial_m, nominal_start.orbit_normal_inertial
    up = place / jnp.linalg.norm(place)
    return jnp.stack([jnp.cross(normal, up), normal, up])


def _ground(numbers: Tables, nominal_start: NominalStart) -> WorldErrors:
    """The map's error at the site as a turn of the whole ground about the Moon's centre."""
    errors = numbers.errors
    east, north, up = nominal_start.site_from_fixed
    aim_m = jnp.linalg.norm(nominal_start.aim_fixed_m)
    aside_m = errors.map.east_m * east + errors.map.north_m * north
    apart_m = errors.map.heights_east_m * east + errors.map.heights_north_m * north
    slope = errors.ground.slope_fraction[0] * east + errors.ground.slope_fraction[1] * north
    aim_fixed_m = nominal_start.aim_fixed_m + aside_m + errors.map.height_m * up
    return WorldErrors(
        aim_fixed_m=aim_fixed_m,
        turn_fixed_rad=jnp.cross(up, aside_m) / aim_m,
        heights_turn_fixed_rad=jnp.cross(up, aside_m + apart_m) / aim_m,
        rise_m=errors.map.height_m,
        warp=MapWarp(waves_m=errors.map.waves_m, step_m=errors.map.step_m),
        slope_fixed_fraction=slope,
        left_out_m_s2=errors.gravity.left_out_m_s2,
        stops=build_stops(numbers.site.stops, aim_fixed_m, nominal_start.site_from_fixed),
        surface=build_surface(numbers.site.surface, nominal_start.largest_relief_m),
        rocks=build_rocks(numbers.site.surface, nominal_start.largest_relief_m),
    )
