"""The filter's errors over its own variances, at check points: by group, and axis by axis."""

import jax.numpy as jnp
from jaxtyping import Array, Bool, Float

from perilune.design.flight_plan import Fitted, FlightPlan
from perilune.flight.carry import Carry, CheckPoint
from perilune.interfaces import BelievedState, NavigationTelemetry
from perilune.interfaces.clock import seconds
from perilune.interfaces.events import PHASE_EVENTS, Event
from perilune.interfaces.units import kind_of
from perilune.mechanics.batching import if_any_lane
from perilune.mechanics.rotation import (
    axes_about,
    conjugate,
    cross,
    multiply,
    rotate,
    rotate_back,
    to_rotation_vector,
)
from perilune.mechanics.terrain_map import is_mapped
from perilune.truth.environment.ephemeris import fixed_from_inertial

LOW_M = 100.0
VERY_LOW_M = 10.0
MID_COAST_S = 1_500.0
FIRST_FIXES_BELOW_M = 2_000.0
POSITION, VELOCITY, ATTITUDE = slice(0, 3), slice(3, 6), slice(6, 9)
"""Of the covariance in telemetry."""


def consistency_now(
    plan: FlightPlan, carry: Carry, navigation: NavigationTelemetry, true_height_m: Float[Array, ""]
) -> Float[Array, "10 13"]:
    """The table of checks, (10, 13): each row written the first frame its check point is past.

    `navigation` is telemetry of this instant; `true_height_m` is that of the footpads over the
    ground below. The columns are those of `carry.CONSISTENCY`.
    """
    past = _past(plan, carry, true_height_m)
    fresh = past & jnp.isnan(carry.checks.consistency[:, 0])

    def write(kept: Float[Array, "10 13"]) -> Float[Array, "10 13"]:
        row = _normalised(plan, carry, navigation, true_height_m)
        return jnp.where(fresh[:, None], row, kept)

    return if_any_lane(jnp.any(fresh), write, carry.checks.consistency)


def _past(plan: FlightPlan, carry: Carry, true_height_m: Float[Array, ""]) -> Bool[Array, "10"]:
    """Which check points, (10,), have been passed."""
    time_s = seconds(carry.clock)
    first_fixes_m = _fixes_below_m(plan) - FIRST_FIXES_BELOW_M
    events, reached = carry.log.event_time_s, carry.phase >= plan.event_phases
    begun = {event: reached[event - Event.DEORBIT_IGNITION] for event in PHASE_EVENTS}
    braking_s = time_s - events[Event.IGNITION]
    low = begun[Event.IGNITION]
    past = {
        CheckPoint.DEORBIT_CUTOFF: begun[Event.DEORBIT_CUTOFF],
        CheckPoint.MID_COAST: (begun[Event.DEORBIT_CUTOFF])
        & (time_s - events[Event.DEORBIT_CUTOFF] > MID_COAST_S),
        CheckPoint.FIRST_FIXES: (begun[Event.DEORBIT_CUTOFF]) & (true_height_m < first_fixes_m),
        CheckPoint.ALIGNMENT: begun[Event.ALIGNMENT],
        CheckPoint.IGNITION: begun[Event.IGNITION],
        CheckPoint.BRAKING_200_S: braking_s > 200.0,
        CheckPoint.BRAKING_400_S: braking_s > 400.0,
        CheckPoint.GATE: begun[Event.GATE],
        CheckPoint.HEIGHT_100_M: low & (true_height_m < LOW_M),
        CheckPoint.HEIGHT_10_M: low & (true_height_m < VERY_LOW_M),
    }
    return jnp.stack([past[point] for point in CheckPoint])


def _normalised(
    plan: FlightPlan, carry: Carry, navigation: NavigationTelemetry, true_height_m: Float[Array, ""]
) -> Float[Array, "13"]:
    """One row: groups by three, height over ground, then the axes of each group; one is ideal.

    Off the map there is no ground, and no height to compare.
    """
    estimate, state = navigation.estimate, carry.state
    fixed = fixed_from_inertial(plan.world.sky, seconds(carry.clock))
    turn = multiply(state.inertial_from_body, conjugate(estimate.inertial_from_body))
    local = _local_axes(plan, estimate, fixed)
    boresight = axes_about(_boresight_body(plan))
    tracker = rotate(estimate.inertial_from_body[None], boresight)
    covariance, up = navigation.covariance, local[2]
    datum_m2 = navigation.datum_variance_m2 * up[:, None] * up[None, :]
    position_m2 = covariance[POSITION, POSITION] + datum_m2
    groups = (
        (position_m2, state.position_inertial_m - estimate.position_inertial_m, local),
        (
            covariance[VELOCITY, VELOCITY],
            state.velocity_inertial_m_s - estimate.velocity_inertial_m_s,
            local,
        ),
        (covariance[ATTITUDE, ATTITUDE], to_rotation_vector(turn), tracker),
    )
    together, apart = [], []
    for covariance, error, axes in groups:
        together.append(_squared(error, covariance) / 3.0)
        apart.append(_by_axis(error, covariance, axes))
    height = (navigation.height_m - true_height_m) ** 2 / navigation.height_variance_m2
    there = is_mapped(plan.world.terrain.map, rotate(fixed, state.position_inertial_m))
    height = jnp.where(there, height, jnp.nan)
    return jnp.concatenate([jnp.stack([*together, height]), *apart])


def _fixes_below_m(plan: FlightPlan) -> Float[Array, ""]:
    """The greatest height of the cameras' fixes; without a camera there are none."""
    heights = [each.spec.max_height_m for each in _fitted(plan, "camera")]
    return jnp.max(jnp.stack(heights)) if heights else jnp.array(0.0)


def _boresight_body(plan: FlightPlan) -> Float[Array, "3"]:
    """That of the first star tracker; the body's axis where there is none."""
    trackers = _fitted(plan, "star_tracker")
    pointed = trackers[0].spec.boresight if trackers else jnp.array([0.0, 0.0, 1.0])
    return pointed / jnp.linalg.norm(pointed)


def _fitted(plan: FlightPlan, kind: str) -> list[Fitted]:
    return [plan.sensors[label] for label in sorted(plan.sensors) if kind_of(label) == kind]


def _local_axes(
    plan: FlightPlan, estimate: BelievedState, fixed: Float[Array, "4"]
) -> Float[Array, "3 3"]:
    """Along the track, across it, up: rows of (3, 3), inertial."""
    up = estimate.position_inertial_m / jnp.linalg.norm(estimate.position_inertial_m)
    along = cross(rotate_back(fixed, plan.world.track_normal_fixed), up)
    along = along / jnp.linalg.norm(along)
    return jnp.stack([along, cross(up, along), up])


def _by_axis(
    error: Float[Array, "3"], covariance: Float[Array, "3 3"], axes: Float[Array, "3 3"]
) -> Float[Array, "3"]:
    """Squared error over variance along each row of `axes`."""
    along = jnp.sum(axes * error, axis=-1)
    spread = jnp.sum(axes * jnp.sum(covariance * axes[:, None], axis=-1), axis=-1)
    return along**2 / spread


def _squared(error: Float[Array, "3"], covariance: Float[Array, "3 3"]) -> Float[Array, ""]:
    """e' P^-1 e for three dimensions, by the adjugate: rows of the inverse are cross products."""
    a, b, c = covariance
    adjugate = jnp.stack([cross(b, c), cross(c, a), cross(a, b)])
    return jnp.sum(error * jnp.sum(adjugate * error[:, None], axis=0)) / jnp.sum(a * cross(b, c))
