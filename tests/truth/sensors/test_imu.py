import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy import stats

from perilune.interfaces.imu import ImuErrors, ImuSpec
from perilune.mechanics.randomness import run_key
from perilune.truth.sensors.imu import init, measure, shift, sigma
from tests.truth.sensors.scenes import draw, flown, scene

TICK_S = 0.1
TRUE_M_S, TRUE_RAD = jnp.array([0.3, -0.1, 0.25]), jnp.array([0.002, -0.001, 0.0005])


SPEC = {
    "mount_m": (0.0, 0.0, 0.0),
    "gyro_bias_rad_s": 0.0,
    "gyro_scale_fraction": 0.0,
    "gyro_misalignment_rad": 0.0,
    "angle_random_walk_rad_per_sqrt_s": 0.0,
    "gyro_limit_rad_s": 1e6,
    "gyro_quantum_rad": 0.0,
    "accelerometer_bias_m_s2": 0.0,
    "accelerometer_scale_fraction": 0.0,
    "accelerometer_misalignment_rad": 0.0,
    "velocity_random_walk_m_s_per_sqrt_s": 0.0,
    "accelerometer_limit_m_s2": 1e6,
    "accelerometer_quantum_m_s": 0.0,
    "gyro_g_sensitivity_rad_s_per_m_s2": 0.0,
    "accelerometer_vibration_rectification_s2_per_m": 0.0,
    "mount_flex_rad_per_m_s2": 0.0,
    "vibration_factor": 0.0,
    "vibration_frequency_hz": 100.0,
    "rocking_rad_per_m_s2": 0.0,
    "internal_rate_hz": 1000.0,
}
KEYS = {
    "gyro": ("angle_random_walk_rad_per_sqrt_s", "gyro_limit_rad_s", "gyro_quantum_rad", "rad_s"),
    "accelerometer": (
        "velocity_random_walk_m_s_per_sqrt_s",
        "accelerometer_limit_m_s2",
        "accelerometer_quantum_m_s",
        "m_s2",
    ),
}


def triad(bias=0.0, scale=0.0, skew_rad=(0.0, 0.0, 0.0), **others):
    """What a test changes of three like instruments."""
    figures = {"walk": 0.0, "limit": 1e6, "quantum": 0.0} | others
    return {"bias": np.full(3, bias), "scale": np.full(3, scale), "skew": skew_rad} | figures


def unit(accelerometer, gyro):
    """(data sheet, errors) of a unit."""
    sheet, wrong = dict(SPEC), {}
    for kind, one in (("accelerometer", accelerometer), ("gyro", gyro)):
        walk, limit, quantum, rate = KEYS[kind]
        sheet |= {walk: one["walk"], limit: one["limit"], quantum: one["quantum"]}
        wrong |= {
            f"{kind}_bias_{rate}": tuple(one["bias"]),
            f"{kind}_scale_fraction": tuple(one["scale"]),
            f"{kind}_misalignment_rad": tuple(one["skew"]),
        }
    return flown(ImuSpec.model_construct(**sheet)), flown(ImuErrors.model_construct(**wrong))


def measured(sheet, wrong, residue, increments, noise):
    velocity, rotation = increments
    over = scene(
        period_s=TICK_S, sensed_velocity_body_m_s=velocity, sensed_rotation_body_rad=rotation
    )
    return measure(sheet, wrong, residue, over, draw(noise))


def read(accelerometer, gyro=None, noise=None, residue=None):
    sheet, wrong = unit(accelerometer, gyro or triad())
    noise = jnp.zeros(6) if noise is None else noise
    return measured(sheet, wrong, residue or init(sheet), (TRUE_M_S, TRUE_RAD), noise)


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


def test_it_saturates_either_way_alike():
    reading, _ = read(triad(limit=0.5), triad(limit=0.004))
    np.testing.assert_allclose(reading.velocity_increment_body_m_s, [0.05, -0.05, 0.05])
    np.testing.assert_allclose(reading.rotation_increment_body_rad, [4e-4, -4e-4, 4e-4])


