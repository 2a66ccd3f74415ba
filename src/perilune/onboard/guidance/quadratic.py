"""Quadratic guidance: an acceleration, quadratic in time, that meets all of a target's motion.

Apollo's law of braking and approach (Klumpp 1974, "Apollo lunar descent guidance", Automatica 10,
133-146; R-695, 1971): k_r = 12 of Lu's family (2019, J. Guidance 42). A profile is fixed in the
site's axes; the vehicle flies onto it. Axes of the targets: downrange, level and towards the site,
then up, both at the aim point.
"""

from typing import NamedTuple

import jax.numpy as jnp
from jaxtyping import Array, Float

from perilune.mechanics.array_types import AnyArray
from perilune.mechanics.derivatives import length, root
from perilune.onboard.guidance.situation import (
    SHORTEST_TIME_TO_GO_S,
    GuidanceCommand,
    Situation,
)

NEWTON_STEPS = 8
"""As flown: "Klumpp says give up after eight passes" (Luminary, ROOTPSRS)."""
CONVERGED_S = 1.0
LEAST_SLOPE_M_S = 1.0
LEAST_BEND_M_S2 = 1e-3


def quadratic_acceleration(
    to_go_m: Float[AnyArray, "..."],
    velocity_m_s: Float[AnyArray, "..."],
    target_velocity_m_s: Float[AnyArray, "..."],
    target_acceleration_m_s2: Float[AnyArray, "..."],
    time_to_go_s: Float[AnyArray, "..."],
) -> Float[AnyArray, "..."]:
    """Total acceleration now, m/s2, gravity included.

    `to_go_m` is target minus present position. With r'' quadratic over the time to go t, meeting
    both ends and the last acceleration gives a = 12 dr/t^2 - 6 (v_f + v)/t + a_f (Klumpp, eq. 7).
    """
    change_m_s = target_velocity_m_s + velocity_m_s
    return (
        12.0 * to_go_m / time_to_go_s**2 - 6.0 * change_m_s / time_to_go_s
    ) + target_acceleration_m_s2


class Track(NamedTuple):
    """What the time to go is solved from: place and speed along the track, and what ends there."""

    to_go_m: Float[AnyArray, ""]
    speed_m_s: Float[AnyArray, ""]
    target_speed_m_s: Float[AnyArray, ""]
    target_acceleration_m_s2: Float[AnyArray, ""]
    target_jerk_m_s3: Float[AnyArray, ""]

    @property
    def slope_m_s(self) -> Float[AnyArray, ""]:
        """The coefficient of the time to go in the cubic."""
        return 18.0 * self.target_speed_m_s + 6.0 * self.speed_m_s


def time_to_go_s(track: Track, guess_s: Float[AnyArray, ""]) -> Float[Array, ""]:
    """The time to go at which the profile ends with the jerk asked for along the track.

    The jerk at the end is j = 6 a/t - (18 v_f + 6 v)/t^2 + 24 dr/t^3, so that
    j t^3 - 6 a t^2 + (18 v_f + 6 v) t - 24 dr = 0: by Newton's method from the guess, which is the
    answer where eight steps find no root.
    """
    jerk_m_s3, bend_m_s2 = track.target_jerk_m_s3, -6.0 * track.target_acceleration_m_s2
    time_s, step_s = jnp.asarray(guess_s), jnp.asarray(0.0)
    for _ in range(NEWTON_STEPS):
        value_m = ((jerk_m_s3 * time_s + bend_m_s2) * time_s + track.slope_m_s) * time_s
        rate_m_s = (3.0 * jerk_m_s3 * time_s + 2.0 * bend_m_s2) * time_s + track.slope_m_s
        steep_m_s = jnp.where(jnp.abs(rate_m_s) > LEAST_SLOPE_M_S, rate_m_s, LEAST_SLOPE_M_S)
        step_s = (value_m - 24.0 * track.to_go_m) / steep_m_s
        time_s = time_s - step_s
    found = (jnp.abs(step_s) < CONVERGED_S) & (time_s > 0.0)
    return jnp.where(found, time_s, guess_s)


def first_guess_s(track: Track) -> Float[Array, ""]:
    """The time to go if there were no jerk at the end, in closed form."""
    bend_m_s2 = jnp.maximum(-6.0 * track.target_acceleration_m_s2, LEAST_BEND_M_S2)
    distance_m = jnp.maximum(track.to_go_m, 1.0)
    square = track.slope_m_s**2 + 96.0 * bend_m_s2 * distance_m
    return (root(square) - track.slope_m_s) / (2.0 * bend_m_s2)


def steered(now: Situation, here_m: Float[Array, "3"], lead_factor: float) -> GuidanceCommand:
    """The law from a place, (3,) from the aim point in the site's axes.

    The track runs to the aim point from where the vehicle is after `lead_factor` of the time to go:
    with 1/4 the jerk across the track ends at zero, with none the place across is zero throughout.
    Thrust that the engine does not have is left out along the track, and height is kept (Luminary,
    AFCCALC).
    """
    figures, view = now.figures, now.view
    ahead_m = -(here_m + lead_factor * now.remaining_s * view.velocity_site_m_s)
    forward = _level(ahead_m, now.chart.downrange_site)
    up = jnp.array([0.0, 0.0, 1.0])
    place, velocity, acceleration = (
        figures[name][0] * forward + figures[name][1] * up
        for name in ("target_position_m", "target_velocity_m_s", "target_acceleration_m_s2")
    )
    track = Track(
        to_go_m=jnp.sum((place - here_m) * forward),
        speed_m_s=jnp.sum(view.velocity_site_m_s * forward),
        target_speed_m_s=figures["target_velocity_m_s"][0],
        target_acceleration_m_s2=figures["target_acceleration_m_s2"][0],
        target_jerk_m_s3=figures["target_jerk_m_s3"],
    )
    guess_s = jnp.where(now.entered, first_guess_s(track), now.remaining_s)
    left_s = jnp.maximum(time_to_go_s(track, guess_s), SHORTEST_TIME_TO_GO_S)
    total = quadratic_acceleration(
        place - here_m, view.velocity_site_m_s, velocity, acceleration, left_s
    )
    thrust = _along_limited(total - view.gravity_site_m_s2, forward, now.most_m_s2)
    return GuidanceCommand(thrust, left_s)


def _level(ahead_m: Float[Array, "3"], otherwise: Float[Array, "3"]) -> Float[Array, "3"]:
    """A level unit vector along `ahead_m`; at the aim point the planned one."""
    level_m = ahead_m.at[2].set(0.0)
    distance_m = length(level_m)
    return jnp.where(distance_m > 1.0, level_m / jnp.maximum(distance_m, 1.0), otherwise)


def _along_limited(
    thrust_m_s2: Float[Array, "3"], forward: Float[Array, "3"], most_m_s2: Float[Array, ""]
) -> Float[Array, "3"]:
    """Cut along the track to what full thrust leaves beside height and side."""
    along_m_s2 = jnp.sum(thrust_m_s2 * forward)
    rest = thrust_m_s2 - along_m_s2 * forward
    room_m_s2 = root(jnp.maximum(most_m_s2**2 - jnp.sum(rest**2), 0.0))
    return rest + jnp.clip(along_m_s2, -room_m_s2, room_m_s2) * forward
