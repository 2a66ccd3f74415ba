"""Harmonics against two oracles that share nothing with them: pyshtools, and Cunningham's solid
harmonics in extended precision, which know no pole."""

import math

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from perilune.errors import InputError
from perilune.mechanics.gravity import (
    GravityField,
    degree_of,
    harmonics_m_s2,
    point_mass_m_s2,
    third_body_m_s2,
    truncate,
)

GM_M3_S2, RADIUS_M = 4902.8e9, 1_738_000.0
LONG = np.longdouble
harmonics = jax.jit(harmonics_m_s2)


def moonlike(degree):
    """Coefficients that fall off by Kaula's rule as the Moon's do; degree 1 included."""
    drawn = np.random.default_rng(7).normal(size=(2, degree + 1, degree + 1))
    fall = 3e-4 / np.maximum(np.arange(degree + 1.0), 1.0)[:, None] ** 2
    cosine, sine = np.tril(drawn) * fall
    sine[:, 0] = 0.0
    cosine[0, 0] = 1.0
    return GravityField(*map(jnp.asarray, (GM_M3_S2, RADIUS_M, cosine, sine)))


def at(latitude_deg, longitude_deg, radius_m):
    lat, lon = np.radians([latitude_deg, longitude_deg])
    return radius_m * np.array([np.cos(lat) * np.cos(lon), np.cos(lat) * np.sin(lon), np.sin(lat)])


def solid_harmonics(degree, position):
    """Cunningham 1970: V + iW, shape (degree + 1, order + 1), unnormalised, extended precision."""
    x, y, z = (LONG(p) / LONG(RADIUS_M) for p in position)
    squared = x * x + y * y + z * z
    values = np.zeros((degree + 1, degree + 1), dtype=np.clongdouble)
    values[0, 0] = 1.0 / np.sqrt(squared)
    for m in range(degree + 1):
        if m:
            values[m, m] = (2 * m - 1) * (x + 1j * y) / squared * values[m - 1, m - 1]
        for n in range(m + 1, degree + 1):
            last, before = values[n - 1, m], values[n - 2, m] if n > m + 1 else 0.0
            values[n, m] = ((2 * n - 1) * z * last - (n + m - 1) * before) / squared / (n - m)
    return values


def cunningham_m_s2(field, position):
    """Montenbruck and Gill 2000, Satellite Orbits, eq. 3.33, from degree 1 up."""
    degree = degree_of(field)
    values = solid_harmonics(degree + 1, position)
    total = np.zeros(3, dtype=LONG)
    for n in range(1, degree + 1):
        for m in range(n + 1):
            fall = math.factorial(n - m) / math.factorial(n + m)
            norm = np.sqrt(LONG((2 - (m == 0)) * (2 * n + 1)) * LONG(fall))
            c, s = (norm * LONG(float(table[n, m])) for table in (field.cosine, field.sine))
            v, w = values.real, values.imag
            up_v, up_w = v[n + 1, m + 1], w[n + 1, m + 1]
            total[2] += (n - m + 1) * (-c * v[n + 1, m] - s * w[n + 1, m])
            if m == 0:
                total[:2] += [-c * up_v, -c * up_w]
                continue
            low_v, low_w = v[n + 1, m - 1], w[n + 1, m - 1]
            k = (n - m + 2) * (n - m + 1)
            total[0] += 0.5 * ((-c * up_v - s * up_w) + k * (c * low_v + s * low_w))
            total[1] += 0.5 * ((-c * up_w + s * up_v) + k * (-c * low_w + s * low_v))
    return GM_M3_S2 / RADIUS_M**2 * total


PLACES = [(0, 0), (18.56, 61.81), (-84.7906, 29.1957), (-89.9, 200), (89.9999, 33), (45, 300)]


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("degree", [2, 8, 20, 50])
def test_harmonics_equal_solid_harmonics_in_extended_precision(degree, place):
    field, position_m = moonlike(degree), at(*place, 1_745_000.0)
    theirs = cunningham_m_s2(field, position_m).astype(float)
    ours = harmonics(field, jnp.asarray(position_m))
    assert np.linalg.norm(ours - theirs) <= 1e-12 * np.linalg.norm(theirs)


@pytest.mark.parametrize("sign", [1.0, -1.0])
def test_the_very_poles_are_like_any_other_place(sign):
    field = moonlike(20)
    pole_m = np.array([0.0, 0.0, sign * 1_745_000.0])
    ours = harmonics(field, jnp.asarray(pole_m))
    theirs = cunningham_m_s2(field, pole_m).astype(float)
    assert np.linalg.norm(ours - theirs) <= 1e-12 * np.linalg.norm(theirs)


