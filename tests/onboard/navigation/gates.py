"""Gates for tests of updates: of a unit that nothing has been heard of, unless a test says else."""

import jax.numpy as jnp

from perilune.onboard.navigation.update import Gate
from perilune.onboard.navigation.watch import unwatched


def gated(factor, rows, watch=None, time_s=0.0, moves=True):
    """The gate of so many sigmas before some rows."""
    return Gate(
        factor=jnp.asarray(factor),
        watch=unwatched(len(rows.value)) if watch is None else watch,
        start_sigma=jnp.ones(rows.slope.shape[-1]),
        time_s=jnp.asarray(time_s),
        may_reopen=jnp.array(True),
        moves=jnp.array(moves),
    )
