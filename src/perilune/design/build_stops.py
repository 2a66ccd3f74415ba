"""From a site's rocks to the faces that truth has of them, about the true aim point."""

import jax.numpy as jnp
from jaxtyping import Array, Float

from perilune.design.typed_arrays import Tables
from perilune.truth.dynamics.stop_faces import Stops


def build_stops(
    stops: Tables, aim_fixed_m: Float[Array, "3"], site_from_fixed: Float[Array, "3 3"]
) -> Stops | None:
    """Moon-fixed faces, each at the east of its rock's axis; None where a site has no rocks."""
    if not stops:
        return None
    east, north, _ = site_from_fixed
    places = [
        aim_fixed_m + (stop.east_m + stop.radius_m) * east + stop.north_m * north for stop in stops
    ]
    return Stops(
        point_m=jnp.stack(places),
        out_direction=jnp.stack([east] * len(stops)),
        curvature_per_m=jnp.stack([1.0 / stop.radius_m for stop in stops]),
        height_m=jnp.stack([stop.height_m for stop in stops]),
    )
