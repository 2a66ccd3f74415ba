"""Operations across the flights of a batch: whether any of them needs work, what one holds."""

from collections.abc import Callable
from typing import Any, TypeVar

import jax
import jax.numpy as jnp
from jax import Array
from jaxtyping import Bool, Int

Tree = TypeVar("Tree")
"""Any tree of arrays."""


@jax.custom_batching.custom_vmap
def any_lane(flag: Bool[Array, ""]) -> Bool[Array, ""]:
    """Whether a flag, a bool (), is up in any lane of the batch that `jax.vmap` makes of a program.

    A program that is not batched is a single lane. The answer is one for the whole batch, so a
    `lax.cond` on it stays a branch, where one on `flag` would run both sides for every lane.
    """
    return flag


@any_lane.def_vmap
def _(axis_size: int, in_batched: Any, flags: Bool[Array, " lane"]) -> tuple[Bool[Array, ""], bool]:
    del axis_size, in_batched
    return jnp.any(flags), False


def unless_no_lane(flag: Bool[Array, ""], work: Callable[[Tree], Tree], state: Tree) -> Tree:
    """`work(state)` where the flag is up in any lane, else `state`: skipped if no lane wants it.

    `work` must itself leave alone what the flag of its lane is down for.
    """
    return jax.lax.cond(any_lane(flag), work, lambda now: now, state)


def if_any_lane(flag: Bool[Array, ""], work: Callable[[Tree], Tree], state: Tree) -> Tree:
    """`work(state)` where the lane's flag is up, else `state`; not run when no lane wants it.

    A lane's result does not depend on the other lanes.
    """

    def masked(now: Tree) -> Tree:
        return jax.tree.map(lambda new, old: jnp.where(flag, new, old), work(now), now)

    return unless_no_lane(flag, masked, state)


@jax.custom_batching.custom_vmap
def lane_only(values: Tree, lane: Int[Array, ""]) -> Tree:
    """What one lane holds: `values`, any tree of arrays, of the lane with this number.

    `lane` is one whole number for the whole batch that `jax.vmap` makes of a program; what comes
    back is the same in every lane, and so is kept once. A program that is not batched is a single
    lane: its values are given as they are.
    """
    del lane
    return values


@lane_only.def_vmap
def _(axis_size: int, in_batched: Any, values: Tree, lane: Int[Array, ""]) -> tuple[Tree, Any]:
    del axis_size
    batched, lane_batched = in_batched
    if lane_batched:
        raise ValueError("The lane to keep must be one number for the whole batch.")
    kept = jax.tree.map(
        lambda rows, is_batched: (
            jax.lax.dynamic_index_in_dim(rows, lane, keepdims=False) if is_batched else rows
        ),
        values,
        batched,
    )
    return kept, jax.tree.map(lambda _: False, batched)


@jax.custom_batching.custom_vmap
def in_every_lane(values: Tree) -> Tree:
    """`values`, any tree of arrays, with every leaf held once a lane of the batch, if in a batch.

    What a loop carries is batched leaf by leaf, as far as its body makes it so: JAX batches the
    body again for every round of leaves it finds. Where a loop begins with all of them batched, it
    batches the body once.
    """
    return values


@in_every_lane.def_vmap
def _(axis_size: int, in_batched: Any, values: tuple[Any, ...]) -> tuple[Any, Any]:
    (batched,) = in_batched
    rows = jax.tree.map(
        lambda one, is_batched: (
            one if is_batched else jnp.broadcast_to(one, (axis_size, *one.shape))
        ),
        values,
        batched,
    )
    return rows, jax.tree.map(lambda _: True, batched)


@jax.custom_batching.custom_vmap
def room_like(values: Tree) -> Tree:
    """A tree of arrays like `values` whose numbers may be anything and must not be read.

    It is what a branch gives that has nothing to give: the native compiler writes none of it.
    """
    return values


@room_like.def_vmap
def _(axis_size: int, in_batched: Any, values: Tree) -> tuple[Tree, Any]:
    del axis_size
    return values, in_batched[0]
