"""What a sensor's innovations have looked like, and what follows for its noise and its gate.

A gate that never gives in locks out a healthy sensor for good once the estimate is wrong, and no
gate at all lets a broken sensor in. From the innovations of each scalar this module decides two
things:

- **Noise**: half the mean square of what changes from one reading to the next is the variance of
  its noise, whatever the estimate is off by. It is kept as a multiple of the variance that each
  reading is assumed to have, which falls as a lander comes down. Where it exceeds what the gate
  allows for, the noise assumed grows by the difference (covariance matching; Mehra 1972, IEEE TAC
  17(5)).
- **Re-acquisition**: refused readings that agree among each other for a while say that it is the
  estimate that is wrong. The covariance then grows in the states that the scalar depends on, until
  the reading passes (a fading factor for each state; Zhou and Frank 1996, Int. J. Control 63(2)).

A height that jumps from one reading to the next, and stays there, can be a step of the ground or
a fault of the altimeter, and one sensor alone cannot tell which. It is re-acquired only where a
second unit reads the same jump, and never while another unit that measures height is in use. The
ground's own slopes take more than one reading to cross.
"""

from dataclasses import KW_ONLY

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, Bool, Float

from perilune.interfaces.telemetry import UpdateResult

SCATTER_SHARE = 1.0 / 16.0
"""Weight of the newest change in the variance of the noise."""
LARGEST_GROWTH = 8.0
"""One change counts for no more than this times the variance so far: one spike in twenty readings
doubles the noise as seen, while noise a hundred times as large is known after 25 readings."""
NOISY_FACTOR = 2.0
"""Over the variance of the innovation: less is chance. The variance of the noise as seen has a
spread of a third."""
LEAST_COUNT, LEAST_TIME_S = 5.0, 3.0
"""So many readings refused one after the other, over so long, before one is taken after all."""
STEADY_FACTOR = 2.0
"""Mean of the refused innovations over the rms of what changes between them, at the least."""
JUMP_SHARE = 0.75
"""Of the gate: an innovation that changes by more from one reading to the next has jumped."""
GROWN_FACTOR = 3.0
"""A jump whose innovation grows to so many times its first one while the least time lasts was a
slope of the ground; later, a range that is off shows more of itself as the beam turns upright."""
ALIKE_FRACTION = 0.2
"""Of a jump in height: two units that differ by less agree."""
LARGEST_INFLATION = 1e4
"""Of a variance at one re-acquisition, so that rounding leaves the covariance positive."""
LEAST_VARIANCE = 1e-300


class Watch(eqx.Module):
    """What is kept of the innovations of one unit's scalars, in the units of its readings."""

    _: KW_ONLY
    residual: Float[Array, " n"]  # left over of the last valid reading
    scatter_factor: Float[Array, " n"]  # variance as seen over that assumed; 0 before a reading
    refused_count: Float[Array, " n"]  # valid readings refused one after the other
    refused_since_s: Float[Array, " n"]  # when the first of them came
    refused_first: Float[Array, " n"]
    refused_mean: Float[Array, " n"]
    refused_change_variance: Float[Array, " n"]  # mean square of the changes between them
    last_s: Float[Array, " n"]  # when the last valid reading came
    heard: Bool[Array, " n"]  # whether a reading was used since the last re-acquisition
    jumped: Bool[Array, " n"]  # whether those refused began with a jump


def unwatched(count: int) -> Watch:
    """Before the first reading."""
    zero, no = jnp.zeros(count), jnp.zeros(count, bool)
    return Watch(
        residual=zero,
        scatter_factor=zero,
        refused_count=zero,
        refused_since_s=zero,
        refused_first=zero,
        refused_mean=zero,
        refused_change_variance=zero,
        last_s=zero,
        heard=no,
        jumped=no,
    )


def persists(watch: Watch, time_s: Float[Array, ""]) -> Bool[Array, " n"]:
    """Whether refused readings have agreed for long enough."""
    steady = watch.refused_mean**2 > STEADY_FACTOR**2 * watch.refused_change_variance
    lasted = time_s - watch.refused_since_s >= LEAST_TIME_S
    return (watch.refused_count >= LEAST_COUNT) & lasted & steady


def is_in_use(watch: Watch, time_s: Float[Array, ""]) -> Bool[Array, ""]:
    """Whether a unit's last valid reading passed its gate, not long ago."""
    recent = time_s - watch.last_s[0] < LEAST_TIME_S
    return recent & watch.heard[0] & (watch.refused_count[0] == 0.0)


def agree(watch: Watch, other: Watch) -> Bool[Array, ""]:
    """Whether two units that measure height have jumped by the same."""
    mine, theirs = watch.refused_mean[0], other.refused_mean[0]
    alike = jnp.abs(mine - theirs) < ALIKE_FRACTION * jnp.abs(mine)
    return alike & (other.refused_count[0] >= LEAST_COUNT)


def excess_variance(
    scatter_variance: Float[Array, ""], innovation_variance: Float[Array, ""]
) -> Float[Array, ""]:
    """What the noise as seen has beyond the variance of the innovation as assumed."""
    noisy = scatter_variance > NOISY_FACTOR * innovation_variance
    return jnp.where(noisy, scatter_variance - innovation_variance, 0.0)