def test_what_quantisation_holds_back_it_gives_later():
    quantum, ticks = 0.07, 200
    sheet, wrong = unit(triad(quantum=quantum), triad(quantum=0.003))

    def tick(residue, _):
        reading, residue = measured(sheet, wrong, residue, (TRUE_M_S, TRUE_RAD), jnp.zeros(6))
        return residue, reading

    start = init(sheet)
    left, readings = jax.lax.scan(tick, start, None, ticks)
    total_m_s = np.asarray(readings.velocity_increment_body_m_s).sum(axis=0)
    np.testing.assert_allclose(total_m_s + left.velocity_m_s, ticks * TRUE_M_S, rtol=1e-12)
    assert np.max(np.abs(left.velocity_m_s)) <= quantum / 2 * (1 + 1e-9)
    counts = np.asarray(readings.velocity_increment_body_m_s) / quantum
    np.testing.assert_allclose(counts, np.round(counts), atol=1e-9)


@pytest.mark.parametrize(("which", "walk"), [("accelerometer", 3e-4), ("gyro", 2e-5)])
def test_a_random_walk_grows_as_the_root_of_time(which, walk):
    runs, ticks = 400, 25
    loud, quiet = triad(walk=walk), triad()
    both = (loud, quiet) if which == "accelerometer" else (quiet, loud)
    sheet, wrong = unit(*both)
    noise = jax.random.normal(run_key(5, 0), (runs, ticks, 6))

    def angle(one_run):
        def tick(residue, draws):
            zero = (jnp.zeros(3), jnp.zeros(3))
            reading, residue = measured(sheet, wrong, residue, zero, draws)
            both = (reading.velocity_increment_body_m_s, reading.rotation_increment_body_rad)
            return residue, both[0] if which == "accelerometer" else both[1]

        start = init(sheet)
        return jnp.sum(jax.lax.scan(tick, start, one_run)[1], axis=0)

    ends = np.asarray(jax.vmap(angle)(noise)).ravel()
    ratio = np.sum(ends**2) / (walk**2 * ticks * TICK_S)
    low, high = stats.chi2.ppf([0.005, 0.995], ends.size)
    assert low < ratio < high


def test_each_kind_has_its_own_noise_and_only_its_own():
    noise = jnp.array([1.0, 2.0, 3.0, 4.0, 5.0, 6.0])
    reading, _ = read(triad(walk=0.1), triad(walk=0.01), noise=noise)
    root_s = np.sqrt(TICK_S)
    velocity, rotation = reading.velocity_increment_body_m_s, reading.rotation_increment_body_rad
    np.testing.assert_allclose(velocity - TRUE_M_S, 0.1 * root_s * noise[:3], atol=1e-14)
    np.testing.assert_allclose(rotation - TRUE_RAD, 0.01 * root_s * noise[3:], atol=1e-14)


def test_a_scale_error_is_of_what_the_turned_triad_sees_and_the_bias_comes_after():
    skew = np.array([0.01, -0.02, 0.03])
    reading, _ = read(triad(bias=0.5, scale=0.1, skew_rad=skew))
    seen = 1.1 * (TRUE_M_S - np.cross(skew, TRUE_M_S)) + 0.5 * TICK_S
    np.testing.assert_allclose(reading.velocity_increment_body_m_s, seen, atol=1e-14)


def test_it_is_always_valid():
    assert bool(read(triad())[0].valid)


def test_a_fault_is_a_rate_times_the_tick():
    reading, _ = read(triad())
    error = jnp.array([1e-3, 0.0, 0.0, 0.0, 0.2, 0.0])
    moved = shift(reading, error, scene(period_s=TICK_S))
    np.testing.assert_allclose(
        moved.rotation_increment_body_rad - TRUE_RAD, [1e-4, 0.0, 0.0], atol=1e-15
    )
    np.testing.assert_allclose(
        moved.velocity_increment_body_m_s - TRUE_M_S, [0.0, 0.02, 0.0], atol=1e-15
    )


def test_its_sigma_as_a_rate_is_its_walk_over_the_root_of_the_tick():
    sheet, _ = unit(triad(walk=0.3), triad(walk=0.01))
    found = sigma(sheet, read(triad())[0], jnp.asarray(TICK_S))
    np.testing.assert_allclose(found, np.repeat([0.01, 0.3], 3) / np.sqrt(TICK_S))
