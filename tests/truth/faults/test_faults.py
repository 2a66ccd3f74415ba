import dataclasses

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy import stats

from perilune.interfaces import AltimeterReading, VelocimeterReading
from perilune.mechanics.randomness import run_key
from perilune.truth.faults.faults import no_faults, on_altimeter, on_velocimeter

RANGE = AltimeterReading(jnp.array(4_000.0), jnp.array(0), jnp.array(True))
SPEEDS = VelocimeterReading(jnp.array([1.0, 2.0, 3.0]), jnp.array([True, True, False]))


def same(ours, theirs):
    assert all(map(np.array_equal, jax.tree.leaves(ours), jax.tree.leaves(theirs)))


def test_without_faults_what_was_said_arrives_to_the_bit():
    same(on_altimeter(no_faults(), RANGE, 1e6, jnp.array(2.0)), RANGE)
    same(on_velocimeter(no_faults(), SPEEDS, 1e6), SPEEDS)


@pytest.mark.parametrize(("time_s", "valid"), [(99.9, True), (100.0, False), (500.0, False)])
def test_a_lost_altimeter_is_valid_until_it_is_lost(time_s, valid):
    lost = dataclasses.replace(no_faults(), altimeter_lost_after_s=jnp.array(100.0))
    assert bool(on_altimeter(lost, RANGE, time_s, jnp.array(0.0)).valid) is valid
    same(on_velocimeter(lost, SPEEDS, time_s), SPEEDS)


def test_a_lost_velocimeter_loses_every_beam_and_nothing_else():
    lost = dataclasses.replace(no_faults(), velocimeter_lost_after_s=jnp.array(100.0))
    assert not np.any(on_velocimeter(lost, SPEEDS, 200.0).valid)
    same(on_velocimeter(lost, SPEEDS, 99.0), SPEEDS)
    same(on_altimeter(lost, RANGE, 200.0, jnp.array(1.0)), RANGE)


@pytest.mark.parametrize("factor", [1.0, 3.0, 20.0])
def test_a_noisier_altimeter_has_its_factor_times_the_healthy_sigma(factor):
    healthy_m = np.hypot(0.5, 0.0005 * 4_000.0)
    faults = dataclasses.replace(
        no_faults(),
        altimeter_noise_factor=jnp.array(factor),
        altimeter_noise_m=jnp.array(0.5),
        altimeter_noise_fraction=jnp.array(0.0005),
    )
    noise = jax.random.normal(run_key(6, 2), (4000, 2))

    def error_m(draws):
        read = dataclasses.replace(RANGE, range_m=4_000.0 + healthy_m * draws[0])
        return on_altimeter(faults, read, 0.0, draws[1]).range_m - 4_000.0

    errors_m = np.asarray(jax.vmap(error_m)(noise))
    low, high = stats.chi2.ppf([0.005, 0.995], errors_m.size)
    assert low < np.sum(errors_m**2) / (factor * healthy_m) ** 2 < high


def test_a_range_is_never_negative():
    loud = dataclasses.replace(
        no_faults(), altimeter_noise_factor=jnp.array(50.0), altimeter_noise_m=jnp.array(0.5)
    )
    near = dataclasses.replace(RANGE, range_m=jnp.array(3.0))
    assert float(on_altimeter(loud, near, 0.0, jnp.array(-4.0)).range_m) == 0.0
