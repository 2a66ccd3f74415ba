"""A flight of a batch flown again from its marks, piece by piece, with every tick on the way."""

from typing import Any

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, Key

from perilune.design.flight_plan import FlightPlan
from perilune.flight.carry import ContactTickSample, Flight, FrameSample
from perilune.flight.checkpointed_loop import PIECE, Marks, Step
from perilune.flight.fly import place_fixed_m
from perilune.flight.phases import PHASES
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
    found = []
    for phase, passed in zip(PHASES, marks, strict=True):
        here = place_fixed_m(plan, jax.tree.map(lambda rows: rows[0], passed.carry))
        found.append(retrace(phase.steps(flight, here, True), passed))
    (flown, gap_m), (settled, last_gap_m) = found
    return (flown, settled), jnp.maximum(gap_m, last_gap_m)


def retrace(step: Step, marks: Marks) -> tuple[Any, Float[Array, ""]]:
    """All steps of one phase, those of pieces never begun zero, and the largest gap, m."""
    step = jax.jit(step)

    def piece(now):
        return jax.lax.scan(lambda each, _: step(each), now, None, PIECE)

    def blank(now):
        return jax.tree.map(lambda one: jnp.zeros(one.shape, one.dtype), jax.eval_shape(piece, now))

    row = jnp.arange(len(marks.carry.clock))
    begun = row < marks.piece_count
    after, samples = jax.lax.map(
        lambda one: jax.lax.cond(one[0], piece, blank, one[1]), (begun, marks.carry)
    )
    ends, begins = (each.state.position_inertial_m for each in (after, marks.carry))
    gaps_m = jnp.linalg.norm(ends[:-1] - begins[1:], axis=-1)
    gap_m = jnp.max(jnp.where(begun[1:], gaps_m, 0.0))
    return jax.tree.map(lambda one: one.reshape(-1, *one.shape[2:]), samples), gap_m
