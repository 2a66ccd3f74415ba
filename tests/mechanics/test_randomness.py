import jax
import jax.numpy as jnp
import numpy as np
from scipy import stats

from perilune.mechanics.randomness import normals, run_key, stream, uniforms


def draws_of(runs, component="imu", tick=7):
    """Six normals of each run, as one batch."""
    return jax.vmap(lambda run: normals(stream(run_key(3, run), component, tick), (6,)))(runs)


def test_a_run_draws_the_same_bits_alone_in_a_batch_and_in_any_order():
    together = draws_of(jnp.arange(32))
    backwards = draws_of(jnp.arange(31, -1, -1))
    alone = jnp.concatenate([draws_of(jnp.array([run])) for run in (0, 5, 31)])
    assert bool(jnp.all(together == backwards[::-1]))
    assert bool(jnp.all(together[jnp.array([0, 5, 31])] == alone))


def test_a_compiled_draw_is_the_same_bits():
    assert bool(jnp.all(jax.jit(draws_of)(jnp.arange(8)) == draws_of(jnp.arange(8))))


def test_seeds_runs_components_and_ticks_each_make_another_stream():
    keys = [
        stream(run_key(seed, run), component, tick)
        for seed in (0, 1)
        for run in (0, 1)
        for component in ("imu noise", "altimeter noise")
        for tick in (0, 1)
    ]
    drawn = {float(normals(key, ())) for key in keys}
    assert len(drawn) == len(keys)


def test_normals_are_normal_and_uniforms_uniform():
    key = stream(run_key(11, 0), "check", 0)
    normal, uniform = np.asarray(normals(key, (20_000,))), np.asarray(uniforms(key, (20_000,)))
    assert stats.kstest(normal, "norm").pvalue > 0.01
    assert stats.kstest(uniform, "uniform").pvalue > 0.01
    assert uniform.min() >= 0.0
    assert uniform.max() < 1.0


def test_streams_of_neighbouring_ticks_are_uncorrelated():
    key = run_key(2, 9)
    series = np.asarray(
        jax.vmap(lambda tick: normals(stream(key, "imu", tick), ()))(jnp.arange(8000))
    )
    assert abs(np.corrcoef(series[:-1], series[1:])[0, 1]) < 2.58 / np.sqrt(8000)


def test_draws_are_handed_on_in_double_precision():
    assert normals(run_key(0, 0), (2,)).dtype == jnp.float64
    assert uniforms(run_key(0, 0), (2,)).dtype == jnp.float64
