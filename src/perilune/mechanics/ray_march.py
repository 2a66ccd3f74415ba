"""Where a ray meets the ground: a march of few steps that does not step over hills."""

from collections.abc import Callable
from dataclasses import KW_ONLY
from typing import NamedTuple

import equinox as eqx
import jax
import jax.numpy as jnp
from jax import Array
from jaxtyping import Bool, Float, Int

from perilune.mechanics.array_types import AnyArray
from perilune.mechanics.batching import any_lane
from perilune.mechanics.derivatives import root

CAREFUL_COUNT = 4
BOLD_FACTOR = 1.6
LONGEST_FACTOR = 8.0
KEPT_SLOPE_FRACTION = 0.2
SHORTEST_M = 1e-6
"""The least advance: without it a ray can hang a rounding error above the ground for ever."""
CLOSE_ENOUGH_M = 1e-6
"""A look this near ground that is bracketed ends the march."""
LEAST_CLOSING_FRACTION, MOST_CLOSING_FRACTION = 0.3, 3.0
"""Of the way that a level ground would close with range: what a step is held to."""
LEAST_UP = 1e-3


class Search(eqx.Module):
    """What a march knows: the last range above ground, the one before, and the first below.

    Ranges in m along the ray; clearances in m along the radius. `touched` once a look was under
    ground, `last_touched` when the last one was.
    """

    _: KW_ONLY
    before_m: Float[Array, ""]
    before_clearance_m: Float[Array, ""]
    above_m: Float[Array, ""]
    above_clearance_m: Float[Array, ""]
    below_m: Float[Array, ""]
    below_clearance_m: Float[Array, ""]
    touched: Bool[Array, ""]
    last_touched: Bool[Array, ""]


Marching = tuple[Search, Int[Array, ""], Bool[Array, ""]]
"""The search, how many looks it has had, and whether it is over."""


def march(
    clearance_of_position: Callable[[Float[AnyArray, "3"]], Float[Array, ""]],
    origin: Float[AnyArray, "3"],
    direction: Float[AnyArray, "3"],
    reach_m: Float[AnyArray, ""],
    steps: int = 24,
) -> tuple[Float[Array, ""], Bool[Array, ""]]:
    """Slant range, m, to the first ground along a ray, and whether there is any within reach.

    clearance_of_position  (3,) -> m above the ground along the radius, on any Moon-centred axes
    origin, direction      (3,) on those axes, m and unit; reach_m is the longest range looked at
    steps                  static: the most evaluations of the ground; fewer when no lane needs more

    While no ground was seen the ray advances: for four looks by what ground that keeps rising
    0.2 m per m could close, then by up to 1.6 times what the last two clearances foretell. Once
    the ground is bracketed, false position with the Illinois rule closes in (Dowell and Jarratt,
    BIT 11, 1971). A ray that has not reached ground when the steps are spent, which happens only
    within three degrees of grazing, counts as no hit. With no hit the range is `reach_m`; from
    under the ground it is zero.
    """
    start_m = clearance_of_position(origin)
    zero_m = jnp.zeros_like(start_m)
    under = start_m <= 0.0
    far_m = jnp.where(under, zero_m, reach_m)
    depth_m = -jnp.ones_like(start_m)
    search = Search(
        before_m=zero_m,
        before_clearance_m=start_m,
        above_m=zero_m,
        above_clearance_m=start_m,
        below_m=far_m,
        below_clearance_m=depth_m,
        touched=under,
        last_touched=under,
    )

    def look(state: Marching) -> Marching:
        search, step, _ = state
        advanced_m = _advanced_m(search, origin, direction, step < CAREFUL_COUNT)
        range_m = jnp.where(search.touched, _false_position_m(search), advanced_m)
        range_m = jnp.minimum(range_m, reach_m)
        found_m = clearance_of_position(origin + range_m * direction)
        after = _narrowed(search, range_m, found_m)
        close = after.touched & (jnp.abs(found_m) < CLOSE_ENOUGH_M)
        spent = ~after.touched & (range_m >= reach_m)
        return after, step + 1, close | spent

    def unless_over(state: Marching) -> Marching:
        after = look(state)
        return jax.tree.map(lambda new, old: jnp.where(state[2], old, new), after, state)

    start = (search, jnp.array(1), under)
    search, _, _ = jax.lax.while_loop(
        lambda state: any_lane(~state[2] & (state[1] < steps)), unless_over, start
    )
    return jnp.where(search.touched, _false_position_m(search), reach_m), search.touched


