"""Surfaces of craters or roughness alone, and what they add at many places."""

import functools

import jax
import jax.numpy as jnp
import numpy as np

from perilune.design.build_surface import build_craters, build_roughness, no_surface
from perilune.truth.environment.craters import EQUILIBRIUM_FRACTION
from perilune.truth.environment.roughness import Roughness
from perilune.truth.environment.surface import Surface, relief


def key_of(number):
    return jax.random.key_data(jax.random.key(number))


def craters_of(largest_m, crossing_m, density_fraction=EQUILIBRIUM_FRACTION):
    return build_craters(*map(jnp.array, (density_fraction, crossing_m, largest_m)))


def cratered(craters):
    return Surface(craters.largest_m, craters, no_surface().roughness)


def rough(hurst_exponent, slope_rad, largest_m=1e9):
    roughness = build_roughness(jnp.array(hurst_exponent), jnp.array(slope_rad))
    return of_roughness(roughness, largest_m)


def of_roughness(roughness, largest_m=1e9):
    factor = jnp.asarray(roughness.slope_factor)
    return Surface(jnp.array(largest_m), no_surface().craters, Roughness(slope_factor=factor))


@functools.partial(jax.jit, static_argnames="footprint_m")
def _relief(surface, key, places_m, footprint_m):
    size_m = jnp.array(footprint_m)
    return jax.vmap(lambda place_m: relief(surface, key, place_m, size_m))(places_m)


def relief_at(surface, run, places_m, footprint_m=0.5):
    """Heights (n,), m, and gradients (n, 2) at places (n, 2) m of the surface of a run."""
    found = _relief(surface, key_of(run), jnp.asarray(places_m), footprint_m)
    return tuple(np.asarray(each) for each in found)


def places(count, reach_m, seed=5):
    return np.random.default_rng(seed).uniform(-reach_m, reach_m, (count, 2))


def rises_m(surface, lag_m, run, count=4_000, reach_m=1e5):
    """Over a lag, in random directions."""
    at_m = places(count, reach_m, 6)
    way = np.random.default_rng(run).uniform(0.0, 2.0 * np.pi, count)
    there_m = at_m + lag_m * np.stack([np.cos(way), np.sin(way)], axis=-1)
    return relief_at(surface, run, there_m)[0] - relief_at(surface, run, at_m)[0]


def slopes_deg(surface, run, base_m, count=2_000):
    """Between three places at right angles, so far apart."""
    at_m = places(count, 20_000.0)
    here, east, north = (
        relief_at(surface, run, at_m + np.array(way))[0]
        for way in ((0.0, 0.0), (base_m, 0.0), (0.0, base_m))
    )
    return np.degrees(np.arctan(np.hypot(east - here, north - here) / base_m))
