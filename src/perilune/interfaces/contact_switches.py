"""The switches in the footpads."""

import equinox as eqx
from jaxtyping import Array, Bool


class ContactReading(eqx.Module):
    """Which of them are closed."""

    closed: Bool[Array, " legs"]
