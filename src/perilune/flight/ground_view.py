"""The true ground below the vehicle, as sensors and footpads meet it."""

import dataclasses

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, Key, UInt32

from perilune.design.flight_plan import FlightPlan
from perilune.mechanics.derivatives import length
from perilune.mechanics.rotation import conjugate, rotate
from perilune.truth.dynamics.ground_plane import Ground as GroundPlanes
from perilune.truth.dynamics.state import TrueState
from perilune.truth.dynamics.stop_faces import Stops
from perilune.truth.environment import terrain
from perilune.truth.environment.ephemeris import (
    fixed_from_inertial,
    spin_inertial_rad_s,
    sun_position_m,
)
from perilune.truth.environment.lighting import lighting_below
from perilune.truth.environment.rocks import NEAREST_COUNT
from perilune.truth.environment.roughness import rms_slope
from perilune.truth.environment.terrain import Terrain
from perilune.truth.sensors.scene import Ground

BEAM_FOOTPRINT_M = 1.0
BEAM_DETAIL_FRACTION = 0.02
"""Of the distance: what is finer is left out, which moves a range by a quarter of its noise."""
PAD_FOOTPRINT_M = 0.5
ROCK_HEIGHT_FACTOR = 0.5
"""Height of a rock over its diameter (Di et al., Earth Moon Planets 119, 2016)."""
ABSENT_M = 1_000.0
"""How far off a rock stands that is not there."""


def ground_below(
    plan: FlightPlan, key: Key[Array, ""], state: TrueState, time_s: Float[Array, ""]
) -> Ground:
    """What sensors see of the Moon below the vehicle."""
    world, surface_key = plan.world, jax.random.key_data(key)
    fixed = fixed_from_inertial(world.sky, time_s)
    here_m = rotate(fixed, state.position_inertial_m)

    def below(place_m: Float[Array, "3"]) -> tuple[Float[Array, ""], Float[Array, "3"]]:
        away_m = length(place_m - here_m)
        detail_m = jnp.maximum(BEAM_FOOTPRINT_M, BEAM_DETAIL_FRACTION * away_m)
        return terrain.clearance_and_normal(world.terrain, place_m, surface_key, detail_m)

    height_m, normal_fixed = terrain.clearance_and_normal(
        world.terrain, here_m, surface_key, BEAM_FOOTPRINT_M
    )
    lower_m = height_m - terrain.over_map_m(world.terrain, here_m)
    return Ground(
        fixed_from_inertial=fixed,
        spin_fixed_rad_s=rotate(fixed, spin_inertial_rad_s(world.sky, time_s)),
        here_fixed_m=here_m,
        on_map_fixed_m=terrain.place_on_map_m(world.terrain, here_m),
        height_m=height_m,
        normal_fixed=normal_fixed,
        track_normal_fixed=world.track_normal_fixed,
        over_m=lambda place_m, detail_m: terrain.clearance_m(
            world.terrain, place_m, surface_key, detail_m
        ),
        rough_slope=lambda size_m: rms_slope(world.terrain.surface.roughness, size_m),
        over_map_m=lambda place_m: terrain.over_map_m(world.terrain, place_m) + lower_m,
        below=below,
        lighting=lambda: lighting_below(
            world.light, rotate(fixed, sun_position_m(world.sky, time_s)), here_m, world.aim_fixed_m
        ),
    )


def stops_near(
    ground: Terrain,
    of_site: Stops | None,
    surface_key: UInt32[Array, "2"],
    place_fixed_m: Float[Array, "3"],
) -> Stops:
    """The stops of a site and the rocks nearest to a place, Moon-fixed."""
    near, (east, north) = terrain.rocks_at(ground, place_fixed_m, surface_key)
    there = near.diameter_m > 0.0
    radius_m = jnp.where(there, 0.5 * near.diameter_m, 1.0)
    east_m = jnp.where(there, near.offset_m[:, 0], ABSENT_M) + radius_m
    rocks = Stops(
        point_m=place_fixed_m + east_m[:, None] * east + near.offset_m[:, 1:] * north,
        out_direction=jnp.broadcast_to(east, (len(radius_m), 3)),
        curvature_per_m=1.0 / radius_m,
        height_m=ROCK_HEIGHT_FACTOR * near.diameter_m,
    )
    if of_site is None:
        return rocks
    return jax.tree.map(lambda *both: jnp.concatenate(both), of_site, rocks)


def all_stops(plan: FlightPlan, key: Key[Array, ""], place_fixed_m: Float[Array, "3"]) -> Stops:
    """The stops of a flight's site and the rocks of its run nearest to a place, Moon-fixed."""
    world = plan.world
    return stops_near(world.terrain, world.stops, jax.random.key_data(key), place_fixed_m)


def stop_count(plan: FlightPlan) -> int:
    """How many stops a ground can have at once, of the site and of the surface."""
    of_site = plan.world.stops
    return NEAREST_COUNT + (0 if of_site is None else len(of_site.height_m))


def with_stops(
    plan: FlightPlan, stops: Stops, ground: GroundPlanes, time_s: Float[Array, ""]
) -> GroundPlanes:
    """The ground with Moon-fixed stops on it, inertial, each set onto the mean of the planes.

    A stop is a face square to the ground, of which only the place along the ground matters.
    """
    inertial = conjugate(fixed_from_inertial(plan.world.sky, time_s))[None]
    point_m, way = rotate(inertial, stops.point_m), rotate(inertial, stops.out_direction)
    foot_m, normal = jnp.mean(ground.point_m, axis=0), jnp.mean(ground.normal, axis=0)
    up = foot_m / jnp.linalg.norm(foot_m)
    rise_m = jnp.sum((foot_m - point_m) * normal, axis=-1) / jnp.sum(up * normal)
    point_m = point_m + rise_m[:, None] * up
    return dataclasses.replace(
        ground, stops=dataclasses.replace(stops, point_m=point_m, out_direction=way)
    )


def ground_planes(
    plan: FlightPlan,
    key: Key[Array, ""],
    places_inertial_m: Float[Array, "n 3"],
    pivot_inertial_m: Float[Array, "3"],
    time_s: Float[Array, ""],
) -> tuple[Float[Array, " n"], Float[Array, "n 3"]]:
    """Clearance, m, and unit normal, inertial, of the ground under some places.

    It tilts about `pivot_inertial_m`.
    """
    fixed, surface_key = fixed_from_inertial(plan.world.sky, time_s), jax.random.key_data(key)
    places = rotate(fixed[None], places_inertial_m)

    def one(place: Float[Array, "3"]) -> tuple[Float[Array, ""], Float[Array, "3"]]:
        return terrain.clearance_and_normal(plan.world.terrain, place, surface_key, PAD_FOOTPRINT_M)

    clearance, normal = jax.lax.map(one, places)
    arms = places - rotate(fixed, pivot_inertial_m)
    clearance, normal = terrain.tilted(clearance, normal, arms, plan.world.slope_fixed_fraction)
    return clearance, rotate(conjugate(fixed)[None], normal)
