"""What the optical velocity should have read, and how that depends on the errors."""

from dataclasses import KW_ONLY

import equinox as eqx
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from perilune.interfaces.optical_velocity import (
    OpticalVelocityErrors,
    OpticalVelocityReading,
    OpticalVelocitySpec,
    noise_rad_s,
    view_body,
)
from perilune.mechanics.rotation import cross, rotate
from perilune.mechanics.terrain_map import map_height_m
from perilune.onboard.navigation.estimate import ATTITUDE, POSITION, VELOCITY, Estimate
from perilune.onboard.navigation.sight import Craft, Sight
from perilune.onboard.navigation.update import Residuals

LEAST_COSINE = 0.1
NEAR_FRACTION = 0.3
LEAST_HEIGHT_M = 1.0
SAME_S = 60.0
"""Over which a scale error is counted as noise."""
ALIKE_M = 1_000.0
"""Along which the map's error is the same: the posting of the map on board."""
LEAST_SPEED_M_S = 1.0


class Belief(eqx.Module):
    """Geometry and one-sigma figures."""

    _: KW_ONLY
    middle_direction_body: Float[Array, "3"]
    across_direction_body: Float[Array, "2 3"]
    noise_rad_s: Float[Array, ""]
    share_fraction: Float[Array, ""]  # noise that grows with the reading, the scale error in it
    period_s: Float[Array, ""]
    waves_m: Float[Array, ""]  # one sigma of the map's error over tens of kilometres


def believe(spec: OpticalVelocitySpec, drawn: OpticalVelocityErrors, craft: Craft) -> Belief:
    """As specified; the scale error, the same in every reading, counts as noise of a minute's.

    `drawn` are mean squares.
    """
    middle, across = view_body(jnp.asarray(spec.cant_rad))
    return Belief(
        middle_direction_body=middle,
        across_direction_body=across,
        noise_rad_s=noise_rad_s(spec),
        share_fraction=jnp.asarray(
            np.sqrt(spec.relief_fraction**2 + SAME_S / spec.period_s * drawn.scale_fraction)
        ),
        period_s=jnp.asarray(spec.period_s),
        waves_m=jnp.asarray(craft.waves_m),
    )


def first_variances(
    spec: OpticalVelocitySpec, drawn: OpticalVelocityErrors, craft: Craft
) -> dict[str, Float[np.ndarray, " n"]]:
    """Of its biases."""
    del drawn, craft
    return {"bias_rad_s": spec.bias_rad_s**2 * np.ones(2)}


def expect(
    belief: Belief, sight: Sight, estimate: Estimate, reading: OpticalVelocityReading
) -> Residuals:
    """Two rows: speed across the view less what the motion makes of it at the believed distance.

    The implicit measurement a.v - (flow - bias) d = 0, with d = h / cos to level ground at the
    believed height h, is linear in speed and in height: where one of the two is unsure the other is
    found, however far off it was. Noise of the motion counts times d; the map's error counts as one
    draw for each kilometre flown, which is to say by more than itself where readings come closer,
    but for its long waves, which are the same in view as where the beam last struck.
    Sideways errors over sloping ground are left out.
    """
    layout, bias_rad_s = estimate.layout, estimate.biases[sight.label]["bias_rad_s"]
    chart, place = sight.chart, estimate.position_inertial_m
    radius_m = jnp.linalg.norm(place)
    up, here_fixed = place / radius_m, rotate(sight.fixed_from_inertial, place)
    ground_m = chart.terrain_map.reference_radius_m + map_height_m(chart.terrain_map, here_fixed)
    height_m = jnp.maximum(radius_m - ground_m - estimate.map_bias_m, LEAST_HEIGHT_M)
    middle = rotate(estimate.inertial_from_body, belief.middle_direction_body)
    across = rotate(estimate.inertial_from_body[None], belief.across_direction_body)
    cosine = jnp.maximum(-jnp.sum(middle * up), LEAST_COSINE)
    over_ground_m_s = estimate.velocity_inertial_m_s - cross(sight.spin_inertial_rad_s, place)
    read, distance_m = reading.flow_rad_s - bias_rad_s, height_m / cosine
    across_m_s = jnp.sum(across * over_ground_m_s, axis=-1)
    flow = _flow_of_slopes(read, across_m_s / distance_m)
    per_height = (-flow / cosine)[:, None]
    slope = jnp.zeros((2, layout.count)).at[:, VELOCITY].set(across)
    slope = slope.at[:, POSITION].set(per_height * up)
    slope = slope.at[:, layout.map_bias].set(flow / cosine)
    leaning = per_height * distance_m * cross(middle, up)
    slope = slope.at[:, ATTITUDE].set(cross(across, over_ground_m_s[None]) + leaning)
    slope = slope.at[:, layout.of[sight.label]["bias_rad_s"]].set(distance_m * jnp.eye(2))
    value = read * distance_m - across_m_s
    noise = belief.noise_rad_s**2 + (belief.share_fraction * flow) ** 2
    speed_m_s = jnp.maximum(jnp.linalg.norm(over_ground_m_s), LEAST_SPEED_M_S)
    together = jnp.maximum(ALIKE_M / (speed_m_s * belief.period_s), 1.0)
    unlike_m2 = estimate.map_variance_m2 - belief.waves_m**2
    of_map = unlike_m2 * together * (flow / cosine) ** 2
    valid = jnp.stack([reading.valid, reading.valid])
    return Residuals(value, slope, noise * distance_m**2 + of_map, valid)


def _flow_of_slopes(read: Float[Array, "2"], expected: Float[Array, "2"]) -> Float[Array, "2"]:
    """The motion that slopes are worked out with: the expected one where it is near what was read.

    Slopes from a noisy reading go with its noise, and draw the height down: by sigma^2 h for each
    reading that is weighed against the height alone. Far from it the expected motion says nothing.
    """
    apart, size = jnp.linalg.norm(read - expected), jnp.linalg.norm(read)
    return jnp.where(apart < NEAR_FRACTION * size, expected, read)
