"""What a mission draws once a flight, as small changes of truth: one sigma of each."""

import dataclasses
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax.dtypes import float0
from jax.flatten_util import ravel_pytree
from jaxtyping import Array, Float, UInt32

from perilune.design.build_truth import Truth, build_truth
from perilune.design.dispersion_table import rows_and_addresses
from perilune.design.flight_plan import Dispersions, FlightPlan
from perilune.design.numbers import dispersable_parameters
from perilune.flight.draw import sample
from perilune.flight.kept_programs import kept_program
from perilune.mechanics.array_types import AnyArray
from perilune.mechanics.randomness import run_key
from perilune.mission.distributions import Kind
from perilune.mission.mission import Mission

LEVELS = 1024
"""Of each row's distribution, even steps of chance, from which its spread is taken."""


PLACES = 16
"""Runs whose waves and step of the map's error are looked at: where those lie is chance."""


class Directions(NamedTuple):
    """Small changes of truth, p of them, and by which run's key the ground is placed for each."""

    truth: Truth  # tangents, with a leading axis p; None of integers
    surface_key: UInt32[AnyArray, "p 2"]


class Drawn(NamedTuple):
    """The errors that navigation can feel, p of them."""

    truth: Truth  # at the reference
    directions: Directions  # by one standard normal number each
    groups: tuple[str, ...]  # of each, the path that it belongs to, without its component


def drawn_errors(mission: Mission, plan: FlightPlan) -> Drawn:
    """The rows of a mission's dispersions that move sensors, start, ground or field."""
    rows, _ = rows_and_addresses(mission, plan)
    columns = _deviations(plan.dispersions)[:, None] * np.asarray(plan.dispersions.mix)
    columns = columns[:, : len(rows)] * np.asarray(plan.dispersions.active)[:, None]
    along = columns.T.copy()
    truth, tangents = kept_program("drawn", _moved, (plan, along))(plan, along)
    felt = _felt(tangents)
    chosen = jax.tree.map(lambda each: np.asarray(each)[felt], tangents)
    groups = tuple(_group(row.path) for row, yes in zip(rows, felt, strict=True) if yes)
    return _placed(_without_relief(truth), chosen, groups)


def _without_relief(truth: Truth) -> Truth:
    """With ground as the map has it, along which sensors and height are made linear.

    A map that lies elsewhere by tens of metres has other ground below its points there; the slope
    of a crater's wall says nothing of it. That ground is a source of its own.
    """
    surface = truth.ground.surface
    flat = dataclasses.replace(surface, largest_m=jnp.zeros_like(surface.largest_m))
    return dataclasses.replace(truth, ground=dataclasses.replace(truth.ground, surface=flat))


def _placed(truth: Truth, tangents: Truth, groups: tuple[str, ...]) -> Drawn:
    """Each error once, and what chance places so many times as there are places, a share each."""
    warped = [np.asarray(each) != 0.0 for each in jax.tree.leaves(tangents.ground.warp)]
    counts = np.where(np.any(warped, axis=0), PLACES, 1)
    which = np.repeat(np.arange(len(counts)), counts)
    place = np.concatenate([np.arange(count) for count in counts])
    shares = 1.0 / np.sqrt(counts[which])
    spread = jax.tree.map(
        lambda each: each[which] * shares.reshape(-1, *[1] * (each.ndim - 1)), tangents
    )
    keys = np.stack([np.asarray(jax.random.key_data(run_key(0, run))) for run in range(PLACES)])
    return Drawn(truth, Directions(spread, keys[place]), tuple(groups[each] for each in which))


def _moved(plan: FlightPlan, along: Float[Array, "p rows"]) -> tuple[Truth, Truth]:
    """Truth, and how it moves along each of these steps of the numbers that are drawn."""
    flat, shaped = ravel_pytree(dispersable_parameters(plan))

    def truth_of(values: Float[Array, " rows"]) -> Truth:
        known = shaped(flat.at[plan.dispersions.address].add(values, mode="drop"))
        return build_truth(known["numbers"], plan.nominal_start)

    truth, moves = jax.linearize(truth_of, jnp.zeros(along.shape[1]))
    tangents = jax.vmap(moves)(along)
    none: Any = None  # of whole numbers, which no small step moves
    return truth, jax.tree.map(lambda each: none if each.dtype == float0 else each, tangents)


def _deviations(rows: Dispersions) -> Float[np.ndarray, " rows"]:
    """How far each row is from its value on the reference flight, root mean square, SI."""
    chances = (np.arange(LEVELS) + 0.5) / LEVELS
    points = np.tile(chances[:, None], (1, len(rows.kind)))
    values = np.asarray(kept_program("sampled", _sampled, (rows, points))(rows, points))
    spread = np.sqrt(np.mean((values - np.asarray(rows.nominal)) ** 2, axis=0))
    whole = (np.asarray(rows.kind) == Kind.NORMAL) & np.all(
        np.asarray(rows.cut) == [0.0, 1.0], axis=1
    )
    return np.where(whole, np.asarray(rows.scale), spread)


def _sampled(rows: Dispersions, points: Float[Array, "levels rows"]) -> Float[Array, "levels rows"]:
    """What the rows draw at these chances, each alone."""
    alone = dataclasses.replace(rows, mix=jnp.eye(len(rows.kind)))
    return jax.vmap(lambda each: sample(alone, run_key(0, 0), each))(points)


def _felt(tangents: Truth) -> Float[np.ndarray, " rows"]:
    """Which rows move what navigation feels: not those of engines, legs, soil or relief."""
    none: Any = None
    ground = dataclasses.replace(tangents.ground, surface=none, rocks=none, stops=none)
    start = dataclasses.replace(tangents.start, tank_kg=none, thrust_n=none)
    leaves = jax.tree.leaves((tangents.sensors, start, ground, tangents.vehicle.mass))
    moving = [np.any(np.asarray(each).reshape(len(each), -1) != 0.0, axis=1) for each in leaves]
    return np.any(moving, axis=0)


def _group(path: str) -> str:
    """A path without its components, and the start's place and speed as one."""
    parts = [part for part in path.split(".") if not part.isdigit()]
    if parts[0] == "start" and parts[-1] != "attitude":
        return "start"
    return ".".join(parts)
