"""What the onboard map leaves out of the measured ground, where the beams of a flight strike.

The flight software is told a size from its own map's roughness; truth has both maps, and so the
size that flights meet.
"""

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from perilune.campaign.covariance.moments import Moment
from perilune.design.flight_plan import FlightPlan
from perilune.flight.kept_programs import kept_program
from perilune.interfaces.clock import seconds
from perilune.mechanics.array_types import AnyArray
from perilune.mechanics.rotation import axes_about, rotate
from perilune.mechanics.terrain_map import map_height_m
from perilune.onboard.guidance.view import moon_orientation
from perilune.truth.environment.terrain import over_map_m

AROUND_M = np.linspace(-1_000.0, 1_000.0, 5)
"""Both ways of each strike, as far as tracks of flights lie apart."""


def left_out_m2(plan: FlightPlan, moment: Moment) -> Float[np.ndarray, " N"]:
    """Mean square of true ground less onboard map around each cycle's strike, of no relief."""
    ends = (plan, moment.end.strike_direction, moment.end.position_inertial_m, moment.clock[:, -1])
    return np.asarray(kept_program("left out", _mean_squares, ends)(*ends))


def _mean_squares(
    plan: FlightPlan,
    strike_direction: Float[Array, "N 3"],
    position_inertial_m: Float[Array, "N 3"],
    clock: Any,
) -> Float[Array, " N"]:
    def of_cycle(cycle: Any) -> Float[Array, ""]:
        return _mean_square(plan, *cycle)

    return jax.lax.map(of_cycle, (strike_direction, position_inertial_m, clock), batch_size=64)


def _mean_square(
    plan: FlightPlan, strike: Float[Array, "3"], place_m: Float[Array, "3"], clock: Any
) -> Float[Array, ""]:
    """Around a strike, or below the vehicle where none was yet."""
    below = rotate(moon_orientation(plan.upload.chart, seconds(clock)).fixed_from_inertial, place_m)
    struck = jnp.any(strike != 0.0)
    up = jnp.where(struck, strike, below / jnp.linalg.norm(below))
    east, north, _ = axes_about(up)
    middle_m = plan.upload.chart.terrain_map.reference_radius_m * up
    ways = jnp.asarray(AROUND_M)
    places_m = middle_m + ways[:, None, None] * east + ways[None, :, None] * north
    departures_m = jax.vmap(lambda each: _departure_m(plan, each))(places_m.reshape(-1, 3))
    return jnp.mean(departures_m**2)


def _departure_m(plan: FlightPlan, place_fixed_m: Float[AnyArray, "3"]) -> Float[Array, ""]:
    """The onboard map's height less the measured ground's, at a place."""
    carried = plan.upload.chart.terrain_map
    over_carried_m = (
        jnp.linalg.norm(place_fixed_m)
        - carried.reference_radius_m
        - map_height_m(carried, place_fixed_m)
    )
    return over_map_m(plan.world.terrain, place_fixed_m) - over_carried_m
