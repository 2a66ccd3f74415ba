"""The star tracker: attitude, finer across its boresight than about it."""

import equinox as eqx
import jax
import jax.numpy as jnp

from perilune.interfaces import StarTrackerReading
from perilune.mechanics.rotation import from_rotation_vector, multiply


class StarTracker(eqx.Module):
    """One head; the boresight is a body unit vector."""

    boresight_body: jax.Array  # (3,)
    cross_axis_rad: jax.Array
    roll_rad: jax.Array
    rate_limit_rad_s: jax.Array
    misalignment_rad: jax.Array  # (3,) of head to body, small and fixed, body axes


def measure(tracker, inertial_from_body, rate_body_rad_s, noise):
    """Attitude turned by small rotations, fixed and random, body axes; blind when turning fast."""
    along = jnp.sum(noise * tracker.boresight_body) * tracker.boresight_body
    error_rad = tracker.cross_axis_rad * (noise - along) + tracker.roll_rad * along
    off_rad = tracker.misalignment_rad + error_rad
    seen = multiply(inertial_from_body, from_rotation_vector(off_rad))
    slow = jnp.linalg.norm(rate_body_rad_s) < tracker.rate_limit_rad_s
    return StarTrackerReading(seen, slow)
