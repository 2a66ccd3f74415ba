"""Where the vehicle stands to the ground: clearances, tilt, speeds, rest."""

import equinox as eqx
import jax.numpy as jnp
from jaxtyping import Array, Float

from perilune.mechanics.derivatives import length
from perilune.mechanics.rotation import cross, rotate
from perilune.truth.dynamics.ground_plane import Ground, heights_m
from perilune.truth.dynamics.state import ContactState, TrueState
from perilune.truth.dynamics.stop_faces import lifted_m
from perilune.truth.vehicle.vehicle import ContactPoints


class GroundRelativeState(eqx.Module):
    """The vehicle relative to the turning ground under its centre of mass."""

    vertical_speed_m_s: Float[Array, ""]  # down positive
    horizontal_speed_m_s: Float[Array, ""]
    tilt_rad: Float[Array, ""]
    body_rate_rad_s: Float[Array, ""]


def ground_relative_state(
    state: TrueState,
    spin_inertial_rad_s: Float[Array, "3"],
    rest_direction_body: Float[Array, "3"] | None = None,
) -> GroundRelativeState:
    """Speeds relative to the ground at the centre of mass, and tilt from the local vertical.

    The tilt is that of body z, or of another direction of the body that is to be up at rest.
    """
    up = state.position_inertial_m / jnp.linalg.norm(state.position_inertial_m)
    relative = state.velocity_inertial_m_s - cross(spin_inertial_rad_s, state.position_inertial_m)
    rise_m_s = jnp.sum(relative * up)
    across_m_s = length(relative - rise_m_s * up)
    upward = jnp.array([0.0, 0.0, 1.0]) if rest_direction_body is None else rest_direction_body
    axis = rotate(state.inertial_from_body, upward)
    tilt_rad = jnp.arctan2(length(cross(up, axis)), jnp.sum(up * axis))
    return GroundRelativeState(-rise_m_s, across_m_s, tilt_rad, length(state.rate_body_rad_s))


def point_places_m(
    points: ContactPoints, center_body_m: Float[Array, "3"], state: TrueState
) -> Float[Array, "P 3"]:
    """Where every contact point is, (18, 3) inertial."""
    arm_m = rotate(state.inertial_from_body[None], points.position_body_m - center_body_m)
    return state.position_inertial_m + arm_m


def clearances_m(
    ground: Ground, place_inertial_m: Float[Array, "P 3"], touch: ContactState
) -> Float[Array, " P"]:
    """How far each contact point is over what is under it, square to the ground."""
    clear_m = heights_m(ground, place_inertial_m)
    if ground.stops is None or touch.top_entered is None:
        return clear_m
    return clear_m - lifted_m(ground.stops, touch.top_entered)


def bell_clearance_m(
    points: ContactPoints,
    ground: Ground,
    place_inertial_m: Float[Array, "P 3"],
    touch: ContactState,
) -> Float[Array, ""]:
    """How far the lowest point of the engines' rims is over what is under it, square to it."""
    clear_m = clearances_m(ground, place_inertial_m, touch)
    return jnp.min(clear_m[len(clear_m) - points.bell_count :], initial=jnp.inf)


def ground_under(
    place_inertial_m: Float[Array, "P 3"],
    clearance_m: Float[Array, " P"],
    normal_inertial: Float[Array, "P 3"],
    spin_inertial_rad_s: Float[Array, "3"],
) -> Ground:
    """The tangent plane under each point; `clearance_m` (18,) is radial."""
    up = place_inertial_m / jnp.linalg.norm(place_inertial_m, axis=-1, keepdims=True)
    foot_m = place_inertial_m - clearance_m[:, None] * up
    velocity = cross(spin_inertial_rad_s, jnp.mean(place_inertial_m, axis=0))
    return Ground(foot_m, normal_inertial, velocity)
