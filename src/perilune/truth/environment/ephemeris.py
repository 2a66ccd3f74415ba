"""Positions of the Earth and the Sun and the Moon's orientation, as tables over one flight."""

from dataclasses import KW_ONLY

import equinox as eqx
from jax.typing import ArrayLike
from jaxtyping import Array, Float

from perilune.mechanics.chebyshev import ChebyshevTable, evaluate, evaluate_with_rate
from perilune.mechanics.rotation import conjugate, multiply, normalize


class Sky(eqx.Module):
    """The sky of a flight: times are seconds after its epoch, positions Moon-centred in J2000 axes.

    `earth` and `sun` hold geometric positions in m (DE440, no light time); `pa_from_inertial`
    holds the quaternion of MOON_PA (DE421), sign-continuous and not yet unit length;
    `fixed_from_pa` is the constant rotation to MOON_ME.
    """

    _: KW_ONLY
    earth: ChebyshevTable
    sun: ChebyshevTable
    pa_from_inertial: ChebyshevTable
    fixed_from_pa: Float[Array, "4"]
    earth_gm_m3_s2: Float[Array, ""]
    sun_gm_m3_s2: Float[Array, ""]


def earth_position_m(sky: Sky, t_s: Float[ArrayLike, ""]) -> Float[Array, "3"]:
    """The Earth's centre from the Moon's, J2000 axes."""
    return evaluate(sky.earth, t_s)


def sun_position_m(sky: Sky, t_s: Float[ArrayLike, ""]) -> Float[Array, "3"]:
    """The Sun's centre from the Moon's, J2000 axes."""
    return evaluate(sky.sun, t_s)


def pa_from_inertial(sky: Sky, t_s: Float[ArrayLike, ""]) -> Float[Array, "4"]:
    """The unit quaternion from J2000 axes to MOON_PA."""
    return normalize(evaluate(sky.pa_from_inertial, t_s))


def fixed_from_inertial(sky: Sky, t_s: Float[ArrayLike, ""]) -> Float[Array, "4"]:
    """The unit quaternion from J2000 axes to MOON_ME."""
    return multiply(sky.fixed_from_pa, pa_from_inertial(sky, t_s))


def spin_inertial_rad_s(sky: Sky, t_s: Float[ArrayLike, ""]) -> Float[Array, "3"]:
    """The Moon's angular velocity in J2000 axes: twice q* 's rate times q."""
    quaternion, rate = evaluate_with_rate(sky.pa_from_inertial, t_s)
    return 2.0 * multiply(conjugate(rate), quaternion)[1:]
