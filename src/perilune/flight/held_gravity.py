"""Gravity beyond the point mass, as truth holds it over a frame or a tick of contact."""

from jaxtyping import Array, Float

from perilune.design.flight_plan import FlightPlan
from perilune.mechanics.gravity import point_mass_m_s2
from perilune.truth.dynamics.state import TrueState
from perilune.truth.environment.gravitation import left_out_inertial_m_s2, perturbation_m_s2


def held_pull_m_s2(
    plan: FlightPlan, state: TrueState, start_s: Float[Array, ""], frame_s: Float[Array, ""]
) -> Float[Array, "3"]:
    """Gravity beyond the point mass at mid-frame, where the vehicle will be by then."""
    half_s = 0.5 * frame_s
    drop = point_mass_m_s2(plan.world.gravity.gm_m3_s2, state.position_inertial_m)
    ahead = half_s * (state.velocity_inertial_m_s + 0.5 * half_s * drop)
    place = state.position_inertial_m + ahead
    world, middle_s = plan.world, start_s + half_s
    known = perturbation_m_s2(world.gravity, world.sky, middle_s, place, world.track_gravity)
    return known + left_out_inertial_m_s2(world.left_out_m_s2, world.orbit_normal_inertial, place)
