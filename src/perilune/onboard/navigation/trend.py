"""Whether a unit drags the height one way over a window, and whether speed or unit is wrong then.

The gate looks at one reading. An error that grows slowly stays within it: the filter follows, and
what it believes of speed or height goes wrong without one reading refused. For each altimeter this
module keeps the mean of its innovations over their sigmas, over a window. Innovations of a
consistent filter are white (Kailath 1968, IEEE TAC 13(6); tests on their mean: Mehra and Peschon
1971, Automatica 7(5)), so that the mean of a share a of the newest and 1 - a of those before has
the variance a / (2 - a). Where it is beyond that by far the altimeter drags the height: it drifts,
or the height is reckoned with a wrong speed.

A speed is wrong only if the velocimeter has also left what the inertial units say, by the same test
of the mean of its innovations over all beams: a map that is wrong drags the heights as well.

A witness tells which: the height beside the velocimeter's channels (`navigation.heights`), which
is watched and moves nothing meanwhile. Where its innovations stay as they were while the height is
dragged, two heights agree against the speed. Where they go the other way by as much, the witness
agrees with the speed against the altimeter.
"""

from collections.abc import Mapping
from dataclasses import KW_ONLY
from typing import NamedTuple

import equinox as eqx
import jax.numpy as jnp
from jaxtyping import Array, Bool, Float

from perilune.interfaces.telemetry import UpdateResult

WINDOW_S = 10.0
LOUDEST = 4.0
"""One innovation counts for no more sigmas."""
LEAST_SIGMAS = 5.0
"""Of the mean, before it says anything: 2.9 is the most of 24 flights with nothing wrong."""
AGAINST_SHARE = 0.5
"""Of the drag: a witness that goes the other way by more agrees with the speed."""
LEAST_SIGMA = 1e-150


class Trend(eqx.Module):
    """What is kept of one unit that measures height, and of the witness of its speed."""

    _: KW_ONLY
    mean_factor: Float[Array, ""]  # of the unit's innovations over their sigmas
    dragged_m: Float[Array, ""]  # by how much the unit has moved the height, less the window's mean
    witness_mean_m: Float[Array, ""]  # of the witness' innovations
    witnessed: Bool[Array, ""]  # whether there is such a mean
    distrusted: Bool[Array, ""]  # the unit, against which speed and witness agree
    speed_distrusted: Bool[Array, ""]  # the velocimeters, against which unit and witness agree


class SpeedTrend(eqx.Module):
    """What is kept of one velocimeter."""

    _: KW_ONLY
    mean_factor: Float[Array, ""]  # of the innovations of all beams over their sigmas
    left_s: Float[Array, ""]  # when it was last found to have left what was expected


class Trends(eqx.Module):
    """Of altimeters and velocimeters, by label."""

    _: KW_ONLY
    heights: Mapping[str, Trend]
    speeds: Mapping[str, SpeedTrend]


class Witness(NamedTuple):
    """What the height beside the velocimeter's channels says now."""

    innovation_m: Float[Array, ""]
    heard: Bool[Array, ""]
    speed_left: Bool[Array, ""]  # whether its speeds have left what inertial units say of late


def no_speed_trend() -> SpeedTrend:
    """Before the first reading."""
    return SpeedTrend(mean_factor=jnp.array(0.0), left_s=jnp.array(-jnp.inf))


def no_trend() -> Trend:
    """Before the first reading."""
    zero, no = jnp.array(0.0), jnp.array(False)
    return Trend(
        mean_factor=zero,
        dragged_m=zero,
        witness_mean_m=zero,
        witnessed=no,
        distrusted=no,
        speed_distrusted=no,
    )


def followed(
    trend: Trend,
    result: UpdateResult,
    witness: Witness,
    gate_factor: Float[Array, ""],
    since_s: Float[Array, ""],
) -> tuple[Trend, Float[Array, ""]]:
    """The trend with one valid reading more, and the speed that is wrong by it; 0 where none is.

    `since_s` is the time since the reading before. A reading that the gate refused counts as none.
    """
    share = _share(since_s)
    loud = jnp.where(result.used[0], _in_sigmas(result, gate_factor)[0], 0.0)
    moved_m = result.innovation[0] - result.residual[0]
    mean = trend.mean_factor + share * (loud - trend.mean_factor)
    dragged_m = (1.0 - share) * (trend.dragged_m + jnp.where(result.used[0], moved_m, 0.0))
    before_m = jnp.where(trend.witnessed, trend.witness_mean_m, witness.innovation_m)
    strayed_m = (1.0 - share) * (witness.innovation_m - before_m)
    insists = _insists(mean, share) & trend.witnessed & witness.heard
    unit_wrong = -strayed_m * jnp.sign(dragged_m) > AGAINST_SHARE * jnp.abs(dragged_m)
    told = insists & (unit_wrong | witness.speed_left)
    fresh = jnp.where(told, 0.0, 1.0)
    after = Trend(
        mean_factor=fresh * mean,
        dragged_m=fresh * dragged_m,
        witness_mean_m=jnp.where(
            witness.heard, witness.innovation_m - fresh * strayed_m, trend.witness_mean_m
        ),
        witnessed=trend.witnessed | witness.heard,
        distrusted=trend.distrusted | (told & unit_wrong),
        speed_distrusted=trend.speed_distrusted | (told & ~unit_wrong),
    )
    return after, jnp.where(told & ~unit_wrong, jnp.abs(dragged_m) / WINDOW_S, 0.0)


def followed_speed(
    trend: SpeedTrend,
    result: UpdateResult,
    heard: Bool[Array, "3"],
    gate_factor: Float[Array, ""],
    since_s: Float[Array, ""],
    now_s: Float[Array, ""],
) -> SpeedTrend:
    """The trend with one reading more of some beams; what the gate refused counts as it is."""
    share = _share(since_s)
    sigmas = jnp.where(heard, _in_sigmas(result, gate_factor), 0.0)
    sum_sigmas = jnp.sum(sigmas) / jnp.sqrt(jnp.maximum(jnp.sum(heard.astype(float)), 1.0))
    mean = trend.mean_factor + share * (sum_sigmas - trend.mean_factor)
    left_s = jnp.where(_insists(mean, share), now_s, trend.left_s)
    return SpeedTrend(mean_factor=mean, left_s=left_s)


def _share(since_s: Float[Array, ""]) -> Float[Array, ""]:
    """Of the newest reading in a mean over the window."""
    return -jnp.expm1(-since_s / WINDOW_S)


def _in_sigmas(result: UpdateResult, gate_factor: Float[Array, ""]) -> Float[Array, " n"]:
    """Innovations over their sigmas, none louder than the loudest."""
    sigma = jnp.maximum(result.gate / gate_factor, LEAST_SIGMA)
    return jnp.clip(result.innovation / sigma, -LOUDEST, LOUDEST)


def _insists(mean_factor: Float[Array, ""], share: Float[Array, ""]) -> Bool[Array, ""]:
    """Whether such a mean is no chance."""
    return jnp.abs(mean_factor) > LEAST_SIGMAS * jnp.sqrt(share / (2.0 - share))
