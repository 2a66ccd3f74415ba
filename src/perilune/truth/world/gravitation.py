"""Knows the whole pull on a spacecraft near the Moon: Moon, harmonics, Earth and Sun."""

from perilune.mechanics.gravity import harmonics_m_s2, point_mass_m_s2, third_body_m_s2
from perilune.mechanics.rotation import rotate, rotate_back
from perilune.truth.world.ephemeris import earth_position_m, pa_from_inertial, sun_position_m


def acceleration_m_s2(field, sky, t_s, position_inertial_m):
    """All of gravitation at a Moon-centred position in J2000 axes, shape (3,), same axes."""
    pull_m_s2 = point_mass_m_s2(field.gm_m3_s2, position_inertial_m)
    return pull_m_s2 + perturbation_m_s2(field, sky, t_s, position_inertial_m)


def perturbation_m_s2(field, sky, t_s, position_inertial_m):
    """The same without the point mass: small and slow enough to be held for half a second."""
    pa = pa_from_inertial(sky, t_s)
    uneven_m_s2 = rotate_back(pa, harmonics_m_s2(field, rotate(pa, position_inertial_m)))
    earth_m_s2 = third_body_m_s2(
        sky.earth_gm_m3_s2, earth_position_m(sky, t_s), position_inertial_m
    )
    sun_m_s2 = third_body_m_s2(sky.sun_gm_m3_s2, sun_position_m(sky, t_s), position_inertial_m)
    return uneven_m_s2 + earth_m_s2 + sun_m_s2
