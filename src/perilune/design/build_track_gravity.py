"""The table of a field's short waves along one planned track, built on the host."""

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Bool, Float
from scipy.interpolate import CubicSpline

from perilune.mechanics.gravity import GravityField, degree_of, harmonics_m_s2
from perilune.mechanics.track_gravity import ROW_COUNT, TrackGravity

BUILT_AT_ONCE = 64


def no_track_gravity() -> TrackGravity:
    """A table that adds nothing anywhere."""
    return TrackGravity(
        jnp.array([0.0, 0.0, 1.0]),
        jnp.array([1.0, 0.0, 0.0]),
        jnp.array(1.0 / ROW_COUNT),
        jnp.zeros((ROW_COUNT, 11)),
    )


def track_gravity(
    field: GravityField, degree: int, places_pa_m: Float[np.ndarray, "n 3"]
) -> TrackGravity:
    """The table of what `field` has above `degree` along a track.

    The places are in flying order, close enough for a cubic spline, on less than one revolution.
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


def _angles(
    places_pa_m: Float[np.ndarray, "n 3"],
) -> tuple[
    Float[np.ndarray, "3"], Float[np.ndarray, "3"], Float[np.ndarray, " k"], Bool[np.ndarray, " n"]
]:
    """(normal, begin, rising angles from the first place, which places have them)."""
    turned = np.cross(places_pa_m[:-1], places_pa_m[1:]).sum(axis=0)
    normal = turned / np.linalg.norm(turned)
    begin = places_pa_m[0] - (places_pa_m[0] @ normal) * normal
    begin /= np.linalg.norm(begin)
    angle = np.unwrap(np.arctan2(places_pa_m @ np.cross(normal, begin), places_pa_m @ begin))
    inside = np.concatenate([[True], np.diff(np.maximum.accumulate(angle)) > 0.0])
    return normal, begin, angle[inside], inside


def _above(field: GravityField, degree: int) -> GravityField:
    """The field without its terms up to `degree`."""
    beyond = jnp.arange(degree_of(field) + 1)[:, None] > degree
    terms = (jnp.where(beyond, each, 0.0) for each in (field.cosine, field.sine))
    return GravityField(field.gm_m3_s2, field.radius_m, *terms)


@jax.jit
def _rows(field: GravityField, track_m: Float[Array, "rows 3"]) -> Float[Array, "rows 11"]:
    def row(place_m: Float[Array, "3"]) -> Float[Array, "11"]:
        def pull(at_m: Float[Array, "3"]) -> Float[Array, "3"]:
            return harmonics_m_s2(field, at_m)

        along_x, along_y = jnp.eye(3)[:2]
        here, by_x = jax.jvp(pull, (place_m,), (along_x,))
        _, by_y = jax.jvp(pull, (place_m,), (along_y,))
        return jnp.concatenate([here, by_x, by_y[1:], place_m])

    return jax.lax.map(row, track_m, batch_size=BUILT_AT_ONCE)
