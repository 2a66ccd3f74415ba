"""A flight of a batch flown again from its marks, piece by piece, with every tick on the way."""

from typing import Any

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, Int, Key

from perilune.design.flight_plan import FlightPlan
from perilune.flight.carry import Carry, ContactTickSample, Flight, FrameSample, begin
from perilune.flight.checkpointed_loop import PIECE, Marks, Step, unpacked
from perilune.flight.flight_phases import PHASES
from perilune.flight.fly import place_fixed_m
from perilune.onboard import port


def fly_again(
    plan: FlightPlan, key: Key[Array, ""], marks: tuple[Marks, Marks]
) -> tuple[tuple[FrameSample, ContactTickSample], Float[Array, ""]]:
    """Every tick of a flight by its `Marks`, and how far its pieces miss one another.

    `plan` is drawn as it was for that flight; `marks` are those of both phases. Each piece begins
    at what the flight truly was there, so that rounding, which differs from one compiled program
    to the next, is never carried further than the end of a piece. Returns (samples as `fly` gives
    them, the largest distance in m between the end of a piece and the beginning of the next).
    """
    flight = Flight(plan, key, port)
    like = jax.eval_shape(begin, flight)
    found = []
    for phase, passed in zip(PHASES, marks, strict=True):
        begins = jax.vmap(lambda row: unpacked(row, like))(passed.row_values)
        here = place_fixed_m(plan, jax.tree.map(lambda rows: rows[0], begins))
        found.append(retrace(phase.steps(flight, here, True), begins, passed.piece_count))
    (flown, gap_m), (settled, last_gap_m) = found
    return (flown, settled), jnp.maximum(gap_m, last_gap_m)


def retrace(step: Step, begins: Carry, piece_count: Int[Array, ""]) -> tuple[Any, Float[Array, ""]]:
    """All steps of one phase, those of pieces never begun zero, and the largest gap, m.

    `begins` is what the flight was at the beginning of each piece, with a leading axis of pieces.
    """
    step = jax.jit(step)

    def piece(now: Carry) -> tuple[Carry, Any]:
        return jax.lax.scan(lambda each, _: step(each), now, None, PIECE)

    def blank(now: Carry) -> tuple[Carry, Any]:
        return jax.tree.map(lambda one: jnp.zeros(one.shape, one.dtype), jax.eval_shape(piece, now))

    row = jnp.arange(len(begins.clock))
    begun = row < piece_count
    after, samples = jax.lax.map(
        lambda one: jax.lax.cond(one[0], piece, blank, one[1]), (begun, begins)
    )
    ends_m, begins_m = (each.state.position_inertial_m for each in (after, begins))
    gaps_m = jnp.linalg.norm(ends_m[:-1] - begins_m[1:], axis=-1)
    gap_m = jnp.max(jnp.where(begun[1:], gaps_m, 0.0))
    return jax.tree.map(lambda one: one.reshape(-1, *one.shape[2:]), samples), gap_m
