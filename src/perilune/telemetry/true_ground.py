"""Clearances over the true ground of a run, and its normals, at many places at once."""

import dataclasses
from typing import Any

import jax
import numpy as np
from jaxtyping import Float

from perilune.design.flight_plan import FlightPlan
from perilune.flight.ground_view import stops_near
from perilune.mechanics.array_types import AnyArray
from perilune.telemetry.samples import DrawnGround
from perilune.truth.environment import terrain
from perilune.truth.environment.terrain import Terrain

CHUNK = 4_096
"""Places of one call of the compiled law, so that it is compiled once."""


def clearances_and_normals(
    plan: FlightPlan,
    ground: DrawnGround,
    place_fixed_m: Float[AnyArray, "... 3"],
    footprint_m: float,
) -> tuple[Float[np.ndarray, "..."], Float[np.ndarray, "... 3"]]:
    """As `terrain.clearance_and_normal` of the ground as it was drawn, MOON_ME."""
    drawn = _terrain(plan, ground)
    places_m = np.asarray(place_fixed_m).reshape(-1, 3)
    count = len(places_m)
    padded_m = np.resize(places_m, (-(-max(count, 1) // CHUNK) * CHUNK, 3))
    found = [
        _many(drawn, ground.surface_key, chunk_m, footprint_m)
        for chunk_m in padded_m.reshape(-1, CHUNK, 3)
    ]
    clear_m, normal = (np.concatenate(each)[:count] for each in zip(*found, strict=True))
    shape = np.shape(place_fixed_m)
    return clear_m.reshape(shape[:-1]), normal.reshape(shape)


def stop_heights_m(
    plan: FlightPlan, ground: DrawnGround, place_fixed_m: Float[AnyArray, "3"]
) -> Float[np.ndarray, " S"]:
    """Of the stops of the site, then of the rocks nearest to where contact began."""
    drawn = _terrain(plan, ground)
    return np.asarray(_stops(drawn, ground.stops, ground.surface_key, place_fixed_m).height_m)


def _terrain(plan: FlightPlan, ground: DrawnGround) -> Terrain:
    return dataclasses.replace(
        plan.world.terrain,
        surface=ground.surface,
        rocks=ground.rocks,
        turn_fixed_rad=ground.turn_fixed_rad,
        heights_turn_fixed_rad=ground.heights_turn_fixed_rad,
        rise_m=ground.rise_m,
        warp=ground.warp,
    )


_stops = jax.jit(stops_near)


@jax.jit
def _many(drawn: Terrain, key: Any, places_m: Any, footprint_m: Any) -> Any:
    return jax.vmap(lambda place_m: terrain.clearance_and_normal(drawn, place_m, key, footprint_m))(
        places_m
    )
