"""When free flight hands over to contact: some contact point could touch within a cycle."""

import jax.numpy as jnp
from jaxtyping import Array, Bool, Float, Key

from perilune.design.flight_plan import FlightPlan
from perilune.flight.carry import Carry
from perilune.flight.ground_view import all_stops, ground_planes, with_stops
from perilune.interfaces.clock import seconds
from perilune.mechanics.batching import if_any_lane
from perilune.mechanics.derivatives import length
from perilune.mechanics.mass_properties import mass_properties
from perilune.mechanics.rotation import cross, rotate
from perilune.truth.dynamics.ground_clearance import ground_under
from perilune.truth.dynamics.ground_plane import Ground
from perilune.truth.dynamics.state import TrueState
from perilune.truth.dynamics.stop_faces import distances_m, lifted_m
from perilune.truth.environment.ephemeris import fixed_from_inertial, spin_inertial_rad_s

HANDOVER_MARGIN_M = 0.05
HANDOVER_FACTOR = 1.3
LOW_M = 100.0
STEEPEST_FACTOR = 2.0
HIGHEST_STOP_M = 2.0
"""Of a site's stop, as mission files may have it; rocks of the surface are lower."""


def center_of_mass_m(plan: FlightPlan, state: TrueState) -> Float[Array, "3"]:
    """Centre of mass in body axes."""
    return mass_properties(plan.vehicle.mass, state.tank_kg).center_body_m


def ground_is_near(
    plan: FlightPlan, key: Key[Array, ""], carry: Carry, cycle_s: Float[Array, ""]
) -> Bool[Array, ""]:
    """Whether some contact point could touch within a cycle, over ground taken as a plane.

    Not asked while the ground, rising at 63 degrees, would still be out of reach.
    """
    reach_m = cycle_s * STEEPEST_FACTOR * jnp.linalg.norm(carry.state.velocity_inertial_m_s)
    low = carry.clearance_m < LOW_M + reach_m
    return if_any_lane(low, lambda _: _touches_within(plan, key, carry, cycle_s), jnp.array(False))


def _touches_within(
    plan: FlightPlan, key: Key[Array, ""], carry: Carry, cycle_s: Float[Array, ""]
) -> Bool[Array, ""]:
    state, time_s = carry.state, seconds(carry.clock)
    here = state.position_inertial_m
    clearance_m, normal = ground_planes(plan, key, here[None], here, time_s)
    up = here / jnp.linalg.norm(here)
    spin = spin_inertial_rad_s(plan.world.sky, time_s)
    closing = -jnp.sum((state.velocity_inertial_m_s - cross(spin, here)) * normal[0])
    arms = plan.vehicle.contact.position_body_m - center_of_mass_m(plan, state)
    turned = rotate(state.inertial_from_body[None], arms)
    below_m = -jnp.sum(turned * normal[0], axis=-1)
    over_m = clearance_m[0] * jnp.sum(up * normal[0])
    soon_m = HANDOVER_FACTOR * cycle_s * jnp.maximum(closing, 0.0) + HANDOVER_MARGIN_M
    ground = ground_under(here[None], clearance_m, normal, spin)
    aside_m_s = length(cross(normal[0], state.velocity_inertial_m_s - ground.velocity_m_s))
    reach_m = HANDOVER_FACTOR * cycle_s * aside_m_s + HANDOVER_MARGIN_M

    def raised(_: Float[Array, " P"]) -> Float[Array, " P"]:
        fixed_m = rotate(fixed_from_inertial(plan.world.sky, time_s), here)
        stops = all_stops(plan, key, fixed_m)
        return _raised_m(with_stops(plan, stops, ground, time_s), here + turned, reach_m)

    low = over_m - jnp.max(below_m) < soon_m + HIGHEST_STOP_M
    below_m += if_any_lane(low, raised, jnp.zeros_like(below_m))
    return over_m - jnp.max(below_m) < soon_m


def _raised_m(
    ground: Ground, places_m: Float[Array, "P 3"], reach_m: Float[Array, ""]
) -> Float[Array, " P"]:
    """The height of the highest stop that each point is over or could be within its reach."""
    assert ground.stops is not None, "stops have been put on it"
    normal = jnp.broadcast_to(ground.normal, places_m.shape)
    distance_m, _ = distances_m(ground.stops, places_m, normal)
    return lifted_m(ground.stops, distance_m < reach_m)
