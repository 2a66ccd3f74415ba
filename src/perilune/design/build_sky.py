"""The sky of a flight, tabulated on the host from the SPICE kernels."""

from collections.abc import Callable

import jax.numpy as jnp
import numpy as np
from jaxtyping import Float

from perilune.data.spice_kernels import kernels
from perilune.mechanics.chebyshev import fit
from perilune.mechanics.constants import EARTH_GM_M3_S2, SUN_GM_M3_S2
from perilune.mechanics.time import Epoch, tdb_s
from perilune.truth.environment.ephemeris import Sky

SEGMENT_S = 14_400.0
DEGREE = 7


def tabulate(epoch: Epoch, span_s: float, start_s: float = 0.0) -> Sky:
    """The sky from `start_s` to `start_s + span_s` after `epoch`.

    Up to four hours are one segment. Against SPICE: below 1 mm for both bodies beyond its own
    rounding of time, and below 1 mm at the Moon's surface for its orientation.
    """
    zero_s, stop_s = tdb_s(epoch), start_s + span_s
    with kernels() as spice:
        earth, sun, pa_from_inertial = (
            fit(function, start_s, stop_s, SEGMENT_S, DEGREE)
            for function in (
                lambda t_s: 1e3 * spice.spkpos("EARTH", zero_s + t_s, "J2000", "NONE", "MOON")[0],
                lambda t_s: 1e3 * spice.spkpos("SUN", zero_s + t_s, "J2000", "NONE", "MOON")[0],
                _continuous(lambda t_s: spice.m2q(spice.pxform("J2000", "MOON_PA", zero_s + t_s))),
            )
        )
        fixed_from_pa = spice.m2q(spice.pxform("MOON_PA", "MOON_ME", zero_s))
    constants = (fixed_from_pa, EARTH_GM_M3_S2, SUN_GM_M3_S2)
    turn, earth_gm, sun_gm = (jnp.asarray(constant, dtype=float) for constant in constants)
    return Sky(
        earth=earth,
        sun=sun,
        pa_from_inertial=pa_from_inertial,
        fixed_from_pa=turn,
        earth_gm_m3_s2=earth_gm,
        sun_gm_m3_s2=sun_gm,
    )


def _continuous(
    quaternion_at: Callable[[float], Float[np.ndarray, "4"]],
) -> Callable[[float], Float[np.ndarray, "4"]]:
    """The same rotation, evaluated in order of time, with no change of sign between q and -q."""
    last = np.zeros(4)

    def same_side(t_s: float) -> Float[np.ndarray, "4"]:
        nonlocal last
        quaternion = np.asarray(quaternion_at(t_s))
        last = quaternion if quaternion @ last >= 0.0 else -quaternion
        return last

    return same_side
