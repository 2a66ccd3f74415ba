"""The filter's errors over its own variances, at check points: by group, and axis by axis."""

import jax.numpy as jnp

from perilune.flight.carry import CheckPoint, Event
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
from perilune.onboard.guidance.view import moon_orientation
from perilune.onboard.modes.modes import Mode
from perilune.onboard.navigation.estimate import ATTITUDE, POSITION, VELOCITY
from perilune.onboard.navigation.ground import (
    height_over_ground_m,
    height_variance_m2,
    steady_variance_m2,
    units,
)
from perilune.onboard.schedule import seconds

LOW_M = 100.0
VERY_LOW_M = 10.0
MID_COAST_S = 1_500.0
FIRST_FIXES_BELOW_M = 2_000.0


def after_frame(plan, carry, true_height_m):
    """The table of the log, (10, 13): each row written the first frame its check point is past.

    `true_height_m` is that of the footpads over the ground below. The columns are those of
    `carry.CONSISTENCY`.
    """
    past = _past(plan, carry, true_height_m)
    fresh = past & jnp.isnan(carry.log.consistency[:, 0])

    def write(kept):
        return jnp.where(fresh[:, None], _normalised(plan, carry, true_height_m), kept)

    return if_any_lane(jnp.any(fresh), write, carry.log.consistency)


def _past(plan, carry, true_height_m):
    """Which check points, (10,), have been passed."""
    time_s = seconds(carry.clock)
    first_fixes_m = _fixes_below_m(plan) - FIRST_FIXES_BELOW_M
    events, mode = carry.log.event_time_s, carry.memory.progress.mode
    braking_s = time_s - events[Event.IGNITION]
    low = mode >= Mode.BRAKING
    past = {
        CheckPoint.DEORBIT_CUTOFF: mode >= Mode.COAST,
        CheckPoint.MID_COAST: (mode >= Mode.COAST)
        & (time_s - events[Event.DEORBIT_CUTOFF] > MID_COAST_S),
        CheckPoint.FIRST_FIXES: (mode >= Mode.COAST) & (true_height_m < first_fixes_m),
        CheckPoint.ALIGNMENT: mode >= Mode.ALIGN,
        CheckPoint.IGNITION: mode >= Mode.BRAKING,
        CheckPoint.BRAKING_200_S: braking_s > 200.0,
        CheckPoint.BRAKING_400_S: braking_s > 400.0,
        CheckPoint.GATE: mode >= Mode.APPROACH,
        CheckPoint.HEIGHT_100_M: low & (true_height_m < LOW_M),
        CheckPoint.HEIGHT_10_M: low & (true_height_m < VERY_LOW_M),
    }
    return jnp.stack([past[point] for point in CheckPoint])


def _normalised(plan, carry, true_height_m):
    """One row: groups by three, height over ground, then the axes of each group; one is ideal."""
    estimate, state = carry.memory.estimate, carry.state
    where = moon_orientation(plan.upload.chart, seconds(carry.clock))
    turn = multiply(state.inertial_from_body, conjugate(estimate.inertial_from_body))
    local = _local_axes(plan.upload.chart, estimate, where)
    boresight = axes_about(_boresight_body(plan.upload))
    tracker = rotate(estimate.inertial_from_body[None], boresight)
    covariance, up = estimate.covariance, local[2]
    datum_m2 = steady_variance_m2(plan.upload) * up[:, None] * up[None, :]
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
    believed_m = height_over_ground_m(plan.upload, estimate, where.fixed_from_inertial)
    off_m = believed_m - plan.upload.vehicle.foot_below_center_m - true_height_m
    height = off_m**2 / height_variance_m2(plan.upload, estimate, where.fixed_from_inertial)
    return jnp.concatenate([jnp.stack([*together, height]), *apart])


def _fixes_below_m(plan):
    """The greatest height of the cameras' fixes; without a camera there are none."""
    heights = [
        fitted.spec.max_height_m
        for label, fitted in plan.sensors.items()
        if kind_of(label) == "camera"
    ]
    return jnp.max(jnp.stack(heights)) if heights else jnp.array(0.0)


def _boresight_body(upload):
    """That of the first star tracker; the body's axis where there is none."""
    trackers = units(upload, "star_tracker")
    return upload.sensors[trackers[0]].boresight_body if trackers else jnp.array([0.0, 0.0, 1.0])


def _local_axes(chart, estimate, where):
    """Along the track, across it, up: rows of (3, 3), inertial."""
    up = estimate.position_inertial_m / jnp.linalg.norm(estimate.position_inertial_m)
    along = cross(rotate_back(where.fixed_from_inertial, chart.track_normal_fixed), up)
    along = along / jnp.linalg.norm(along)
    return jnp.stack([along, cross(up, along), up])


def _by_axis(error, covariance, axes):
    """Squared error over variance along each row of `axes`."""
    along = jnp.sum(axes * error, axis=-1)
    spread = jnp.sum(axes * jnp.sum(covariance * axes[:, None], axis=-1), axis=-1)
    return along**2 / spread


def _squared(error, covariance):
    """e' P^-1 e for three dimensions, by the adjugate: rows of the inverse are cross products."""
    a, b, c = covariance
    adjugate = jnp.stack([cross(b, c), cross(c, a), cross(a, b)])
    return jnp.sum(error * jnp.sum(adjugate * error[:, None], axis=0)) / jnp.sum(a * cross(b, c))
