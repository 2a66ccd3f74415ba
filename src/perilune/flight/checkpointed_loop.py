"""A phase is flown in pieces, until no lane moves, and what was passed on the way is kept."""

from collections.abc import Callable
from typing import Any, TypeVar

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Bool, Float, Int

from perilune.design.caps import PIECE
from perilune.flight.carry import Carry
from perilune.mechanics.batching import any_lane, in_every_lane, lane_only

Step = Callable[[Carry], tuple[Carry, Any]]
Put = Callable[[Any, Int[Array, ""], Carry, Any], Any]
"""What is kept after a piece: of what was kept, steps done, the carry before it, its samples."""
Keeping = Callable[[Step, Carry, int], tuple[Any, Put]]
Tree = TypeVar("Tree")
Running = tuple[Carry, Int[Array, ""], Bool[Array, ""], Any]
"""A phase between two pieces: the flight, steps done, whether any lane moves, what was kept."""


class Marks(eqx.Module):
    """What one flight was at the beginning of each piece of a phase: from there it flies on alike.

    Rows of pieces that were never begun are zero.
    """

    row_values: Float[Array, "pieces numbers"]  # as `packed` gives them, in SI
    piece_count: Int[Array, ""]


def run(
    step: Step, carry: Carry, cap: Int[Array, ""], room: int, keeping: Keeping
) -> tuple[Carry, Any]:
    """The steps of one phase, in pieces, until nothing moves any more or the cap is reached.

    The cap is an argument of the compiled program, the rows there is room for are part of its
    structure. A batch ends with its last flight and not at the cap. What is kept on the way is up
    to `keeping`, `every_sample` or `marks_of` a lane.
    """
    cap = jnp.minimum(cap, room)
    step = jax.jit(step)  # traced once, for the samples' shapes and for its work
    blank, put = keeping(step, carry, room)

    def piece(state: Running) -> Running:
        now, done, _, kept = state
        after, samples = jax.lax.scan(lambda each, _: step(each), now, None, PIECE)
        kept = put(kept, done, now, samples)
        return after, done + PIECE, any_lane(after.clock != now.clock), kept

    start = (in_every_lane(carry), jnp.array(0), jnp.array(True), blank)
    moved, _, _, kept = jax.lax.while_loop(lambda state: state[2] & (state[1] < cap), piece, start)
    return moved, kept


def every_sample(step: Step, carry: Carry, count: int) -> tuple[Any, Put]:
    """Keeps what `step` gives beside the carry, in arrays of `count` rows.

    Rows that were never flown stay zero, their `active` False.
    """

    def put(kept: Tree, done: Int[Array, ""], _now: Carry, samples: Tree) -> Tree:
        return _written(kept, samples, done)

    return _rows(jax.eval_shape(step, carry)[1], count), put


def marks_of(lane: Int[Array, ""]) -> Keeping:
    """Keeps the `Marks` of one lane of a batch; they cost next to nothing."""

    def keeping(_step: Step, carry: Carry, count: int) -> tuple[Any, Put]:
        def put(kept: Marks, done: Int[Array, ""], now: Carry, _samples: Any) -> Marks:
            row = lane_only(packed(now), lane)
            return Marks(_written(kept.row_values, row[None], done // PIECE), kept.piece_count + 1)

        return Marks(_rows(jax.eval_shape(packed, carry), count // PIECE), jnp.array(0)), put

    return keeping


def packed(carry: Carry) -> Float[Array, " numbers"]:
    """Every number of a carry in one row, so that a mark is one copy and not one for each field.

    Nothing is rounded: flags and counts, all below 2^53, are whole in a float64.
    """
    return jnp.concatenate([jnp.ravel(one).astype(float) for one in jax.tree.leaves(carry)])


def unpacked(row: Float[Array, " numbers"], like: Carry) -> Carry:
    """The carry that `packed` made a row of; `like` has its shapes and types."""
    leaves, tree = jax.tree.flatten(like)
    parts = jnp.split(row, np.cumsum([one.size for one in leaves])[:-1])
    shaped = [
        part.reshape(one.shape).astype(one.dtype) for part, one in zip(parts, leaves, strict=True)
    ]
    return jax.tree.unflatten(tree, shaped)


def _rows(shapes: Any, count: int) -> Any:
    return jax.tree.map(lambda one: jnp.zeros((count, *one.shape), one.dtype), shapes)


def _written(rows: Tree, new: Tree, at: Int[Array, ""]) -> Tree:
    return jax.tree.map(
        lambda old, some: jax.lax.dynamic_update_slice_in_dim(old, some, at, 0), rows, new
    )
