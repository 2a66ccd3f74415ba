"""The laws of gravitation: point mass, third body, spherical harmonics of any degree."""

import itertools
from functools import cache
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jax import Array
from jaxtyping import Float

from perilune.errors import InputError
from perilune.mechanics.array_types import AnyArray

RUNS = 5
"""Of degrees, each with as many orders as its last."""


class GravityField(eqx.Module):
    """A spherical-harmonic field; `cosine` and `sine` are (N+1, N+1), fully 4-pi normalised.

    Row is degree, column is order; without Condon-Shortley phase, as the geodesy files have it.
    `cosine[0, 0]` stands for the point mass and is never read by `harmonics_m_s2`.
    """

    gm_m3_s2: Float[Array, ""]
    radius_m: Float[Array, ""]
    cosine: Float[Array, "degree order"]
    sine: Float[Array, "degree order"]


def degree_of(field: GravityField) -> int:
    """The highest degree the field holds."""
    return field.cosine.shape[-1] - 1


def truncate(field: GravityField, degree: int) -> GravityField:
    """The same field up to `degree`; InputError if it does not reach so far."""
    if not 0 <= degree <= degree_of(field):
        raise InputError(
            f"A gravity degree must lie between 0 and the field's {degree_of(field)}, but is "
            f"{degree}; ask for less, or read a field that goes further."
        )
    keep = slice(0, degree + 1)
    return GravityField(
        field.gm_m3_s2, field.radius_m, field.cosine[keep, keep], field.sine[keep, keep]
    )


def point_mass_m_s2(
    gm_m3_s2: Float[AnyArray, ""], position_m: Float[AnyArray, "3"]
) -> Float[Array, "3"]:
    """Acceleration at `position_m`, shape (3,), from the centre of a mass of `gm_m3_s2`."""
    squared = jnp.sum(position_m**2)
    return -gm_m3_s2 / (squared * jnp.sqrt(squared)) * position_m


def third_body_m_s2(
    gm_m3_s2: Float[AnyArray, ""],
    body_position_m: Float[AnyArray, "3"],
    position_m: Float[AnyArray, "3"],
) -> Float[Array, "3"]:
    """What a distant body adds at `position_m` relative to the centre, which it pulls too.

    Positions, shape (3,), are from the centre. Battin's form, free of the cancellation of the
    plain difference (Battin 1999, An Introduction to the Mathematics and Methods of
    Astrodynamics, section 8.4, eq. 8.60 to 8.62).
    """
    q = jnp.dot(position_m, position_m - 2.0 * body_position_m) / jnp.sum(body_position_m**2)
    f = q * (3.0 + q * (3.0 + q)) / (1.0 + (1.0 + q) ** 1.5)
    distance_m = jnp.sqrt(jnp.sum((body_position_m - position_m) ** 2))
    return -gm_m3_s2 / distance_m**3 * (position_m + f * body_position_m)


def harmonics_m_s2(field: GravityField, position_pa_m: Float[AnyArray, "3"]) -> Float[Array, "3"]:
    """Acceleration of all terms of degree one and up, in the field's own axes, shape (3,).

    Pines' form, which has no singularity at the poles (Pines 1973, Uniform representation of the
    gravitational potential and its derivatives, AIAA J. 11, 1508), with 4-pi normalised derived
    Legendre functions by forward columns (Lundberg and Schutz 1988, J. Guidance 11, 31). One scan
    over degree works on all orders at once. Relative error below 4e-13 to degree 150 even 0.01 deg
    from a pole, measured against extended precision.
    """
    radius_m = jnp.sqrt(jnp.sum(position_pa_m**2))
    direction = position_pa_m / radius_m
    sums, powers = _sums_over_degree(field, direction, field.radius_m / radius_m)
    gradient = _sum_over_order(sums, powers, direction)
    return field.gm_m3_s2 / radius_m**2 * gradient