@pytest.mark.parametrize("degree", [8, 50])
@pytest.mark.parametrize("place", [(0.5, 10.0), (-84.7906, 29.1957), (60.0, 250.0)])
def test_harmonics_equal_pyshtools(degree, place):
    gravmag = pytest.importorskip("pyshtools").gravmag
    field = moonlike(degree)
    coefficients = np.array([field.cosine, field.sine])
    coefficients[0, 0, 0] = 0.0
    radius_m = 1_753_000.0
    theirs = gravmag.MakeGravGridPoint(coefficients, GM_M3_S2, RADIUS_M, radius_m, *place)
    lat, lon = np.radians(place)
    up = at(*place, 1.0)
    south = np.array([np.sin(lat) * np.cos(lon), np.sin(lat) * np.sin(lon), -np.cos(lat)])
    east = np.array([-np.sin(lon), np.cos(lon), 0.0])
    ours = np.stack([up, south, east]) @ np.asarray(harmonics(field, radius_m * up))
    assert np.linalg.norm(ours - theirs) <= 1e-12 * np.linalg.norm(theirs)


def test_harmonics_are_the_gradient_of_the_potential():
    field, position_m, step_m = moonlike(20), at(-84.7906, 29.1957, 1_745_000.0), LONG(1.0)

    def potential(position):
        values = solid_harmonics(20, position)
        total = LONG(0.0)
        for n in range(1, 21):
            for m in range(n + 1):
                norm = np.sqrt(
                    LONG((2 - (m == 0)) * (2 * n + 1))
                    * LONG(math.factorial(n - m) / math.factorial(n + m))
                )
                c, s = (norm * LONG(float(table[n, m])) for table in (field.cosine, field.sine))
                total += c * values[n, m].real + s * values[n, m].imag
        return LONG(GM_M3_S2) / LONG(RADIUS_M) * total

    slope = [
        (potential(position_m + step_m * axis) - potential(position_m - step_m * axis))
        / (2 * step_m)
        for axis in np.eye(3, dtype=LONG)
    ]
    ours = harmonics(field, jnp.asarray(position_m))
    np.testing.assert_allclose(ours, np.array(slope, dtype=float), rtol=0, atol=1e-12)


def test_oblateness_alone_is_the_textbook_formula():
    """Vallado 2013, Fundamentals of Astrodynamics, eq. 8-30, with J2 = -sqrt(5) C20."""
    j2, position_m = 2.03e-4, at(-40.0, 75.0, 1_800_000.0)
    cosine = np.zeros((3, 3))
    cosine[2, 0] = -j2 / np.sqrt(5.0)
    field = GravityField(*map(jnp.asarray, (GM_M3_S2, RADIUS_M, cosine, np.zeros((3, 3)))))
    r = np.linalg.norm(position_m)
    up = position_m[2] / r
    factor = -1.5 * j2 * GM_M3_S2 * RADIUS_M**2 / r**5
    theirs = factor * position_m * (np.array([1.0, 1.0, 3.0]) - 5.0 * up**2)
    np.testing.assert_allclose(harmonics(field, position_m), theirs, rtol=1e-13)


def test_many_lanes_give_what_one_gives():
    field = moonlike(12)
    positions_m = jnp.asarray([at(*place, 1_745_000.0) for place in PLACES])
    together = jax.jit(jax.vmap(harmonics_m_s2, (None, 0)))(field, positions_m)
    alone = [harmonics(field, position_m) for position_m in positions_m]
    scale_m_s2 = np.linalg.norm(alone, axis=1, keepdims=True)
    assert np.all(np.abs(together - np.array(alone)) <= 1e-13 * scale_m_s2)  # rounding, reordered


def test_a_truncated_field_forgets_the_rest_and_cannot_be_extended():
    field = moonlike(20)
    short = truncate(field, 8)
    assert degree_of(short) == 8
    np.testing.assert_array_equal(short.sine, field.sine[:9, :9])
    with pytest.raises(InputError, match="between 0 and the field's 8, but is 9"):
        truncate(short, 9)


def test_a_field_of_degree_nought_adds_nothing_to_the_point_mass():
    np.testing.assert_array_equal(
        harmonics(truncate(moonlike(4), 0), at(3.0, 4.0, 1.8e6)), np.zeros(3)
    )


def test_a_point_mass_pulls_by_the_inverse_square():
    position_m = at(10.0, 20.0, 1_800_000.0)
    pull_m_s2 = point_mass_m_s2(GM_M3_S2, position_m)
    np.testing.assert_allclose(
        pull_m_s2, -GM_M3_S2 / 1_800_000.0**2 * at(10.0, 20.0, 1.0), rtol=1e-15
    )


@pytest.mark.parametrize("radius_m", [1.0, 1.745e6, 6e7])
def test_a_third_body_is_the_difference_of_two_pulls_without_its_cancellation(radius_m):
    body_m, position_m = 3.8e8 * at(5.0, 100.0, 1.0), at(-60.0, 33.0, radius_m)
    away = np.array(body_m, dtype=LONG) - np.array(position_m, dtype=LONG)
    body = np.array(body_m, dtype=LONG)

    def cube(vector):
        return np.sqrt(vector @ vector) ** 3

    theirs = LONG(3.986e14) * (away / cube(away) - body / cube(body))
    ours = np.array(third_body_m_s2(3.986e14, jnp.asarray(body_m), jnp.asarray(position_m)))
    tolerance = 1e-13 + 1e-19 * 3.8e8 / radius_m  # the oracle cancels too, 3 digits later
    assert np.linalg.norm(ours - theirs) <= 3 * tolerance * np.linalg.norm(theirs)