def inflated(
    covariance: Float[Array, "errors errors"],
    spread: Float[Array, " errors"],
    known: Float[Array, ""],
    wanted: Float[Array, ""],
    most: Float[Array, " errors"],
) -> Float[Array, "errors errors"]:
    """The covariance P with D P D, D = 1 + (sqrt(wanted / known) - 1) |correlation|.

    `spread` is P h and `known` is h' P h of a scalar with the slope h; states that it does not
    depend on stay as sure as they are, and none grows beyond `most`, one sigma. What rounding has
    left unsymmetric would grow with each re-acquisition, while updates take away the rest of P: it
    is removed, and no correlation is taken for more than 1.
    """
    sigma = jnp.sqrt(jnp.maximum(jnp.diagonal(covariance), LEAST_VARIANCE))
    ratio = jnp.clip(wanted / jnp.maximum(known, LEAST_VARIANCE), 1.0, LARGEST_INFLATION)
    growth = jnp.sqrt(ratio) - 1.0
    correlation = jnp.abs(spread) / (sigma * jnp.sqrt(jnp.maximum(known, LEAST_VARIANCE)))
    grown = 1.0 + growth * jnp.minimum(correlation, 1.0)
    factor = jnp.minimum(grown, jnp.maximum(most / sigma, 1.0))
    return 0.5 * (covariance + covariance.T) * factor[:, None] * factor[None, :]


def raised(
    covariance: Float[Array, "errors errors"],
    spread: Float[Array, " errors"],
    known: Float[Array, ""],
    wanted: Float[Array, ""],
    directions: Float[Array, "k errors"],
    most: float,
) -> Float[Array, "errors errors"]:
    """As `inflated`, but along some unit vectors u alone, perpendicular to each other.

    D = 1 + sum of (f - 1) u u': what lies across them stays as sure as it is. Along none of them
    is more than `most` left, one sigma.
    """
    known = jnp.maximum(known, LEAST_VARIANCE)
    growth = jnp.sqrt(jnp.clip(wanted / known, 1.0, LARGEST_INFLATION)) - 1.0
    wider = 0.5 * (covariance + covariance.T)
    along = jnp.sum(wider[None] * directions[:, None, :], axis=-1)
    sigma = jnp.sqrt(jnp.maximum(jnp.sum(along * directions, axis=-1), LEAST_VARIANCE))
    correlation = jnp.abs(jnp.sum(spread * directions, axis=-1)) / (sigma * jnp.sqrt(known))
    grown = 1.0 + growth * jnp.minimum(correlation, 1.0)
    more = jnp.minimum(grown, jnp.maximum(most / sigma, 1.0)) - 1.0
    for direction, by in zip(directions, more, strict=True):
        wider = wider + by * direction[:, None] * jnp.sum(direction[:, None] * wider, axis=0)
        wider = wider + by * jnp.sum(wider * direction, axis=1)[:, None] * direction
    return wider


def watched(
    watch: Watch,
    result: UpdateResult,
    valid: Bool[Array, " n"],
    noise_variance: Float[Array, " n"],
    time_s: Float[Array, ""],
) -> Watch:
    """The watch with one reading more; a scalar that is not valid changes nothing.

    `result` says which scalars passed their gates.
    """
    fresh = watch.scatter_factor == 0.0
    change = jnp.where(fresh, 0.0, result.innovation - watch.residual)
    refused = ~result.used
    begins = refused & (watch.refused_count == 0.0)
    now = Watch(
        residual=result.residual,
        scatter_factor=_scatter(watch.scatter_factor, change, noise_variance),
        last_s=jnp.broadcast_to(time_s, watch.last_s.shape),
        heard=watch.heard | result.used,
        jumped=_jumped(watch, result, change, time_s),
        refused_first=jnp.where(begins, result.innovation, watch.refused_first),
        refused_since_s=jnp.where(begins, time_s, watch.refused_since_s),
        **_refused(watch, result.innovation, jnp.where(begins, 0.0, change), refused),
    )
    return jax.tree.map(lambda new, old: jnp.where(valid, new, old), now, watch)


def _jumped(
    watch: Watch, result: UpdateResult, change: Float[Array, " n"], time_s: Float[Array, ""]
) -> Bool[Array, " n"]:
    """Whether those refused began with a jump, and have stayed where it led."""
    refused, begins = ~result.used, watch.refused_count == 0.0
    jumps = watch.heard & (jnp.abs(change) > JUMP_SHARE * result.gate)
    grown = jnp.abs(result.innovation) > GROWN_FACTOR * jnp.abs(watch.refused_first)
    slopes = grown & (time_s - watch.refused_since_s < LEAST_TIME_S)
    return refused & jnp.where(begins, jumps, watch.jumped & ~slopes)


def _scatter(
    factor: Float[Array, " n"], change: Float[Array, " n"], assumed: Float[Array, " n"]
) -> Float[Array, " n"]:
    """The variance of the noise over that assumed after one change more; it begins as 1."""
    before = jnp.where(factor == 0.0, 1.0, factor)
    seen = 0.5 * change**2 / jnp.maximum(assumed, LEAST_VARIANCE)
    most = LARGEST_GROWTH * jnp.maximum(before, 1.0)
    return before + SCATTER_SHARE * (jnp.minimum(seen, most) - before)


def _refused(
    watch: Watch,
    innovation: Float[Array, " n"],
    change: Float[Array, " n"],
    refused: Bool[Array, " n"],
) -> dict[str, Float[Array, " n"]]:
    """Count, mean and mean square change of those refused one after the other."""
    count = jnp.where(refused, watch.refused_count + 1.0, 0.0)
    share = 1.0 / jnp.maximum(count, 1.0)
    mean = watch.refused_mean + share * (innovation - watch.refused_mean)
    square = watch.refused_change_variance + share * (change**2 - watch.refused_change_variance)
    return {
        "refused_count": count,
        "refused_mean": jnp.where(refused, mean, 0.0),
        "refused_change_variance": jnp.where(refused, square, 0.0),
    }
