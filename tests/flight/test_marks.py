"""What is kept of a flight on the way: a carry in one row of numbers, and back."""

import jax
import jax.numpy as jnp
import numpy as np

from perilune.flight.checkpointed_loop import packed, unpacked


def test_a_carry_comes_back_from_its_row_to_the_bit_with_its_shapes_and_types():
    carry = {
        "clock": jnp.array(2**53 - 1),
        "flags": jnp.array([True, False]),
        "table": jnp.asarray(np.random.default_rng(2).normal(size=(3, 4))),
        "never": jnp.array([jnp.nan, -jnp.inf, -0.0]),
        "single": jnp.array(1.5),
    }
    back = unpacked(packed(carry), jax.eval_shape(lambda: carry))
    for new, old in zip(jax.tree.leaves(back), jax.tree.leaves(carry), strict=True):
        assert (new.shape, new.dtype) == (old.shape, old.dtype)
        np.testing.assert_array_equal(new, old)
        np.testing.assert_array_equal(np.signbit(new), np.signbit(old))
