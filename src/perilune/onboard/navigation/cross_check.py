"""Heights and speeds against each other over a window, and what becomes of the one that is wrong.

Whether one is, `navigation.trend` says. An altimeter against which the others agree moves nothing
while another unit that measures height is in use. A velocimeter against which two heights agree is
used on, with less weight: its beams share a laser and a clock, so that an error is taken to be
alike in all of them, an error of the speed along its axis. What is alike is opened at once by what
the heights have found, and walks from then on: of the speed along the axis inertial units and
heights then say more, and speeds across it stay known.
"""

import dataclasses
import functools
from collections.abc import Mapping
from typing import Any, TypeVar

import jax
import jax.numpy as jnp
from jaxtyping import Array, Bool, Float

from perilune.interfaces.telemetry import UpdateResult
from perilune.mechanics.rotation import rotate
from perilune.onboard.navigation.estimate import VELOCITY, Estimate, height_of
from perilune.onboard.navigation.propagate import with_part
from perilune.onboard.navigation.sight import Sight
from perilune.onboard.navigation.trend import (
    SpeedTrend,
    Trend,
    Trends,
    Witness,
    followed,
    followed_speed,
)
from perilune.onboard.navigation.watch import Watch
from perilune.onboard.upload import Upload

OPENED_FACTOR = 2.0
"""One sigma that a speed along an axis is opened to, over what the heights have found."""
LEAST_UPRIGHT = 0.3
"""Of an axis along the radius: what heights find is taken for so much of it at the least."""
COMMON_WALK_M_S_PER_SQRT_S = 0.3
"""Of what is alike in the beams of a velocimeter that is distrusted; accelerometers are better."""
SUSPECT_S = 60.0
"""So long a velocimeter that has left what inertial units say may be the one that is wrong."""
Results = Mapping[str, UpdateResult]
Watches = Mapping[str, Watch]
Kept = TypeVar("Kept", Trend, SpeedTrend)


def cross_checked(
    upload: Upload,
    estimate: Estimate,
    results: Results,
    before: Watches,
    sight: Sight,
    cycle_s: Float[Array, ""],
) -> Estimate:
    """The estimate after a cycle with its trends; `before` are the watches as the cycle began."""
    assert estimate.trends is not None
    labels = list(estimate.trends.speeds)
    if not labels or not estimate.trends.heights:
        return estimate
    trends, wrong_m_s = _followed(upload, estimate, results, before, sight.time_s)
    distrusted = jnp.any(jnp.stack([each.speed_distrusted for each in trends.heights.values()]))

    lasted_s = jnp.where(distrusted, cycle_s, 0.0)
    covariance = estimate.covariance
    for label in labels:
        axis = _axis_inertial(upload.sensors[label], estimate)
        place = estimate.layout.of[label]["bias_m_s"]
        covariance = opened(covariance, axis, place, _along(axis, estimate, wrong_m_s), lasted_s)
    return dataclasses.replace(estimate, trends=trends, covariance=covariance)


def opened(
    covariance: Float[Array, "errors errors"],
    axis: Float[Array, "3"],
    biases: slice,
    speed_m_s: Float[Array, ""],
    lasted_s: Float[Array, ""],
) -> Float[Array, "errors errors"]:
    """The covariance with the speed along an axis, and what is alike in the biases, less sure."""
    at_once = (OPENED_FACTOR * speed_m_s) ** 2
    alike = at_once + COMMON_WALK_M_S_PER_SQRT_S**2 * lasted_s
    speeds = covariance[VELOCITY, VELOCITY] + at_once * axis[:, None] * axis[None, :]
    common = covariance[biases, biases] + alike
    wider = with_part(covariance, speeds, (VELOCITY.start, VELOCITY.start))
    return with_part(wider, common, (biases.start, biases.start))


def in_use_only(watches: Watches, trends: Mapping[str, Trend]) -> dict[str, Watch]:
    """Watches of heights; that of an altimeter which is distrusted is as of one not in use."""
    return {
        name: dataclasses.replace(each, heard=each.heard & ~trends[name].distrusted)
        if name in trends
        else each
        for name, each in watches.items()
    }


def _followed(
    upload: Upload,
    estimate: Estimate,
    results: Results,
    before: Watches,
    now_s: Float[Array, ""],
) -> tuple[Trends, Float[Array, ""]]:
    """The trends with the readings of this cycle, and the speed that is wrong by the worst."""
    assert estimate.trends is not None
    speeds = _speeds(upload, estimate, results, before, now_s)
    late_s = functools.reduce(jnp.maximum, [each.left_s for each in speeds.values()])
    beside = estimate.watches[height_of(next(iter(speeds)))]
    left = now_s - late_s < SUSPECT_S
    witness = Witness(beside.residual[0], beside.last_s[0] == now_s, left)
    heights, wrong_m_s = {}, jnp.array(0.0)
    for label, was in estimate.trends.heights.items():
        heard = estimate.watches[label].last_s[0] == now_s
        since_s, factor = now_s - before[label].last_s[0], upload.filter.gate_factor
        after, speed_m_s = followed(was, results[label], witness, factor, since_s)
        heights[label] = _where(heard, after, was)
        wrong_m_s = jnp.maximum(wrong_m_s, jnp.where(heard, speed_m_s, 0.0))
    return Trends(heights=heights, speeds=speeds), wrong_m_s


def _speeds(
    upload: Upload,
    estimate: Estimate,
    results: Results,
    before: Watches,
    now_s: Float[Array, ""],
) -> dict[str, SpeedTrend]:
    """The trends of velocimeters with the readings of this cycle."""
    assert estimate.trends is not None
    found = {}
    for label, was in estimate.trends.speeds.items():
        heard = estimate.watches[label].last_s == now_s
        since_s, factor = now_s - jnp.max(before[label].last_s), upload.filter.gate_factor
        after = followed_speed(was, results[label], heard, factor, since_s, now_s)
        found[label] = _where(jnp.any(heard), after, was)
    return found


def _where(yes: Bool[Array, ""], new: Kept, old: Kept) -> Kept:
    return jax.tree.map(lambda one, other: jnp.where(yes, one, other), new, old)


def _axis_inertial(belief: Any, estimate: Estimate) -> Float[Array, "3"]:
    """Amid a velocimeter's beams."""
    middle = jnp.mean(belief.beam_body, axis=0)
    return rotate(estimate.inertial_from_body, middle / jnp.linalg.norm(middle))


def _along(
    axis: Float[Array, "3"], estimate: Estimate, radial_m_s: Float[Array, ""]
) -> Float[Array, ""]:
    """The speed along an axis that a speed along the radius is of."""
    place = estimate.position_inertial_m
    upright = jnp.abs(jnp.sum(axis * place)) / jnp.linalg.norm(place)
    return radial_m_s / jnp.maximum(upright, LEAST_UPRIGHT)
