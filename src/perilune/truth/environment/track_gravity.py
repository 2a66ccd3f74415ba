"""Knows the short waves of the gravity field near one planned track, as a table along it."""

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from scipy.interpolate import CubicSpline

from perilune.mechanics.gravity import GravityField, degree_of, harmonics_m_s2

ROW_COUNT = 1024
"""Of a table: 6 km apart on a landing's track, a twelfth of the shortest wave of degree 150."""
FULL_WITHIN_M, NOTHING_BEYOND_M = 20_000.0, 60_000.0
"""From the track: between the two, what the table gives fades out."""
BUILT_AT_ONCE = 64


class TrackGravity(eqx.Module):
    """What a field has above the degree that is summed everywhere, near one track, in MOON_PA.

    Rows stand at equal steps of the angle about `normal_pa` from `begin_direction_pa`. A row is the
    acceleration (3), its gradient (xx, xy, xz, yy, yz, 1/s2; zz from Laplace's equation), and the
    place on the track (3), m.
    """

    normal_pa: jax.Array  # (3,) of the plane whose angles count the rows
    begin_direction_pa: jax.Array  # (3,) unit vector in that plane, towards the first row
    step_rad: jax.Array
    row_values: jax.Array  # (1024, 11) SI


def no_track_gravity():
    """A table that adds nothing anywhere."""
    return TrackGravity(
        jnp.array([0.0, 0.0, 1.0]),
        jnp.array([1.0, 0.0, 0.0]),
        jnp.array(1.0 / ROW_COUNT),
        jnp.zeros((ROW_COUNT, 11)),
    )


def track_gravity(field, degree, places_pa_m):
    """The table of what `field` has above `degree` along a track; NumPy in, a JAX table out.

    `places_pa_m` (n, 3) are places in flying order, close enough for a cubic spline, on less than
    one revolution.
    """
    if degree_of(field) <= degree:
        return no_track_gravity()
    normal, begin, angle, inside = _angles(np.asarray(places_pa_m, float))
    step_rad = angle[-1] / (ROW_COUNT - 1)
    track_m = CubicSpline(angle, np.asarray(places_pa_m, float)[inside])(
        step_rad * np.arange(ROW_COUNT)
    )
    rows = _rows(_above(field, degree), jnp.asarray(track_m))
    return TrackGravity(
        jnp.asarray(normal), jnp.asarray(begin), jnp.asarray(step_rad), jnp.asarray(rows)
    )


def track_gravity_m_s2(track, position_pa_m):
    """Acceleration at a place, (3,), MOON_PA: the row's, carried from the track by its gradient.

    Cubic between rows, linear across the track and in height, none beyond 60 km from it.
    """
    values = _between_rows(track, position_pa_m)
    pull_m_s2, gradient, place_m = values[:3], values[3:8], values[8:]
    away_m = position_pa_m - place_m
    distance_m = jnp.sqrt(jnp.sum(away_m**2))
    share = (NOTHING_BEYOND_M - distance_m) / (NOTHING_BEYOND_M - FULL_WITHIN_M)
    return jnp.clip(share, 0.0, 1.0) * (pull_m_s2 + _symmetric(gradient) @ away_m)


def _between_rows(track, position_pa_m):
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


def _symmetric(gradient):
    xx, xy, xz, yy, yz = gradient
    return jnp.array([[xx, xy, xz], [xy, yy, yz], [xz, yz, -xx - yy]])


def _angles(places_pa_m):
    """(normal, begin, rising angles from the first place, which places have them)."""
    turned = np.cross(places_pa_m[:-1], places_pa_m[1:]).sum(axis=0)
    normal = turned / np.linalg.norm(turned)
    begin = places_pa_m[0] - (places_pa_m[0] @ normal) * normal
    begin /= np.linalg.norm(begin)
    angle = np.unwrap(np.arctan2(places_pa_m @ np.cross(normal, begin), places_pa_m @ begin))
    inside = np.concatenate([[True], np.diff(np.maximum.accumulate(angle)) > 0.0])
    return normal, begin, angle[inside], inside


def _above(field, degree):
    """The field without its terms up to `degree`."""
    beyond = jnp.arange(degree_of(field) + 1)[:, None] > degree
    terms = (jnp.where(beyond, each, 0.0) for each in (field.cosine, field.sine))
    return GravityField(field.gm_m3_s2, field.radius_m, *terms)


@jax.jit
def _rows(field, track_m):
    def row(place_m):
        def pull(at_m):
            return harmonics_m_s2(field, at_m)

        along_x, along_y = jnp.eye(3)[:2]
        here, by_x = jax.jvp(pull, (place_m,), (along_x,))
        _, by_y = jax.jvp(pull, (place_m,), (along_y,))
        return jnp.concatenate([here, by_x, by_y[1:], place_m])

    return jax.lax.map(row, track_m, batch_size=BUILT_AT_ONCE)
