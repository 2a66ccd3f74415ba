"""What the machine can do at most: float64 arithmetic and memory, on all cores at once."""

from collections.abc import Callable, Sequence
from multiprocessing.queues import Queue
from multiprocessing.synchronize import Barrier

from benchmarks.own_process import SPAWN, cores, in_own_process, pin
from benchmarks.stopwatch import seconds_of

ROUNDS = 60  # of some hundredths of a second each
TURNS = 10_000_000  # of the loop of multiply-adds in a round
SIDE = 512  # of the matrices: three of them are 6 MB
PRODUCTS = 6  # of them in a round
TRIAD_SIZE = 8_000_000  # three arrays of 64 MB a process
TRIADS = 3  # in a round
PATIENCE_S = 300.0

Kernel = Callable[[], tuple[Callable[[], object], float]]


def peak() -> dict[str, float]:
    """GFlop/s of multiply-adds of one core and of all, and of a matrix product; GB/s.

    All in float64. The peak is that of fused multiply-adds, two operations each, on the widest
    vectors of the processor, as many at once as its units take (`multiply_add.py`): first on one
    core while the others are idle, then on all together. Two hyperthreads of a core share its
    units, and then the second figure is less than the first times the cores. The matrix product is
    NumPy's (BLAS `dgemm`), one thread a process, a process a core; its library may fall short of
    the peak. Memory is STREAM's triad (McCalpin 1995), a = b + s·c, in NumPy: two passes, counted
    at the three loads and two stores that they make of it.
    """
    places = cores()
    return {
        "vector_bits": in_own_process(vector_bits),
        "one_core_gflop_s": best_rate(multiply_adds, places[:1]),
        "all_cores_gflop_s": best_rate(multiply_adds, places),
        "matrix_product_gflop_s": best_rate(matrix_product, places),
        "triad_gb_s": best_rate(triad, places),
    }


def best_rate(kernel: Kernel, places: Sequence[int]) -> float:
    """Billions a second of the best round of `kernel` on the cores `places`, a process each.

    All cores begin a round together. The best and not the mean: a peak is what the machine does
    when nothing else disturbs it.
    """
    gate, results = SPAWN.Barrier(len(places)), SPAWN.Queue()
    workers = [SPAWN.Process(target=_worker, args=(kernel, at, gate, results)) for at in places]
    for worker in workers:
        worker.start()
    try:
        return 1e-9 * best_round([results.get(timeout=PATIENCE_S) for _ in workers])
    finally:
        for worker in workers:
            worker.terminate()
            worker.join()


def best_round(rates: Sequence[Sequence[float]]) -> float:
    """Of each worker's rates, round by round: the largest sum over all workers in one round."""
    return max(sum(each) for each in zip(*rates, strict=True))


def _worker(kernel: Kernel, core: int, gate: Barrier, results: Queue) -> None:
    pin(core)
    work, amount = kernel()
    work()
    rates = []
    for _ in range(ROUNDS):
        gate.wait()
        work_s = seconds_of(work)[1]
        rates.append(amount / work_s)
    results.put(rates)


def vector_bits() -> int:
    """Bits of the vectors that the multiply-adds work on."""
    from benchmarks.multiply_add import multiply_add_loop

    return multiply_add_loop()[1]


def multiply_adds() -> tuple[Callable[[], object], float]:
    """A round of multiply-adds, and its operations."""
    from benchmarks.multiply_add import multiply_add_loop, operations_a_turn

    loop, bits = multiply_add_loop()
    return lambda: loop(TURNS), float(TURNS * operations_a_turn(bits))


def matrix_product() -> tuple[Callable[[], object], float]:
    """A round of products of matrices on one thread, and its operations."""
    import os

    os.environ["OPENBLAS_NUM_THREADS"] = "1"
    import numpy as np

    left, right = np.random.default_rng(0).random((2, SIDE, SIDE))
    made = np.empty((SIDE, SIDE))

    def work() -> None:
        for _ in range(PRODUCTS):
            np.matmul(left, right, out=made)

    return work, 2.0 * PRODUCTS * SIDE**3


def triad() -> tuple[Callable[[], object], float]:
    """A round of triads, and its bytes."""
    import numpy as np

    b, c, a = np.ones(TRIAD_SIZE), np.ones(TRIAD_SIZE), np.empty(TRIAD_SIZE)

    def work() -> None:
        for _ in range(TRIADS):
            np.multiply(c, 3.0, out=a)
            np.add(a, b, out=a)

    return work, 5.0 * 8.0 * TRIADS * TRIAD_SIZE


if __name__ == "__main__":
    import json
    import os

    load = os.getloadavg()[0]
    print(json.dumps({"load_before": load, **peak()}))
