"""This run's plan: what lasts a flight is drawn once, and truth is rebuilt from it."""

import dataclasses

import jax
import jax.numpy as jnp
from jax.flatten_util import ravel_pytree
from jax.scipy.special import ndtr, ndtri
from jaxtyping import Array, Float, Int, Key, UInt32

from perilune.design.build_truth import build_truth, put_truth
from perilune.design.flight_plan import Dispersions, FlightPlan
from perilune.design.numbers import dispersable_parameters
from perilune.mechanics.randomness import as_normals, as_uniforms
from perilune.mission.distributions import Kind

ONCE = 0
LEAST_CHANCE = 2.0**-53
"""Half a step of the uniform draws: keeps both ends out of the normal law's infinite tails."""


def draw(
    plan: FlightPlan, key: Key[Array, ""], points: Float[Array, " rows"] | None = None
) -> FlightPlan:
    """This run's `FlightPlan`: what its truth has of each dispersed parameter is drawn.

    `key` is the run's, of `run_key`; each parameter has a stream of its own, so that one more
    changes no other. `points` (rows of the draw's table,) are uniforms on (0, 1) in place of those
    streams; not-a-number keeps the row's own. Truth only: the upload keeps the nominal belief but
    for rows that name it. Fit for `jit` and `vmap`; raises nothing.

    >>> import perilune
    >>> flight_plan = perilune.plan(perilune.load_mission("athena"))
    >>> drawn = perilune.draw(flight_plan, perilune.run_key(seed=4, run=17))
    >>> nominal_n, drawn_n = (each.vehicle.engines.max_thrust_n[0] for each in (flight_plan, drawn))
    >>> 0.9 < float(drawn_n / nominal_n) < 1.1
    True
    """
    return disperse(plan, sample(plan.dispersions, key, points))


def sample(
    dispersions: Dispersions, key: Key[Array, ""], points: Float[Array, " rows"] | None = None
) -> Float[Array, " rows"]:
    """The rows' values, (128,), SI; nominal where a row is not active, zero where there is none.

    Each row has a uniform of its own, from a stream named by its path, put through the inverse of
    its distribution: a row more or less changes no other. `points` (128,) on (0, 1) stand in for
    those uniforms where they are numbers; not-a-number takes the row's own.
    """
    uniform = jax.vmap(lambda name: _uniform(key, name))(dispersions.name)
    if points is not None:
        uniform = jnp.where(jnp.isnan(points), uniform, points)
    uniform = jnp.clip(uniform, LEAST_CHANCE, 1.0 - LEAST_CHANCE)
    drawn = jnp.clip(_inverse(dispersions, uniform), dispersions.low, dispersions.high)
    return jnp.where(dispersions.active, drawn, dispersions.nominal)


def _uniform(key: Key[Array, ""], name: Int[Array, ""]) -> Float[Array, ""]:
    """As `stream(key, component, ONCE)`, the component's hash already taken."""
    own = jax.random.fold_in(jax.random.fold_in(key, name), ONCE)
    return jax.random.uniform(own, (), jnp.float64)


def _inverse(rows: Dispersions, uniform: Float[Array, " rows"]) -> Float[Array, " rows"]:
    """Uniforms to values, by each row's own inverse distribution."""
    bell = rows.mix @ ndtri(uniform)
    below, above = rows.cut[:, 0], rows.cut[:, 1]
    inside = ndtri(below + ndtr(bell) * (above - below))
    bounded = jnp.where((below > 0.0) | (above < 1.0), inside, bell)
    picked = jnp.sum(uniform[:, None] >= rows.edges[:, :-1], axis=1)
    ways = {
        Kind.NORMAL: rows.nominal + rows.scale * bounded,
        Kind.LOG_NORMAL: rows.nominal * jnp.exp(rows.scale * bell),
        Kind.UNIFORM: rows.low + uniform * (rows.high - rows.low),
        Kind.CHOICE: jnp.take_along_axis(rows.values, picked[:, None], axis=1)[:, 0],
    }
    return jnp.select([rows.kind == int(kind) for kind in ways], list(ways.values()))


def disperse(plan: FlightPlan, values: Float[Array, " rows"]) -> FlightPlan:
    """The plan with its rows' numbers replaced, (128,) SI, and truth rebuilt from them.

    A row that is not active leaves the plan's own number as it is.
    """
    flat, shaped = ravel_pytree(dispersable_parameters(plan))
    rows = plan.dispersions
    address = jnp.where(rows.active, rows.address, len(flat))
    known = shaped(flat.at[address].set(values, mode="drop"))
    upload = dataclasses.replace(plan.upload, **known["onboard"])
    drawn = dataclasses.replace(plan, upload=upload)
    return put_truth(drawn, build_truth(known["numbers"], plan.nominal_start))


def noise_of(plan: FlightPlan, words: UInt32[Array, " n"]) -> Float[Array, " n"]:
    """Standard normals from random words, or zeros when every draw is off."""
    return plan.noise_factor * as_normals(words)


def chance_of(plan: FlightPlan, words: UInt32[Array, " n"]) -> Float[Array, " n"]:
    """Uniforms that decide dropouts; all one, so that none happens, when every draw is off."""
    return jnp.where(plan.noise_factor > 0.0, as_uniforms(words), 1.0)