def _sums_over_degree(
    field: GravityField, direction: Float[Array, "3"], ratio: Float[Array, ""]
) -> tuple[Float[Array, "6 orders"], Float[Array, "orders 2"]]:
    """For every order the six sums over degree, (6, N+1), and (s + i t)^order, (N+1, 2).

    No order is above its degree, so that runs of low degrees work on short arrays.
    """
    s, t, u = direction
    up_one, up_two, start, _ = _recursion(degree_of(field))
    weights = _weights(field)

    def one_degree(carry: Any, row: Any) -> tuple[Any, Float[Array, "2"]]:
        last, before, sums, (real, imaginary), ratio_n = carry
        a, b, d, weights = row
        now = (ratio * u) * a * last - ratio**2 * b * before + ratio_n * d
        turned = (s * real - t * imaginary, s * imaginary + t * real)
        sums = sums + now * weights
        return (now, last, sums, turned, ratio_n * ratio), jnp.stack([real, imaginary])

    one, none = jnp.ones_like(u), jnp.zeros(0)
    carry: Any = (none, none, jnp.zeros((6, 0)), (one, jnp.zeros_like(u)), one)
    powers = []
    for begin, end in itertools.pairwise(_runs(len(start))):
        legendre = [_lengthened(each, end) for each in carry[:3]]
        rows = [each[begin:end, ..., :end] for each in (up_one, up_two, start, weights)]
        carry, row = jax.lax.scan(one_degree, (*legendre, *carry[3:]), tuple(rows))
        powers.append(row)
    return carry[2], jnp.concatenate(powers)


def _runs(count: int) -> list[int]:
    """Where runs of degrees begin, and the end of the last."""
    return [*range(0, count, -(-count // RUNS)), count]


def _lengthened(sums: Float[Array, "*rows n"], count: int) -> Float[Array, "*rows orders"]:
    return jnp.pad(sums, [(0, 0)] * (sums.ndim - 1) + [(0, count - sums.shape[-1])])


def _weights(field: GravityField) -> Float[Array, "degrees 6 orders"]:
    """What multiplies the Legendre function of (degree, order) in the six sums: (N+1, 6, N+1)."""
    *_, slope = _recursion(degree_of(field))
    degree, order = np.indices(field.cosine.shape).astype(float)
    beyond = 1.0 * (degree > 0)
    cosine, sine = beyond * field.cosine, beyond * field.sine
    stretch = 1.0 + degree + order
    shifted = [jnp.pad(slope * x, ((0, 0), (1, 0)))[:, :-1] for x in (cosine, sine)]
    return jnp.stack([order * cosine, order * sine, *shifted, stretch * cosine, stretch * sine], 1)


def _sum_over_order(
    sums: Float[Array, "6 orders"], powers: Float[Array, "orders 2"], direction: Float[Array, "3"]
) -> Float[Array, "3"]:
    """Pines' a1 to a4 assembled: the gradient in units of GM / r^2."""
    real, imaginary = powers.T
    real_before, imaginary_before = (jnp.pad(x, (1, 0))[:-1] for x in (real, imaginary))
    along, across, rise = (sums[0:2], sums[2:4], sums[4:6])
    a1 = jnp.sum(along[0] * real_before + along[1] * imaginary_before)
    a2 = jnp.sum(along[1] * real_before - along[0] * imaginary_before)
    a3 = jnp.sum(across[0] * real_before + across[1] * imaginary_before)
    a4 = -jnp.sum(rise[0] * real + rise[1] * imaginary) - direction[2] * a3
    return jnp.stack([a1, a2, a3]) + a4 * direction


@cache
def _recursion(
    degree: int,
) -> tuple[
    Float[np.ndarray, "n n"],
    Float[np.ndarray, "n n"],
    Float[np.ndarray, "n n"],
    Float[np.ndarray, "n n"],
]:
    """Constants, each (N+1, N+1): of row n-1, of row n-2, the sectoral start, and of d/du."""
    n, m = np.indices((degree + 1, degree + 1)).astype(float)
    below = m < n
    gap = np.where(below, (n - m) * (n + m), 1.0)
    up_one = np.where(below, np.sqrt(np.abs((2 * n - 1) * (2 * n + 1)) / gap), 0.0)
    two = (2 * n + 1) * (n + m - 1) * (n - m - 1) / (np.where(n == 0, 1, 2 * n - 3) * gap)
    up_two = np.where(below & (m < n - 1), np.sqrt(np.abs(two)), 0.0)
    k = np.arange(1, degree + 1)
    growth = (2 * k + 1) / (2 * k) * np.where(k == 1, 2.0, 1.0)
    start = np.diag(np.sqrt(np.concatenate([[1.0], np.cumprod(growth)])))
    slope = np.sqrt(np.where(below, (n - m) * (n + m + 1), 0.0) * np.where(m == 0, 0.5, 1.0))
    return up_one, up_two, start, slope
