"""The short waves of the gravity field near one planned track, as a table along it."""

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

ROW_COUNT = 1024
"""Of a table: 6 km apart on a landing's track, a twelfth of the shortest wave of degree 150."""
FULL_WITHIN_M, NOTHING_BEYOND_M = 20_000.0, 60_000.0
"""From the track: between the two, what the table gives fades out."""


class TrackGravity(eqx.Module):
    """What a field has above the degree that is summed everywhere, near one track, in MOON_PA.

    Rows stand at equal steps of the angle about `normal_pa` from `begin_direction_pa`. A row is the
    acceleration (3), its gradient (xx, xy, xz, yy, yz, 1/s2; zz from Laplace's equation), and the
    place on the track (3), m.
    """

    normal_pa: Float[Array, "3"]
    """Of the plane whose angles count the rows."""
    begin_direction_pa: Float[Array, "3"]
    """In that plane, towards the first row."""
    step_rad: Float[Array, ""]
    row_values: Float[Array, "1024 11"]
    """In SI."""


def track_gravity_m_s2(track: TrackGravity, position_pa_m: Float[Array, "3"]) -> Float[Array, "3"]:
    """Acceleration at a place, (3,), MOON_PA: from the row, and its gradient times the distance.

    Cubic between rows, linear across the track and in height, none beyond 60 km from it.
    """
    values = _between_rows(track, position_pa_m)
    pull_m_s2, gradient, place_m = values[:3], values[3:8], values[8:]
    away_m = position_pa_m - place_m
    distance_m = jnp.sqrt(jnp.sum(away_m**2))
    share = (NOTHING_BEYOND_M - distance_m) / (NOTHING_BEYOND_M - FULL_WITHIN_M)
    return jnp.clip(share, 0.0, 1.0) * (pull_m_s2 + _symmetric(gradient) @ away_m)


def _between_rows(track: TrackGravity, position_pa_m: Float[Array, "3"]) -> Float[Array, "11"]:
    """The row at the place's angle, by Lagrange's cubic through the four nearest."""
    across = jnp.cross(track.normal_pa, track.begin_direction_pa)
    turned = jnp.arctan2(
        jnp.sum(across * position_pa_m), jnp.sum(track.begin_direction_pa * position_pa_m)
    )
    # Up to a tenth of a revolution before the first row counts as before it, not as past the last.
    angle = jnp.mod(turned + 0.2 * jnp.pi, 2.0 * jnp.pi) - 0.2 * jnp.pi
    steps = jnp.clip(angle / track.step_rad, 0.0, ROW_COUNT - 1.0)
    first = jnp.clip(jnp.floor(steps) - 1.0, 0.0, ROW_COUNT - 4.0)
    u = steps - first
    weights = jnp.stack(
        [
            -(u - 1.0) * (u - 2.0) * (u - 3.0) / 6.0,
            u * (u - 2.0) * (u - 3.0) / 2.0,
            -u * (u - 1.0) * (u - 3.0) / 2.0,
            u * (u - 1.0) * (u - 2.0) / 6.0,
        ]
    )
    rows = jax.lax.dynamic_slice_in_dim(track.row_values, first.astype(int), 4)
    return jnp.sum(weights[:, None] * rows, axis=0)


def _symmetric(gradient: Float[Array, "5"]) -> Float[Array, "3 3"]:
    xx, xy, xz, yy, yz = gradient
    return jnp.array([[xx, xy, xz], [xy, yy, yz], [xz, yz, -xx - yy]])
