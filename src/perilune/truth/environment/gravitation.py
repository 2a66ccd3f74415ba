"""All of gravitation on a spacecraft near the Moon: Moon, harmonics, Earth and Sun."""

import jax.numpy as jnp
from jax.typing import ArrayLike
from jaxtyping import Array, Float

from perilune.mechanics.gravity import (
    GravityField,
    harmonics_m_s2,
    point_mass_m_s2,
    third_body_m_s2,
)
from perilune.mechanics.rotation import cross, rotate, rotate_back
from perilune.mechanics.track_gravity import TrackGravity, track_gravity_m_s2
from perilune.truth.environment.ephemeris import (
    Sky,
    earth_position_m,
    pa_from_inertial,
    sun_position_m,
)


def acceleration_m_s2(
    field: GravityField,
    sky: Sky,
    t_s: Float[ArrayLike, ""],
    position_inertial_m: Float[Array, "3"],
    track: TrackGravity | None = None,
) -> Float[Array, "3"]:
    """All of gravitation at a Moon-centred position in J2000 axes.

    `track` is a `TrackGravity` with what the field leaves out near a planned track, or None.
    """
    pull_m_s2 = point_mass_m_s2(field.gm_m3_s2, position_inertial_m)
    return pull_m_s2 + perturbation_m_s2(field, sky, t_s, position_inertial_m, track)


def perturbation_m_s2(
    field: GravityField,
    sky: Sky,
    t_s: Float[ArrayLike, ""],
    position_inertial_m: Float[Array, "3"],
    track: TrackGravity | None = None,
) -> Float[Array, "3"]:
    """The same without the point mass: small and slow enough to be held for half a second."""
    pa = pa_from_inertial(sky, t_s)
    position_pa_m = rotate(pa, position_inertial_m)
    uneven_pa_m_s2 = harmonics_m_s2(field, position_pa_m)
    if track is not None:
        uneven_pa_m_s2 = uneven_pa_m_s2 + track_gravity_m_s2(track, position_pa_m)
    uneven_m_s2 = rotate_back(pa, uneven_pa_m_s2)
    earth_m_s2 = third_body_m_s2(
        sky.earth_gm_m3_s2, earth_position_m(sky, t_s), position_inertial_m
    )
    sun_m_s2 = third_body_m_s2(sky.sun_gm_m3_s2, sun_position_m(sky, t_s), position_inertial_m)
    return uneven_m_s2 + earth_m_s2 + sun_m_s2


def left_out_inertial_m_s2(
    local_m_s2: Float[Array, "3"],
    orbit_normal_inertial: Float[Array, "3"],
    position_inertial_m: Float[Array, "3"],
) -> Float[Array, "3"]:
    """A steady pull along track, cross track and up, (3,), turned to inertial axes at a place."""
    up = position_inertial_m / jnp.linalg.norm(position_inertial_m)
    along = cross(orbit_normal_inertial, up)
    return local_m_s2[0] * along + local_m_s2[1] * orbit_normal_inertial + local_m_s2[2] * up
