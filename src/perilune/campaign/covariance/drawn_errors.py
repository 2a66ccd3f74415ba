"""What a mission draws once a flight, as small changes of truth: one sigma of each."""

import dataclasses
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax.flatten_util import ravel_pytree
from jaxtyping import Float

from perilune.design.build_truth import Truth, build_truth
from perilune.design.dispersion_table import rows_and_addresses
from perilune.design.flight_plan import FlightPlan
from perilune.design.numbers import dispersable_parameters
from perilune.flight.draw import sample
from perilune.mechanics.randomness import run_key
from perilune.mission.distributions import Kind
from perilune.mission.mission import Mission

LEVELS = 1024
"""Of each row's distribution, even steps of chance, from which its spread is taken."""


class Drawn(NamedTuple):
    """The errors that navigation can feel, p of them."""

    truth: Truth  # at the reference
    tangents: Truth  # with a leading axis p: by one standard normal number each
    groups: tuple[str, ...]  # of each, the path that it belongs to, without its component


def drawn_errors(mission: Mission, plan: FlightPlan) -> Drawn:
    """The rows of a mission's dispersions that move sensors, start, ground or field."""
    rows, _ = rows_and_addresses(mission, plan)
    columns = np.asarray(_deviations(plan))[:, None] * np.asarray(plan.dispersions.mix)
    columns = columns[:, : len(rows)] * np.asarray(plan.dispersions.active)[:, None]
    flat, shaped = ravel_pytree(dispersable_parameters(plan))
    address = np.asarray(plan.dispersions.address)

    def truth_of(values: Float[Any, " rows"]) -> Truth:
        known = shaped(flat.at[address].add(values, mode="drop"))
        return build_truth(known["numbers"], plan.nominal_start)

    none = jnp.zeros(len(address))
    truth, along = jax.jit(lambda at: jax.linearize(truth_of, at))(none)
    tangents = jax.jit(jax.vmap(along))(jnp.asarray(columns.T))
    felt = _felt(tangents)
    chosen = jax.tree.map(lambda each: np.asarray(each)[felt], tangents)
    groups = tuple(_group(row.path) for row, yes in zip(rows, felt, strict=True) if yes)
    return Drawn(truth, chosen, groups)


def _deviations(plan: FlightPlan) -> Float[np.ndarray, " rows"]:
    """How far each row is from its value on the reference flight, root mean square, SI."""
    chances = (np.arange(LEVELS) + 0.5) / LEVELS
    rows = plan.dispersions
    alone = dataclasses.replace(rows, mix=jnp.eye(len(rows.kind)))
    points = np.broadcast_to(chances[:, None], (LEVELS, len(rows.kind)))
    values = jax.jit(jax.vmap(lambda each: sample(alone, run_key(0, 0), each)))(points)
    spread = np.sqrt(np.mean((np.asarray(values) - np.asarray(rows.nominal)) ** 2, axis=0))
    whole = (np.asarray(rows.kind) == Kind.NORMAL) & np.all(
        np.asarray(rows.cut) == [0.0, 1.0], axis=1
    )
    return np.where(whole, np.asarray(rows.scale), spread)


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
