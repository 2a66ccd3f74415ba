import jax
import jax.numpy as jnp
import numpy as np
from jax.extend.random import threefry_2x32
from scipy import stats

from perilune.mechanics.randomness import as_normals, as_uniforms, frame_bits, run_key, stream


def words_of(runs, component="imu", tick=7):
    """Six words of each run, as one batch."""
    return jax.vmap(lambda run: frame_bits(run_key(3, run), tick, {component: (6,)})[component])(
        runs
    )


def test_a_run_draws_the_same_bits_alone_in_a_batch_and_in_any_order():
    together = words_of(jnp.arange(32))
    backwards = words_of(jnp.arange(31, -1, -1))
    alone = jnp.concatenate([words_of(jnp.array([run])) for run in (0, 5, 31)])
    assert bool(jnp.all(together == backwards[::-1]))
    assert bool(jnp.all(together[jnp.array([0, 5, 31])] == alone))


def test_a_compiled_draw_is_the_same_bits():
    assert bool(jnp.all(jax.jit(words_of)(jnp.arange(8)) == words_of(jnp.arange(8))))


def test_a_component_draws_the_same_beside_others_as_alone():
    key = run_key(5, 2)
    alone = frame_bits(key, 3, {"camera": (3, 2)})["camera"]
    beside = frame_bits(key, 3, {"imu": (5,), "camera": (3, 2), "fault": (1,)})
    assert bool(jnp.all(beside["camera"] == alone))
    assert {name: words.shape for name, words in beside.items()} == {
        "imu": (5,),
        "camera": (3, 2),
        "fault": (1,),
    }


def test_the_cipher_is_threefry_as_published():
    """The known answers of Random123's own test vectors, kat_vectors, threefry2x32 20."""
    ones = jnp.full(2, 0xFFFFFFFF, jnp.uint32)
    assert [hex(x) for x in threefry_2x32(jnp.zeros(2, jnp.uint32), jnp.zeros(2, jnp.uint32))] == [
        "0x6b200159",
        "0x99ba4efe",
    ]
    assert [hex(x) for x in threefry_2x32(ones, ones)] == ["0x1cb996fc", "0xbb002be7"]


def test_seeds_runs_components_and_ticks_each_make_another_draw():
    words = [
        int(word)
        for seed in (0, 1)
        for run in (0, 1)
        for component in ("imu", "altimeter")
        for tick in (0, 1)
        for word in frame_bits(run_key(seed, run), tick, {component: (4,)})[component]
    ]
    assert len(set(words)) == len(words)


def test_streams_of_components_differ():
    keys = [stream(run_key(0, 0), name, 0) for name in ("start", "gyro")]
    assert float(jax.random.uniform(keys[0])) != float(jax.random.uniform(keys[1]))


def many_words():
    ticks = jnp.arange(2_000)
    return jax.vmap(lambda tick: frame_bits(run_key(11, 0), tick, {"check": (10,)})["check"])(ticks)


def test_normals_are_normal_and_uniforms_uniform():
    words = many_words().ravel()
    normal, uniform = np.asarray(as_normals(words)), np.asarray(as_uniforms(words))
    assert stats.kstest(normal, "norm").pvalue > 0.01
    assert stats.kstest(uniform, "uniform").pvalue > 0.01
    assert uniform.min() >= 0.0
    assert uniform.max() < 1.0


def test_normals_reach_neither_infinity_nor_past_their_last_step():
    ends = as_normals(jnp.array([0, 0xFFFFFFFF], jnp.uint32))
    np.testing.assert_allclose(ends[0], -ends[1], rtol=1e-6)
    assert 5.0 < float(ends[1]) < 5.5


def test_neighbouring_ticks_and_places_are_uncorrelated():
    normal = np.asarray(as_normals(many_words()))
    assert abs(np.corrcoef(normal[:-1, 0], normal[1:, 0])[0, 1]) < 2.58 / np.sqrt(2_000)
    assert abs(np.corrcoef(normal[:, 0], normal[:, 1])[0, 1]) < 2.58 / np.sqrt(2_000)


def test_draws_are_handed_on_in_double_precision():
    words = frame_bits(run_key(0, 0), 0, {"imu": (2,)})["imu"]
    assert as_normals(words).dtype == jnp.float64
    assert as_uniforms(words).dtype == jnp.float64
