"""Which of a leg's struts give way in a step, and how far, beside a soil that sinks and slides.

Struts, soil and slider stand in series behind one spring and damper, so the weakest takes the
motion. The load is raised from nothing to its trial value; what meets its limit first gives way
from there on along its own direction only, and the rest of the way is shared out among what still
holds. After three have given way nothing is left that could be pressed.
"""

from dataclasses import KW_ONLY
from typing import NamedTuple

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, Bool, Float

WAYS = 3
"""In three directions no more than three can give way at a time."""
ALONG = 1e-9
"""Of the load: less is across what could give way."""
TURNS = 2
"""How often the direction of sliding is found anew from what the struts have taken of it."""
FURTHEST = 20.0
"""Steps that the last one is carried on for, at most."""
JAMMED = 0.05
"""A pad that slides takes at least this share of its way, however its leg leans on it."""
NEVER_N = 1e12


class PadLoad(eqx.Module):
    """The trial load of one pad and all that may give way under it; body axes."""

    _: KW_ONLY
    normal: Float[Array, "3"]  # of the ground
    press_n: Float[Array, ""]
    drag_n: Float[Array, "3"]  # along the ground
    strut_factor: Float[Array, "J 3"]  # the pad's way over the strut's
    strut_limit_n: Float[Array, "J 2"]  # in compression and in tension
    bearing_n: Float[Array, ""]
    friction_factor: Float[Array, ""]
    ploughing_n: Float[Array, ""]  # what the slider carries beside friction
    yielding_n_per_m: Float[Array, ""]
    stop_direction: Float[Array, "3"] | None = None  # out of what bars the pad; zero: nothing does


class _GivenWay(NamedTuple):
    """What gives way already: its direction clear of the earlier ones, and what that is made of."""

    normal: Float[Array, "3"]
    flow: Float[Array, "3"]
    made: Float[Array, " M"]
    size: Float[Array, ""]


def crushed_m(load: PadLoad) -> Float[Array, " J"]:
    """How far each strut of one leg crushes in a step, m; stretching is negative.

    First with a pad that sticks; if the ground could not hold it, with one that slides.
    """
    stuck_n, stuck = _given_way(load, load.drag_n, NEVER_N)
    along_n = dot(stuck_n, load.normal)
    aside_n = stuck_n - along_n * load.normal
    holds_n = load.friction_factor * along_n + load.ploughing_n
    if load.stop_direction is not None:
        against_n = dot(aside_n, load.stop_direction)
        aside_n = aside_n - against_n * load.stop_direction
        holds_n = holds_n + load.friction_factor * jnp.maximum(against_n, 0.0)
    sliding = _given_way(load, _drag_at_rest_n(load), load.ploughing_n)[1]
    return jnp.where(dot(aside_n, aside_n) > holds_n**2, sliding, stuck)


def _drag_at_rest_n(load: PadLoad) -> Float[Array, "3"]:
    """The trial drag of a sliding pad less what the struts take of it, which depends on it.

    Found by repeated substitution, each two of them carried on to where they lead (Irons and Tuck,
    International Journal for Numerical Methods in Engineering 1, 1969, p. 275).
    """

    def again(drag_n: Float[Array, "3"]) -> Float[Array, "3"]:
        crush_m = _given_way(load, drag_n, load.ploughing_n)[1]
        moved_m = jnp.sum(crush_m[:, None] * load.strut_factor, axis=0)
        aside_m = moved_m - dot(moved_m, load.normal) * load.normal
        return load.drag_n - load.yielding_n_per_m * aside_m

    drag_n = load.drag_n
    for _ in range(TURNS):
        once_n = again(drag_n)
        twice_n = again(once_n)
        last_n, bent_n = twice_n - once_n, twice_n - 2.0 * once_n + drag_n
        onward = -dot(last_n, bent_n) / jnp.maximum(dot(bent_n, bent_n), ALONG)
        drag_n = twice_n + jnp.clip(onward, -1.0, FURTHEST) * last_n
    return drag_n