def refined(
    ground_below: Callable[[Float[AnyArray, "3"]], tuple[Float[Array, ""], Float[Array, "3"]]],
    origin: Float[AnyArray, "3"],
    direction: Float[AnyArray, "3"],
    range_m: Float[AnyArray, ""],
    close_m: float | Float[Array, ""],
    steps: int = 6,
) -> tuple[Float[Array, ""], Float[Array, "3"]]:
    """The range, m, near `range_m` at which a ray meets ground that has relief besides.

    ground_below   (3,) -> m above the ground along the radius, and the unit normal (3,) there
    close_m        it ends at a look so near the ground
    steps          static: or after so many

    By Newton's steps: the range that comes back is where the ray meets the plane through the ground
    of the last look, whose normal it gives. A ray meets such ground once where it is steeper than
    the ground.
    """
    position = origin + range_m * direction
    up = position / jnp.linalg.norm(position)
    level = -jnp.dot(up, direction)

    def look(state: Refining) -> Refining:
        clear_m, normal = ground_below(origin + state.range_m * direction)
        closing = -jnp.dot(normal, direction) / jnp.maximum(jnp.dot(normal, up), LEAST_UP)
        held = jnp.clip(closing, LEAST_CLOSING_FRACTION * level, MOST_CLOSING_FRACTION * level)
        return Refining(state.range_m + clear_m / held, clear_m, normal, state.step + 1)

    def goes_on(state: Refining) -> Bool[Array, ""]:
        return (jnp.abs(state.last_clear_m) >= close_m) & (state.step < steps)

    def unless_close(state: Refining) -> Refining:
        going = goes_on(state)
        return jax.tree.map(lambda new, old: jnp.where(going, new, old), look(state), state)

    start = Refining(range_m, jnp.full_like(range_m, jnp.inf), up, jnp.array(0))
    found = jax.lax.while_loop(lambda state: any_lane(goes_on(state)), unless_close, start)
    return jnp.maximum(found.range_m, 0.0), found.normal


class Refining(NamedTuple):
    """Where to look next, and what the last look found."""

    range_m: Float[Array, ""]
    last_clear_m: Float[Array, ""]
    normal: Float[Array, "3"]
    step: Int[Array, ""]


def _advanced_m(
    search: Search,
    origin: Float[Array, "3"],
    direction: Float[Array, "3"],
    careful: Bool[Array, ""],
) -> Float[Array, ""]:
    """The next range to look at while every evaluation so far was above ground."""
    position = origin + search.above_m * direction
    descent = -jnp.dot(position, direction) / jnp.linalg.norm(position)
    run = root(jnp.maximum(1.0 - descent**2, 0.0))
    safe_m = search.above_clearance_m / jnp.maximum(descent + KEPT_SLOPE_FRACTION * run, 1e-3)
    closed_m = search.before_clearance_m - search.above_clearance_m
    passed_m = search.above_m - search.before_m
    closing = closed_m > 0.0
    foretold_m = search.above_clearance_m * passed_m / jnp.where(closing, closed_m, 1.0)
    bold_m = jnp.minimum(BOLD_FACTOR * foretold_m, LONGEST_FACTOR * safe_m)
    keep_safe = careful | ~closing
    advance_m = jnp.where(keep_safe, safe_m, jnp.maximum(safe_m, bold_m))
    return search.above_m + jnp.maximum(advance_m, SHORTEST_M)


def _false_position_m(search: Search) -> Float[Array, ""]:
    """Where the chord of the bracket crosses zero, held inside the bracket."""
    drop_m = search.above_clearance_m - search.below_clearance_m
    span_m = search.below_m - search.above_m
    share = search.above_clearance_m / jnp.where(drop_m > 0.0, drop_m, 1.0)
    return search.above_m + span_m * jnp.clip(share, 0.0, 1.0)


def _narrowed(search: Search, range_m: Float[Array, ""], clearance_m: Float[Array, ""]) -> Search:
    """The search after one more look; an end that is kept twice running counts half (Illinois)."""
    below = clearance_m <= 0.0
    half = jnp.where(search.touched & (search.last_touched == below), 0.5, 1.0)
    kept_above_m = half * search.above_clearance_m
    kept_below_m = half * search.below_clearance_m
    return Search(
        before_m=jnp.where(below, search.before_m, search.above_m),
        before_clearance_m=jnp.where(below, search.before_clearance_m, search.above_clearance_m),
        above_m=jnp.where(below, search.above_m, range_m),
        above_clearance_m=jnp.where(below, kept_above_m, clearance_m),
        below_m=jnp.where(below, range_m, search.below_m),
        below_clearance_m=jnp.where(below, clearance_m, kept_below_m),
        touched=search.touched | below,
        last_touched=below,
    )
