import dataclasses

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy import stats

from perilune.mechanics.randomness import run_key
from perilune.truth.sensors.imu import Imu, ImuResidue, TriadErrors, measure
from validation.bodies import numbers

TICK_S = 0.1
TRUE_M_S, TRUE_RAD = jnp.array([0.3, -0.1, 0.25]), jnp.array([0.002, -0.001, 0.0005])


def triad(bias=0.0, scale=0.0, skew_rad=(0.0, 0.0, 0.0), **others):
    figures = {"walk": 0.0, "limit": 1e6, "quantum": 1e-15} | others
    return TriadErrors(*numbers(np.full(3, bias), np.full(3, scale), skew_rad, *figures.values()))


def read(accelerometer, gyro=None, noise=None, residue=None):
    unit = Imu(gyro or triad(), accelerometer)
    nothing = residue or ImuResidue(jnp.zeros(3), jnp.zeros(3))
    noise = jnp.zeros(6) if noise is None else noise
    return measure(unit, nothing, (TRUE_M_S, TRUE_RAD), noise, TICK_S)


def test_a_perfect_unit_reads_what_is_true():
    reading, _ = read(triad())
    np.testing.assert_allclose(reading.velocity_increment_body_m_s, TRUE_M_S, atol=1e-15)
    np.testing.assert_allclose(reading.rotation_increment_body_rad, TRUE_RAD, atol=1e-15)


def test_a_bias_adds_its_rate_times_the_tick_and_a_scale_its_share():
    reading, _ = read(triad(bias=0.02), triad(scale=0.01))
    np.testing.assert_allclose(reading.velocity_increment_body_m_s, TRUE_M_S + 0.002, atol=1e-14)
    np.testing.assert_allclose(reading.rotation_increment_body_rad, 1.01 * TRUE_RAD, atol=1e-14)


def test_a_turned_triad_sees_the_vector_turned_the_other_way():
    skew = np.array([1e-4, -2e-4, 3e-4])
    reading, _ = read(triad(skew_rad=skew))
    seen = np.asarray(reading.velocity_increment_body_m_s)
    np.testing.assert_allclose(seen, TRUE_M_S - np.cross(skew, TRUE_M_S), atol=1e-14)


def test_past_its_limit_it_saturates():
    reading, _ = read(triad(limit=2.0), triad(limit=0.01))
    np.testing.assert_allclose(reading.velocity_increment_body_m_s, [0.2, -0.1, 0.2], atol=1e-14)
    np.testing.assert_allclose(
        reading.rotation_increment_body_rad, [0.001, -0.001, 0.0005], atol=1e-14
    )


def test_what_quantisation_holds_back_it_gives_later():
    quantum, ticks = 0.07, 200
    unit = Imu(triad(quantum=0.003), triad(quantum=quantum))

    def tick(residue, _):
        reading, residue = measure(unit, residue, (TRUE_M_S, TRUE_RAD), jnp.zeros(6), TICK_S)
        return residue, reading

    start = ImuResidue(jnp.zeros(3), jnp.zeros(3))
    left, readings = jax.lax.scan(tick, start, None, ticks)
    total_m_s = np.asarray(readings.velocity_increment_body_m_s).sum(axis=0)
    np.testing.assert_allclose(total_m_s + left.velocity_m_s, ticks * TRUE_M_S, rtol=1e-12)
    assert np.max(np.abs(left.velocity_m_s)) <= quantum / 2 * (1 + 1e-9)
    counts = np.asarray(readings.velocity_increment_body_m_s) / quantum
    np.testing.assert_allclose(counts, np.round(counts), atol=1e-9)


@pytest.mark.parametrize(("which", "walk"), [("accelerometer", 3e-4), ("gyro", 2e-5)])
def test_a_random_walk_grows_as_the_root_of_time(which, walk):
    runs, ticks = 400, 25
    unit = dataclasses.replace(Imu(triad(), triad()), **{which: triad(walk=walk)})
    noise = jax.random.normal(run_key(5, 0), (runs, ticks, 6))

    def angle(one_run):
        def tick(residue, draws):
            zero = (jnp.zeros(3), jnp.zeros(3))
            reading, residue = measure(unit, residue, zero, draws, TICK_S)
            both = (reading.velocity_increment_body_m_s, reading.rotation_increment_body_rad)
            return residue, both[0] if which == "accelerometer" else both[1]

        start = ImuResidue(jnp.zeros(3), jnp.zeros(3))
        return jnp.sum(jax.lax.scan(tick, start, one_run)[1], axis=0)

    ends = np.asarray(jax.vmap(angle)(noise)).ravel()
    ratio = np.sum(ends**2) / (walk**2 * ticks * TICK_S)
    low, high = stats.chi2.ppf([0.005, 0.995], ends.size)
    assert low < ratio < high
