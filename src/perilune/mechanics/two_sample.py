"""What a strapdown unit's two-sample algorithm leaves of coning and sculling, in closed form.

Two axes swing by the angles a cos(Wt) and a sin(Wt), so that the third turns by itself. Over two
samples of length h, with x = W h, the true turn of it is (a^2/2) (2x - sin 2x) (Bortz 1971, IEEE
Transactions AES-7); the algorithm adds 2/3 of the cross product of both samples (Miller 1983,
Journal of Guidance 6), which is (8/3) a^2 sin^2(x/2) sin x. The difference over 2h is a drift of

    (a^2 / 2h) (x - 4/3 sin x + 1/6 sin 2x), which is a^2 W x^4 / 60 where x is small.

Sculling is the same integral with the velocity A/W of one axis in place of its angle (Roscoe 2001,
Journal of Guidance 24), so that its drift is that of a^2 replaced by a A/W.
"""

import math

import jax.numpy as jnp
from jaxtyping import Array, Float

from perilune.mechanics.array_types import AnyArray


def residual_hz(
    frequency_hz: Float[AnyArray, ""] | float, internal_rate_hz: Float[AnyArray, ""] | float
) -> Float[Array, ""]:
    """Drift per square of the amplitude: (1 / 2h) (x - 4/3 sin x + 1/6 sin 2x)."""
    x = jnp.asarray(2.0 * math.pi * frequency_hz / internal_rate_hz)
    return 0.5 * internal_rate_hz * (x - 4.0 / 3.0 * jnp.sin(x) + jnp.sin(2.0 * x) / 6.0)


def residual_drifts(
    frequency_hz: Float[AnyArray, ""] | float,
    internal_rate_hz: Float[AnyArray, ""] | float,
    angle_rms_rad: Float[AnyArray, ""] | float,
    vibration_rms_m_s2: Float[AnyArray, ""] | float,
) -> tuple[Float[Array, ""], Float[Array, ""]]:
    """Residual coning, rad/s, and sculling, m/s2, of a vibration; amplitudes are root two rms."""
    per_square_hz = residual_hz(frequency_hz, internal_rate_hz)
    velocity_rms_m_s = vibration_rms_m_s2 / (2.0 * math.pi * frequency_hz)
    coning_rad_s = 2.0 * angle_rms_rad**2 * per_square_hz
    return coning_rad_s, 2.0 * angle_rms_rad * velocity_rms_m_s * per_square_hz