def _given_way(
    load: PadLoad, drag_n: Float[Array, "3"], slider_n: Float[Array, ""] | float
) -> tuple[Float[Array, "3"], Float[Array, " J"]]:
    """The load that is left, and what the struts have crushed; the pad slides against `drag_n`."""
    trial_n = load.press_n * load.normal + load.drag_n
    size_n = jnp.sqrt(dot(trial_n, trial_n))
    across = _way_of_sliding(load, drag_n)
    flows = jnp.concatenate([load.strut_factor, load.normal[None], across[None]])
    slides = _counting_to_slide(load, across)
    normals = jnp.concatenate([load.strut_factor, load.normal[None], slides[None]])
    ground_n = jnp.stack([load.bearing_n, jnp.asarray(slider_n)])
    above_n = jnp.concatenate([load.strut_limit_n[:, 0], ground_n])
    below_n = jnp.concatenate([load.strut_limit_n[:, 1], jnp.full(2, NEVER_N)])
    going, coefficient, held_n = trial_n, jnp.zeros(len(flows)), jnp.zeros(3)
    load_n, way, holds = jnp.zeros(len(flows)), jnp.zeros(len(flows)), jnp.ones(len(flows), bool)
    left = jnp.array(1.0)
    given: list[_GivenWay] = []
    for _ in range(WAYS):
        rate_n = dot(normals, going[None])
        room_n = jnp.where(rate_n > 0.0, above_n - load_n, below_n + load_n)
        could = holds & (jnp.abs(rate_n) > ALONG * size_n)
        reach = jnp.where(could, room_n / jnp.where(could, jnp.abs(rate_n), 1.0), 2.0)
        share = jnp.clip(jnp.min(reach), 0.0, left)
        load_n, way, left = load_n + share * rate_n, way + share * coefficient, left - share
        held_n = held_n + share * going
        first = jnp.arange(len(flows)) == jnp.argmin(reach)
        given.append(_clear_of(given, _picked(first, normals), _picked(first, flows), first))
        last = given[-1]
        rate = dot(last.normal, going) / last.size
        going, coefficient = going - rate * last.flow, coefficient + rate * last.made
        holds = holds & ~first
    load_n, way = load_n + left * dot(normals, going[None]), way + left * coefficient
    struts = len(load.strut_factor)
    yields = jnp.where(way[:struts] * load_n[:struts] > 0.0, way[:struts], 0.0)
    return held_n + left * going, yields / load.yielding_n_per_m


def _way_of_sliding(load: PadLoad, drag_n: Float[Array, "3"]) -> Float[Array, "3"]:
    if load.stop_direction is not None:
        drag_n = drag_n - dot(drag_n, load.stop_direction) * load.stop_direction
    return drag_n / jnp.maximum(jnp.sqrt(dot(drag_n, drag_n)), ALONG)


def _counting_to_slide(load: PadLoad, across: Float[Array, "3"]) -> Float[Array, "3"]:
    """What a load is multiplied by to be held against friction, of ground and stop."""
    slides = across - load.friction_factor * load.normal
    if load.stop_direction is None:
        return slides
    return slides - load.friction_factor * load.stop_direction


def _picked(first: Bool[Array, " M"], rows: Float[Array, "M 3"]) -> Float[Array, "3"]:
    return jnp.sum(jnp.where(first[:, None], rows, 0.0), axis=0)


def _clear_of(
    given: list[_GivenWay],
    normal: Float[Array, "3"],
    flow: Float[Array, "3"],
    first: Bool[Array, " M"],
) -> _GivenWay:
    """A flow less what loads those that have given way before it."""
    made, whole = first.astype(float), dot(flow, flow)
    for each in given:
        share = dot(each.normal, flow) / each.size
        flow, made = flow - share * each.flow, made - share * each.made
    return _GivenWay(normal, flow, made, jnp.maximum(dot(normal, flow), JAMMED * whole))


def dot(a: Float[Array, "... 3"], b: Float[Array, "... 3"]) -> Float[Array, "..."]:
    """Over the last axis, written out so that it fuses."""
    return a[..., 0] * b[..., 0] + a[..., 1] * b[..., 1] + a[..., 2] * b[..., 2]


def stage_limit_n(
    stage_end_m: Float[Array, "*n R"], force_n: Float[Array, "*n R"], stroke_m: Float[Array, "*n"]
) -> Float[Array, "*n"]:
    """At what force a strut crushes further, by its stroke; never past its last stage."""
    limit_n = jnp.full(stroke_m.shape, NEVER_N)
    for stage in reversed(range(stage_end_m.shape[-1])):
        inside = stroke_m < stage_end_m[..., stage]
        limit_n = jnp.where(inside, force_n[..., stage], limit_n)
    return limit_n


crushed_by_leg_m = jax.vmap(crushed_m)
"""`crushed_m` of several legs, (L, J)."""
