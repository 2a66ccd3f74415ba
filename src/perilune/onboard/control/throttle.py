"""The throttle that is ordered for what guidance asks, where engines cannot hold every one."""

import jax.numpy as jnp
from jaxtyping import Array, Bool, Float

from perilune.onboard.upload import VehicleBelief


def past_band(
    vehicle: VehicleBelief, asked: Float[Array, ""], before: Float[Array, "..."]
) -> Float[Array, ""]:
    """The throttle asked for, or the end of the forbidden band that guidance holds to.

    `before` is what was ordered in the last tick, of any engine. At full thrust it stays there
    until less is asked for than the lower threshold; throttled, it goes there when more is asked
    for than the upper one (Luminary, LOWCRIT and HIGHCRIT).
    """
    band = vehicle.throttle_band
    if band is None:
        return asked
    at_full = jnp.max(before) > band.ceiling_fraction
    crossed = jnp.where(at_full, band.throttled_below_fraction, band.full_above_fraction)
    throttled = jnp.minimum(asked, band.ceiling_fraction)
    return jnp.where(asked > crossed, jnp.maximum(asked, 1.0), throttled)


def throttle_limits(
    vehicle: VehicleBelief, asked: Float[Array, ""]
) -> tuple[Float[Array, " E"], Float[Array, " E"]]:
    """Least and most throttle of each engine: on the side of the band where the asked one is."""
    floor = vehicle.engine_floor_factor * (vehicle.min_thrust_n / vehicle.max_thrust_n)
    full = jnp.ones_like(floor)
    band = vehicle.throttle_band
    if band is None:
        return floor, full
    above: Bool[Array, ""] = asked > band.ceiling_fraction
    return jnp.where(above, full, floor), jnp.where(above, full, band.ceiling_fraction)
