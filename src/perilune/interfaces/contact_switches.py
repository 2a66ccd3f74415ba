"""The switches in the footpads."""

import equinox as eqx
import jax


class ContactReading(eqx.Module):
    """Which of them are closed."""

    closed: jax.Array  # (6,) bool
