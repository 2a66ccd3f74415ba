"""What the machine can do at most: arithmetic and memory, measured on all cores at once."""

import time

from benchmarks.own_process import SPAWN, cores, pin

SIDE = 512  # of the matrices: three of them are 6 MB
CHAIN = 16  # multiply-adds in a row on each number
NUMBERS = 2048  # 16 kB: they stay in the first cache
TRIAD_SIZE = 8_000_000  # three arrays of 64 MB a process
LEAST_S = 2.0
PATIENCE_S = 120.0


def peak():
    """All cores together: GFlop/s of a matrix product, GFlop/s of compiled multiply-adds, GB/s.

    All in float64. The product is NumPy's (BLAS `dgemm`), one thread a process, a process a core.
    The multiply-adds are a loop of `CHAIN` of them on each of `NUMBERS` numbers, compiled by JAX
    as the flight is. Memory is STREAM's triad (McCalpin 1995), a = b + s·c, in NumPy: two passes,
    counted at the three loads and two stores that they make of it.
    """
    return {
        "matrix_product_gflop_s": _on_all_cores(_product),
        "multiply_add_gflop_s": _on_all_cores(_multiply_adds),
        "triad_gb_s": _on_all_cores(_triad),
    }


def _on_all_cores(kernel):
    """Sum over processes of billions a second while all of them run."""
    places = cores()
    gate, results = SPAWN.Barrier(len(places)), SPAWN.Queue()
    workers = [SPAWN.Process(target=_worker, args=(kernel, at, gate, results)) for at in places]
    for worker in workers:
        worker.start()
    try:
        return sum(results.get(timeout=PATIENCE_S) for _ in workers)
    finally:
        for worker in workers:
            worker.terminate()
            worker.join()


def _worker(kernel, core, gate, results):
    pin(core)
    work, amount = kernel()
    work()
    gate.wait()
    results.put(1e-9 * rate(work, amount, LEAST_S))


def rate(work, amount, least_s, clock=time.perf_counter):
    """The best of repeated runs of `work`, each worth `amount`, in `amount` a second.

    The best and not the mean: a peak is what the machine does when nothing else disturbs it.
    """
    spent_s, best_s = 0.0, float("inf")
    while spent_s < least_s:
        start = clock()
        work()
        taken_s = clock() - start
        spent_s, best_s = spent_s + taken_s, min(best_s, taken_s)
    return amount / best_s


def _product():
    import os

    os.environ["OPENBLAS_NUM_THREADS"] = "1"
    import numpy as np

    left, right = np.random.default_rng(0).random((2, SIDE, SIDE))
    made = np.empty((SIDE, SIDE))
    return lambda: np.matmul(left, right, out=made), 2.0 * SIDE**3


def _multiply_adds(turns=500):
    import jax

    import perilune.mechanics  # noqa: F401, float64 first

    def chained(start):
        def turn(_, now):
            for _ in range(CHAIN):
                now = now * 0.999 + 0.001
            return now

        return jax.lax.fori_loop(0, turns, turn, start)

    start = jax.numpy.ones(NUMBERS)
    made = jax.jit(chained).lower(start).compile()
    amount = 2.0 * CHAIN * turns * start.size
    return lambda: jax.block_until_ready(made(start)), amount


def _triad():
    import numpy as np

    b, c, a = np.ones(TRIAD_SIZE), np.ones(TRIAD_SIZE), np.empty(TRIAD_SIZE)

    def work():
        np.multiply(c, 3.0, out=a)
        np.add(a, b, out=a)

    return work, 5.0 * 8.0 * TRIAD_SIZE
