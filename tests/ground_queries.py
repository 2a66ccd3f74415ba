"""Questions to the ground of a site, for the tests of its building and of its physics."""

import jax
import jax.numpy as jnp
import numpy as np

from perilune.mechanics import projection
from perilune.mechanics.constants import MOON_RADIUS_M as RADIUS_M

SOUTHWARDS_RAD = np.pi
POLAR_MAPS = ("im2_mons_mouton_64ppd.npz", "im2_approach_swath_64ppd.npz", "LDEM_4.IMG")
KEY, FOOTPRINT_M = jax.random.key_data(jax.random.key(0)), 1.0


def at(site, plane_m, height_m=0.0):
    to_site = projection.site_from_fixed_matrix(site.latitude_rad, site.longitude_rad)
    direction = projection.direction_from_plane(np.asarray(plane_m, float), RADIUS_M)
    return jnp.asarray((RADIUS_M + height_m) * direction @ to_site)


def ask(what, ground, position_fixed_m):
    return what(ground[0], position_fixed_m, KEY, FOOTPRINT_M)
