"""One stream per campaign seed, run, component name and tick; draws depend on nothing else."""

import zlib

import jax
import jax.numpy as jnp


def run_key(seed, run):
    """The key of run number `run` of the campaign with `seed`."""
    return jax.random.fold_in(jax.random.key(seed), run)


def stream(key, component, tick):
    """The key of one component at one tick; the component's name is hashed by CRC-32."""
    named = jax.random.fold_in(key, zlib.crc32(component.encode()) & 0x7FFFFFFF)
    return jax.random.fold_in(named, tick)


def normals(key, shape):
    """Standard normal draws, made in single precision and handed on in double."""
    return jax.random.normal(key, shape, dtype=jnp.float32).astype(jnp.float64)


def uniforms(key, shape):
    """Uniform draws on [0, 1), made in single precision."""
    return jax.random.uniform(key, shape, dtype=jnp.float32).astype(jnp.float64)
