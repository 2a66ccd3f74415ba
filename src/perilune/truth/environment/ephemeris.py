"""Knows where the Earth and the Sun are and how the Moon is turned, as tables over one flight."""

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np

from perilune.mechanics.chebyshev import ChebyshevTable, evaluate, evaluate_with_rate, fit
from perilune.mechanics.constants import EARTH_GM_M3_S2, SUN_GM_M3_S2
from perilune.mechanics.rotation import conjugate, multiply, normalize
from perilune.mechanics.spice_kernels import kernels
from perilune.mechanics.time import tdb_s

SEGMENT_S = 14_400.0
DEGREE = 7


class Sky(eqx.Module):
    """The sky of a flight: times are seconds after its epoch, positions Moon-centred in J2000 axes.

    `earth` and `sun` hold geometric positions in m (DE440, no light time); `pa_from_inertial`
    holds the quaternion of MOON_PA (DE421), sign-continuous and not yet unit length;
    `fixed_from_pa` is the constant rotation to MOON_ME, shape (4,).
    """

    earth: ChebyshevTable
    sun: ChebyshevTable
    pa_from_inertial: ChebyshevTable
    fixed_from_pa: jax.Array
    earth_gm_m3_s2: jax.Array
    sun_gm_m3_s2: jax.Array


def tabulate(epoch, span_s, start_s=0.0):
    """The sky from `start_s` to `start_s + span_s` after `epoch`, read from SPICE on the host.

    Up to four hours are one segment. Against SPICE: below 1 mm for both bodies beyond its own
    rounding of time, and below 1 mm at the Moon's surface for its orientation.
    """
    zero_s, stop_s = tdb_s(epoch), start_s + span_s
    with kernels() as spice:
        tables = [
            fit(function, start_s, stop_s, SEGMENT_S, DEGREE)
            for function in (
                lambda t_s: 1e3 * spice.spkpos("EARTH", zero_s + t_s, "J2000", "NONE", "MOON")[0],
                lambda t_s: 1e3 * spice.spkpos("SUN", zero_s + t_s, "J2000", "NONE", "MOON")[0],
                _continuous(lambda t_s: spice.m2q(spice.pxform("J2000", "MOON_PA", zero_s + t_s))),
            )
        ]
        fixed_from_pa = spice.m2q(spice.pxform("MOON_PA", "MOON_ME", zero_s))
    constants = (fixed_from_pa, EARTH_GM_M3_S2, SUN_GM_M3_S2)
    return Sky(*tables, *(jnp.asarray(constant, dtype=float) for constant in constants))


def earth_position_m(sky, t_s):
    """The Earth's centre from the Moon's, J2000 axes, shape (3,)."""
    return evaluate(sky.earth, t_s)


def sun_position_m(sky, t_s):
    """The Sun's centre from the Moon's, J2000 axes, shape (3,)."""
    return evaluate(sky.sun, t_s)


def pa_from_inertial(sky, t_s):
    """The unit quaternion from J2000 axes to MOON_PA, shape (4,)."""
    return normalize(evaluate(sky.pa_from_inertial, t_s))


def fixed_from_inertial(sky, t_s):
    """The unit quaternion from J2000 axes to MOON_ME, shape (4,)."""
    return multiply(sky.fixed_from_pa, pa_from_inertial(sky, t_s))


def spin_inertial_rad_s(sky, t_s):
    """The Moon's angular velocity in J2000 axes, shape (3,): twice q* 's rate times q."""
    quaternion, rate = evaluate_with_rate(sky.pa_from_inertial, t_s)
    return 2.0 * multiply(conjugate(rate), quaternion)[1:]


def _continuous(quaternion_at):
    """The same rotation, asked for in order of time: q and -q never follow one another."""
    last = np.zeros(4)

    def same_side(t_s):
        nonlocal last
        quaternion = np.asarray(quaternion_at(t_s))
        last = quaternion if quaternion @ last >= 0.0 else -quaternion
        return last

    return same_side
