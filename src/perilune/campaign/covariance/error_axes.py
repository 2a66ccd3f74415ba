"""The axes in which errors are shown: along the track, across it and up; of the star tracker."""

from typing import NamedTuple

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

from perilune.campaign.covariance.believed_cycle import estimate_of
from perilune.campaign.covariance.drawn_errors import Directions
from perilune.campaign.covariance.moments import Moment
from perilune.campaign.covariance.true_cycle import SurfaceKey, by_truth
from perilune.design.build_truth import Truth, put_truth
from perilune.design.flight_plan import FlightPlan
from perilune.flight.ground_view import ground_below
from perilune.interfaces.clock import seconds
from perilune.interfaces.units import kind_of
from perilune.mechanics.rotation import axes_about, cross, rotate, rotate_back
from perilune.onboard.guidance.view import moon_orientation
from perilune.onboard.navigation.estimate import ATTITUDE, POSITION, VELOCITY, Estimate, correct
from perilune.onboard.navigation.ground import height_over_ground_m
from perilune.truth.environment.ephemeris import fixed_from_inertial

LOCAL = ("along", "cross", "up")
AXES = (
    *((f"position_{axis}_m", 1.0) for axis in LOCAL),
    *((f"velocity_{axis}_m_s", 1.0) for axis in LOCAL),
    *((f"attitude_{axis}_deg", 57.29577951308232) for axis in ("cross_1", "cross_2", "roll")),
    ("height_m", 1.0),
)
"""The ten errors shown, and what one of their units is of the filter's."""
UP, HEIGHT = 2, 9
"""Which of them are along the radius and over the ground."""


class Shown(NamedTuple):
    """Ten errors, estimated less true, of the filter's n and of p errors that last the flight."""

    of_filter: Float[Array, "10 n"]
    by_error: Float[Array, "10 p"]
    alike_fraction: Float[
        Array, "2"
    ]  # correlation of the ground below with that struck: map, relief


def shown(plan: FlightPlan, truth: Truth, directions: Directions, moment: Moment) -> Shown:
    """The axes at the end of a cycle, after its readings; in SI."""
    upload, time_s = plan.upload, seconds(moment.clock[-1])
    estimate = estimate_of(upload, moment, moment.end)
    state = jax.tree.map(lambda each: each[-1], moment.state)
    where = moon_orientation(upload.chart, time_s).fixed_from_inertial
    local = _local(plan, estimate, fixed_from_inertial(plan.world.sky, time_s))
    tracker = rotate(estimate.inertial_from_body[None], axes_about(_boresight_body(plan)))
    none = jnp.zeros(estimate.layout.count)

    def height_m(error: Float[Array, " n"]) -> Float[Array, ""]:
        moved = correct(estimate, error, estimate.covariance)
        return height_over_ground_m(upload, moved, where)

    def true_height_m(each: Truth, key: SurfaceKey) -> Float[Array, ""]:
        surface_key = jax.random.wrap_key_data(key)
        return ground_below(put_truth(plan, each), surface_key, state, time_s).height_m

    blank = jnp.zeros((3, len(none)))
    of_filter = jnp.concatenate(
        [
            blank.at[:, POSITION].set(local),
            blank.at[:, VELOCITY].set(local),
            blank.at[:, ATTITUDE].set(tracker),
            jax.grad(height_m)(none)[None],
        ]
    )
    raised = by_truth(true_height_m, truth, directions)
    by_error = jnp.zeros((len(AXES), len(raised))).at[HEIGHT].set(-raised)
    return Shown(of_filter, by_error, _left(plan, estimate, where))


def _left(plan: FlightPlan, estimate: Estimate, where: Float[Array, "4"]) -> Float[Array, "2"]:
    """Of the map's and the relief's error below the vehicle, the share apart from the strike's."""
    settings = plan.upload.filter
    here = rotate(where, estimate.position_inertial_m)
    direction = here / jnp.linalg.norm(here)
    radius_m = plan.upload.chart.terrain_map.reference_radius_m
    apart_m = radius_m * jnp.linalg.norm(direction - estimate.strike_direction)
    lengths_m = jnp.stack([settings.map_correlation_length_m, settings.relief_length_m])
    return jnp.exp(-((apart_m / lengths_m) ** 2))


def _local(plan: FlightPlan, estimate: Estimate, fixed: Float[Array, "4"]) -> Float[Array, "3 3"]:
    up = estimate.position_inertial_m / jnp.linalg.norm(estimate.position_inertial_m)
    along = cross(rotate_back(fixed, plan.world.track_normal_fixed), up)
    along = along / jnp.linalg.norm(along)
    return jnp.stack([along, cross(up, along), up])


def _boresight_body(plan: FlightPlan) -> Float[Array, "3"]:
    trackers = [
        each for label, each in sorted(plan.sensors.items()) if kind_of(label) == "star_tracker"
    ]
    pointed = trackers[0].spec.boresight if trackers else jnp.array([0.0, 0.0, 1.0])
    return pointed / jnp.linalg.norm(pointed)
